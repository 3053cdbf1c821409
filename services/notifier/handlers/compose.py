"""Puts words, channel and provider together: a message is finished before its delivery is marked as being sent."""

from collections.abc import Mapping

from libs.policy.laws import Laws
from libs.runtime.clock import Clock
from services.notifier.channels.outcome import Accepted, Send
from services.notifier.channels.ports import Question
from services.notifier.channels.providers import Providers
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.kinds.registry import kind_of
from services.notifier.domain.opens import UNCOUNTED, may_count
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.short_link import MessageLinks, ShortLinks
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.rendering.copies import Copy
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.store_templates import StoreTemplates


class Composer:
    """Composes messages of every channel in the voice of every store."""

    def __init__(
        self,
        stores: Mapping[str, Store],
        templates: StoreTemplates,
        providers: Providers,
        links: ShortLinks,
        clock: Clock,
        laws: Laws | None = None,
    ) -> None:
        self._stores, self._templates, self._providers = stores, templates, providers
        self._links, self._clock, self._laws = links, clock, laws

    def links(self, reminder: Reminder) -> MessageLinks:
        """The links that a message of this reminder has."""
        return self._links.of(reminder.reminder_id, kind_of(reminder).link)

    async def asked(self, reminder: Reminder, question: Question) -> Accepted | None:
        """The message, if one of the providers that its store names surely has it."""
        return await self._providers.ask(reminder.channel, self._stores[reminder.store_id], question)

    def compose(self, reminder: Reminder, contact: Contact, snapshot: CartSnapshot, copy: Copy) -> Send:
        """The finished message, waiting for the word; `copy` remembers what is written.

        Raises `UnknownProviderError`, `ProviderNotConfiguredError`, `UnknownTemplateError`, `UnknownPhraseError`,
        `MissingVariableError`, `BrokenTemplateError` or `UnusableAddressError`.
        """
        store = self._stores[reminder.store_id]
        provider = self._providers.of(reminder.channel, reminder.store_id, store)
        templates = self._templates.of(store)
        links = self.links(reminder)
        draft = Draft(
            reminder,
            contact,
            snapshot,
            store,
            templates,
            links.unsubscribe_url,
            self._clock(),
            short_url=links.url,
            preferences_url=links.preferences_url,
            hidden_url=links.hidden_url,
            monthly_url=links.monthly_url,
            pixel_url=links.pixel_url if self._counts_opens(reminder, contact, store) else "",
            bounce_key=links.bounce_key,
            copy=copy,
        )
        return CHANNELS[reminder.channel].compose(draft, provider)

    def _counts_opens(self, reminder: Reminder, contact: Contact, store: Store) -> bool:
        """Never of what tells of an order, or asks an address whether it may be written to."""
        return kind_of(reminder).purpose not in UNCOUNTED and may_count(store, contact, self._laws)
