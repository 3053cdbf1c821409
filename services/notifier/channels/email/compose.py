"""A reminder as an e-mail, ready to be sent."""

from dataclasses import replace

from services.notifier.channels.outcome import LastWord, Outcome, Send
from services.notifier.channels.ports import EmailProvider
from services.notifier.domain.bounce_address import bounce_address
from services.notifier.domain.envelope import Envelope
from services.notifier.rendering.counting import with_counters
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter
from services.notifier.rendering.mime import build


def compose(draft: Draft, provider: EmailProvider) -> Send:
    """Raises as `compose_letter`, and `UnusableAddressError`; so does what it gives, where it has to render anew."""
    envelope = _envelope(draft)

    async def send(last_word: LastWord) -> Outcome:
        async def final() -> Envelope | None:
            now = await last_word()
            if now is None:
                return None
            return envelope if draft.holds(now) else _envelope(replace(draft, snapshot=now))

        return await provider.send(envelope, final)

    return send


def _envelope(draft: Draft) -> Envelope:
    base = draft.store.bounce_address
    whole = _built(draft)
    return replace(whole, return_path=bounce_address(base, draft.bounce_key)) if base and draft.bounce_key else whole


def _built(draft: Draft) -> Envelope:
    return build(
        with_counters(compose_letter(draft), draft),
        reminder_id=draft.reminder.reminder_id,
        sender=draft.store.email_from or "",
        sender_name=draft.store.name,
        recipient=draft.contact.email or "",
        date=draft.now,
        unsubscribe=None if draft.transactional else draft.unsubscribe_url,
    )
