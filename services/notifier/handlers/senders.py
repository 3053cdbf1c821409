"""Puts words and channel together: what is to be sent is finished before the delivery is marked as being sent."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

import structlog

from libs.runtime.clock import Clock
from services.notifier.channels.email import EmailChannel
from services.notifier.channels.outcome import Outcome
from services.notifier.channels.sms import SmsChannel
from services.notifier.domain.relevance import CartSnapshot
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links, Unsubscription
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.mime import build
from services.notifier.rendering.templates import BrokenTemplateError, Templates

log = structlog.get_logger(__name__)

Send = Callable[[], Awaitable[Outcome]]


class Senders:
    """Both channels, in the voice of every store."""

    def __init__(
        self, stores: Mapping[str, Store], email: EmailChannel, sms: SmsChannel, links: Links, clock: Clock
    ) -> None:
        self._stores, self._email, self._sms, self._links, self._clock = stores, email, sms, links, clock
        self._templates = load(stores)

    def prepare(self, reminder: Reminder, contact: Contact, look: CartSnapshot) -> Send:
        """The finished message, waiting for the word.

        Raises `UnknownTemplateError`, `BrokenTemplateError` or `UnusableAddressError`.
        """
        store, templates = self._stores[reminder.store_id], self._templates.get(reminder.store_id)
        if templates is None:
            raise BrokenTemplateError("the store's own templates could not be loaded")
        who = Unsubscription(reminder.store_id, reminder.customer_id, reminder.channel)
        unsubscribe = self._links.unsubscribe_url(who)
        if reminder.channel == "sms":
            text = compose_text(reminder, contact, look, store, templates, unsubscribe)
            return partial(self._sms.send, store.sms_from, contact.phone or "", text)
        letter = compose_letter(reminder, contact, look, store, templates, unsubscribe)
        envelope = build(
            letter,
            reminder_id=reminder.reminder_id,
            sender=store.email_from,
            sender_name=store.name,
            recipient=contact.email or "",
            date=self._clock(),
            unsubscribe=unsubscribe,
        )
        return partial(self._email.send, envelope)

    async def close(self) -> None:
        """Closes both channels' connections."""
        await self._email.close()
        await self._sms.close()


def load(stores: Mapping[str, Store]) -> dict[str, Templates]:
    """Every store's templates, tried out. A store whose own are broken is left out: the others have to go on."""
    shipped = Templates()
    shipped.check()
    found: dict[str, Templates] = {}
    for store_id, store in stores.items():
        try:
            templates = Templates(store.templates_dir) if store.templates_dir else shipped
            templates.check()
        except BrokenTemplateError as error:
            log.error("templates.broken", store_id=store_id, error=str(error))  # noqa: TRY400 - the error says it all
        else:
            found[store_id] = templates
    return found
