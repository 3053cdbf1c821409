"""Puts words, channel and provider together: a message is finished before its delivery is marked as being sent."""

from collections.abc import Mapping

import structlog

from libs.runtime.clock import Clock
from services.notifier.channels.outcome import Send
from services.notifier.channels.providers import Providers
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links, Unsubscription
from services.notifier.rendering.message import Draft
from services.notifier.rendering.templates import BrokenTemplateError, Templates

log = structlog.get_logger(__name__)


class Composer:
    """Composes messages of every channel in the voice of every store."""

    def __init__(self, stores: Mapping[str, Store], providers: Providers, links: Links, clock: Clock) -> None:
        self._stores, self._providers, self._links, self._clock = stores, providers, links, clock
        self._templates = load(stores)

    def compose(self, reminder: Reminder, contact: Contact, snapshot: CartSnapshot) -> Send:
        """The finished message, waiting for the word.

        Raises `UnknownProviderError`, `ProviderNotConfiguredError`, `UnknownTemplateError`, `UnknownPhraseError`,
        `BrokenTemplateError` or `UnusableAddressError`.
        """
        store, templates = self._stores[reminder.store_id], self._templates.get(reminder.store_id)
        provider = self._providers.of(reminder.channel, store)
        if templates is None:
            raise BrokenTemplateError("the store's own templates could not be loaded")
        who = Unsubscription(reminder.store_id, reminder.customer_id, reminder.channel)
        url = self._links.unsubscribe_url(who)
        draft = Draft(reminder, contact, snapshot, store, templates, url, self._clock())
        return CHANNELS[reminder.channel].compose(draft, provider)


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
