"""A reminder as a text message, ready to be sent."""

from dataclasses import replace

from services.notifier.channels.outcome import LastWord, Outcome, Send
from services.notifier.channels.ports import SmsProvider
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_text


def compose(draft: Draft, provider: SmsProvider) -> Send:
    """The words to wherever its channel reaches the customer: a telephone, a chat. Raises as `compose_text`; so does
    what it gives, where it has to render anew.
    """
    text, channel = compose_text(draft), draft.reminder.channel

    async def send(last_word: LastWord) -> Outcome:
        async def final() -> str | None:
            now = await last_word()
            if now is None:
                return None
            return text if draft.holds(now) else compose_text(replace(draft, snapshot=now))

        sender, recipient = draft.store.sender(channel) or "", draft.contact.address(channel) or ""
        return await provider.send(sender, recipient, final, reminder_id=draft.reminder.reminder_id)

    return send
