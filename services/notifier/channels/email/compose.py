"""A reminder as an e-mail, ready to be sent."""

from functools import partial

from services.notifier.channels.outcome import Send
from services.notifier.channels.ports import EmailProvider
from services.notifier.rendering.message import Draft, compose_letter
from services.notifier.rendering.mime import build


def compose(draft: Draft, provider: EmailProvider) -> Send:
    """Raises as `compose_letter`, and `UnusableAddressError`."""
    envelope = build(
        compose_letter(draft),
        reminder_id=draft.reminder.reminder_id,
        sender=draft.store.email_from or "",
        sender_name=draft.store.name,
        recipient=draft.contact.email or "",
        date=draft.now,
        unsubscribe=draft.unsubscribe_url,
    )
    return partial(provider.send, envelope)
