"""One delivery: checks, last look, words, send, record. Its claim is committed before, its record after.

`begin_sending` is committed by the last word, when the provider is about to be given the message. Crash before it:
nothing was sent, the lease lapses, the next holder starts over. Crash between it and the record: the provider may have
the message, the next holder finds the row `sending` and the store's choice decides. Every write filters on the lease.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import chain, repeat
from time import perf_counter
from typing import Literal

import structlog

from libs.outbox.waker import Waker
from libs.policy.held_back import Cancel, Expire, Wait
from libs.policy.laws import Laws
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.notifier.cart_client import CartClient, CartUnavailableError
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Send, Withheld
from services.notifier.channels.providers import ProviderNotConfiguredError, UnknownProviderError
from services.notifier.channels.registry import CHANNELS
from services.notifier.coupon_client import CouponClient
from services.notifier.domain.kinds.registry import KINDS, kind_of
from services.notifier.domain.policy import Go, Rules, Verdict, check
from services.notifier.domain.relevance import outdated, why_not
from services.notifier.domain.reminder import COPIES_MOST, Contact, RecipientState, Reminder
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.coupons import Coupons
from services.notifier.handlers.ends import End, Finished, Switched, answered, closed_channel, retried, stopped
from services.notifier.handlers.found import Found
from services.notifier.handlers.last_word import LastWord, Looked
from services.notifier.handlers.recipients import Candidate, Recipients
from services.notifier.handlers.record import Recorder
from services.notifier.metrics import AGE, PROVIDER, REFUSED_US
from services.notifier.rendering.copies import Copy
from services.notifier.rendering.mime import UnusableAddressError
from services.notifier.rendering.phrases import MissingVariableError, UnknownPhraseError
from services.notifier.rendering.templates import BrokenTemplateError, UnknownTemplateError

log = structlog.get_logger(__name__)

UNSENDABLE = (
    *(UnknownProviderError, ProviderNotConfiguredError, UnknownTemplateError, UnusableAddressError),
    *(MissingVariableError, BrokenTemplateError, UnknownPhraseError),
)
PAUSES_S = (0.1, 0.3, 1.0)
Point = Literal["claimed", "before_send", "after_send", "recorded"]


class Delivery:
    """Carries claimed reminders to their end. `at` is told where a delivery is, so that a test can crash there."""

    def __init__(
        self,
        pool: Pool,
        carts: CartClient,
        composer: Composer,
        stores: Mapping[str, Store],
        waker: Waker,
        clock: Clock,
        *,
        lease: timedelta,
        contact_grace: timedelta,
        laws: Laws | None = None,
        shops: CouponClient | None = None,
        at: Callable[[Point, Reminder], None] = lambda _point, _reminder: None,
    ) -> None:
        self._carts, self._composer, self._stores = carts, composer, stores
        self._clock, self._grace, self._at, self._laws = clock, contact_grace, at, laws
        self._recipients = Recipients(pool, self._verdict, lease)
        self._recorder, self._found = Recorder(pool, waker, clock, stores), Found(pool, composer, stores)
        self._coupons = Coupons(pool, clock, shops)

    async def deliver(self, r: Reminder) -> Outcome | None:
        """Takes a claimed reminder as far as it goes; returns what the provider said. Failures of ours let it lapse."""
        self._at("claimed", r)
        ready = await self._ready(r)
        if isinstance(ready, End):
            await self._end(r, ready)
            return None
        r, contact, send, last_word = ready
        outcome = await self._send(r, send, last_word)
        self._at("after_send", r)
        if isinstance(outcome, End):
            await self._end(r, outcome)
            return None
        if isinstance(outcome, Withheld):
            await self._withheld(r, last_word.end)
            return outcome
        await self._keep(r, contact, outcome, last_word.copy.take())
        self._at("recorded", r)
        return outcome

    async def _ready(self, r: Reminder) -> tuple[Reminder, Contact, Send, LastWord] | End:
        """The finished message with what it offers, and whom it is for, with nothing begun yet."""
        if end := await self._found.end(r) or self._undeliverable(r):
            return end
        contact = await self._check(r)
        if isinstance(contact, End):
            return contact
        looked = await self._look(r, contact)
        if isinstance(looked, End):
            return looked
        offered = await self._coupons.offered(r, contact)
        if isinstance(offered, End):
            return offered
        send = self._compose(offered, contact, looked.snapshot, copy := Copy())
        if isinstance(send, End):
            return send
        begin, look = partial(self._begin, r, contact, copy), partial(self._look, r, contact)
        return offered, contact, send, LastWord(looked, begin, look, copy)

    async def _withheld(self, r: Reminder, end: End | None) -> None:
        if end is None:
            log.info("delivery.lost", reminder_id=str(r.reminder_id))
        else:
            await self._end(r, end)

    async def _end(self, r: Reminder, end: End) -> None:
        """Writes an end; where its channel is closed and a further one is open, it goes on by that."""
        if closed_channel(end):
            for other in (replace(r, channel=channel) for channel in r.further_channels):
                found = self._undeliverable(other) or await self._check(other)
                if not isinstance(found, Finished):
                    end = Switched(other.channel)
                    break
        await self._recorder.end(r, end)

    def _undeliverable(self, r: Reminder) -> End | None:
        """An end without asking anybody; a store of which nothing was heard yet is waited for."""
        store, now = self._stores.get(r.store_id), self._clock()
        if store is None:
            waits = now < r.expires_at
            return retried(r, "unknown_store", now) if waits else stopped(r, Expire("unknown_store"), now)
        if r.kind not in KINDS:
            return Finished("failed", "unknown_kind")
        if r.channel not in CHANNELS:
            return Finished("failed", "unknown_channel")
        if r.interrupted and (store.delivery == "at_most_once" or r.copies >= COPIES_MOST):
            return Finished("unknown", "interrupted")
        reason = store.silent(r.channel)
        return stopped(r, Cancel(reason), now) if reason else None

    async def _check(self, r: Reminder) -> Contact | End:
        """Whom it is for, if it may be sent to them now."""
        verdict = self._verdict(r, await self._recipients.state(r))
        return verdict.contact if isinstance(verdict, Go) else stopped(r, verdict, self._clock())

    def _verdict(self, r: Reminder, recipient: RecipientState) -> Verdict:
        store = self._stores[r.store_id]
        once = CHANNELS[r.channel].once_a_cart and kind_of(r).once_a_cart
        unasked = (kind_of(r).purpose == "transactional", kind_of(r).purpose == "confirmation")
        rules = Rules(store.cap(r.channel), store.quiet, store.zone, self._grace, once, *unasked, laws=self._laws)
        return check(r, recipient, rules, self._clock())

    async def _look(self, r: Reminder, contact: Contact) -> Looked | End:
        """The cart as it is now, if what the reminder says still holds, and is wanted by both who know of consent."""
        asked = perf_counter()
        try:
            snapshot = await self._looked_at(r)
        except CartUnavailableError as error:
            log.warning("delivery.cart_unavailable", reminder_id=str(r.reminder_id), error=str(error))
            return retried(r, "cart_unavailable", self._clock())
        if reason := why_not(r, snapshot):
            return stopped(r, Cancel(reason), self._clock())
        assert snapshot is not None
        if outdated(contact, snapshot):
            return retried(r, "profile_unread", self._clock())
        return Looked(snapshot, asked)

    async def _looked_at(self, r: Reminder) -> CartSnapshot | None:
        if kind_of(r).about == "customer":
            return await self._carts.look_at_customer(r.store_id, r.customer_id, r.order_id, r.sku, r.viewed)
        return None if r.cart_id is None else await self._carts.look(r.store_id, r.cart_id)

    def _compose(self, r: Reminder, contact: Contact, snapshot: CartSnapshot, copy: Copy) -> Send | End:
        try:
            return self._composer.compose(r, contact, snapshot, copy)
        except UNSENDABLE as error:
            return self._unsendable(r, error)

    def _unsendable(self, r: Reminder, error: Exception) -> End:
        """What somebody may repair in time waits; what speaks of this message or of a name that nobody knows fails."""
        match error:
            case UnknownProviderError():
                return Finished("failed", "unknown_provider")
            case UnknownTemplateError():
                return Finished("failed", "unknown_template")
            case UnusableAddressError():
                return Finished("failed", "unusable_address")
            case ProviderNotConfiguredError():
                log.error("delivery.provider_not_configured", store_id=r.store_id, error=str(error))
                return retried(r, "provider_not_configured", self._clock())
        reason = "missing_variable" if isinstance(error, MissingVariableError) else "broken_template"
        log.error(f"delivery.{reason}", template=r.template, store_id=r.store_id, error=str(error))
        return retried(r, reason, self._clock())

    async def _begin(self, r: Reminder, contact: Contact, copy: Copy) -> bool | End:
        """Checks once more with everybody else kept out, and commits to sending; False if the lease was lost."""
        address = contact.address(r.channel)
        assert address is not None
        links = self._composer.links(r).hashes
        now = await self._recipients.begin(Candidate(r, contact, address, links, copy.take()))
        if now.begun:
            self._at("before_send", r)
        match now.verdict:
            case Go(known) if known == contact:
                return now.begun
            case Go():
                return stopped(r, Wait(self._clock(), "contact_changed"), self._clock())
            case verdict:
                return stopped(r, verdict, self._clock())

    async def _send(self, r: Reminder, send: Send, last_word: LastWord) -> Outcome | End:
        started = perf_counter()
        try:
            outcome = await send(last_word)
        except UNSENDABLE as error:  # a later look wanted it rendered anew
            return self._unsendable(r, error)
        PROVIDER.labels(r.channel).observe(perf_counter() - started)
        if isinstance(outcome, Accepted):
            AGE.labels(r.channel).observe(max(0.0, (self._clock() - r.due_at).total_seconds()))
        if isinstance(outcome, Postponed) and outcome.ours:
            REFUSED_US.labels(r.channel, r.store_id, outcome.reason).inc()
            log.error("delivery.refused_us", store_id=r.store_id, channel=r.channel, reason=outcome.reason)
        return outcome

    async def _keep(self, r: Reminder, contact: Contact, outcome: Outcome, content: bytes | None) -> None:
        """Tries until it is written: a provider's answer must not be lost to a database that is briefly away."""
        for pause in chain(PAUSES_S, repeat(PAUSES_S[-1])):
            try:
                return await self._record(r, contact, outcome, content)
            except FAILURES as error:
                log.warning("delivery.record_retry", reminder_id=str(r.reminder_id), error=type(error).__name__)
                await asyncio.sleep(pause)
        return None

    async def _record(self, r: Reminder, contact: Contact, outcome: Outcome, content: bytes | None) -> None:
        repeat_unclear = self._stores[r.store_id].delivery == "at_least_once"
        end = answered(r, outcome, self._clock(), repeat_unclear=repeat_unclear)
        await self._recorder.end(r, end, contact.address(r.channel), content)
