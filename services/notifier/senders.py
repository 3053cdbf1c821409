"""Puts words and channel together: what is to be sent is finished before the delivery is marked as being sent."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from libs.runtime.clock import Clock
from services.notifier.channels.email import EmailChannel
from services.notifier.channels.outcome import Outcome
from services.notifier.channels.sms import SmsChannel
from services.notifier.composing import compose_letter, compose_text
from services.notifier.links import Links, Unsubscription
from services.notifier.mime import build
from services.notifier.relevance import Look
from services.notifier.reminder import Contact, Reminder
from services.notifier.rendering import Templates
from services.notifier.shop import Shop

Send = Callable[[], Awaitable[Outcome]]


class Senders:
    """Both channels, in the voice of every store."""

    def __init__(
        self, stores: Mapping[str, Shop], email: EmailChannel, sms: SmsChannel, links: Links, clock: Clock
    ) -> None:
        self._stores, self._email, self._sms, self._links, self._clock = stores, email, sms, links, clock
        self._templates = {store_id: Templates(store.templates_dir) for store_id, store in stores.items()}
        for templates in self._templates.values():
            templates.check()

    def prepare(self, reminder: Reminder, contact: Contact, look: Look) -> Send:
        """The finished message, waiting for the word.

        Raises `UnknownTemplateError`, `BrokenTemplateError` or `UnusableAddressError`.
        """
        store, templates = self._stores[reminder.store_id], self._templates[reminder.store_id]
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
