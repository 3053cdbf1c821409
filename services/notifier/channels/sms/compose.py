"""A reminder as a text message, ready to be sent."""

from functools import partial

from services.notifier.channels.outcome import Send
from services.notifier.channels.ports import SmsProvider
from services.notifier.rendering.message import Draft, compose_text


def compose(draft: Draft, provider: SmsProvider) -> Send:
    """Raises as `compose_text`."""
    return partial(provider.send, draft.store.sms_from or "", draft.contact.phone or "", compose_text(draft))
