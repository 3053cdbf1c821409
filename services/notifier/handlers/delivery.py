"""One delivery: checks, last look, words, send, record. Its claim is committed before, its record after.

Crash before `begin_sending` committed: nothing was sent, the lease lapses, the next holder starts over. Crash between
it and the record: the provider may have the message, the next holder finds the row `sending` and the store's choice
decides. Every write filters on the lease.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import chain, repeat
from time import perf_counter
from typing import Literal

import structlog

from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.notifier.cart_client import CartClient, CartUnavailableError
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Send
from services.notifier.channels.providers import ProviderNotConfiguredError, UnknownProviderError
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import deliveries, recipient_state
from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.policy import Cancel, Expire, Go, Rules, Verdict, Wait, check
from services.notifier.domain.relevance import outdated, why_not
from services.notifier.domain.reminder import Contact, RecipientState, Reminder
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.ends import End, Finished, answered, retried, stopped
from services.notifier.handlers.record import Recorder
from services.notifier.metrics import AGE, PROVIDER, REFUSED_US
from services.notifier.rendering.mime import UnusableAddressError
from services.notifier.rendering.phrases import UnknownPhraseError
from services.notifier.rendering.templates import BrokenTemplateError, UnknownTemplateError

log = structlog.get_logger(__name__)

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
        at: Callable[[Point, Reminder], None] = lambda _point, _reminder: None,
    ) -> None:
        self._pool, self._carts, self._composer, self._stores = pool, carts, composer, stores
        self._clock, self._lease, self._grace, self._at = clock, lease, contact_grace, at
        self._recorder = Recorder(pool, waker, clock)

    async def deliver(self, r: Reminder) -> None:
        """Takes a claimed reminder as far as it goes now. What fails on our side leaves the lease to lapse.

        Each step gives what the next one needs, or an end, which is written down.
        """
        self._at("claimed", r)
        if end := self._undeliverable(r):
            return await self._recorder.end(r, end)
        contact = await self._check(r)
        if isinstance(contact, End):
            return await self._recorder.end(r, contact)
        snapshot = await self._look(r, contact)
        if isinstance(snapshot, End):
            return await self._recorder.end(r, snapshot)
        send = self._compose(r, contact, snapshot)
        if isinstance(send, End):
            return await self._recorder.end(r, send)
        begun = await self._begin(r, contact)
        if isinstance(begun, End):
            return await self._recorder.end(r, begun)
        if not begun:
            log.info("delivery.lost", reminder_id=str(r.reminder_id))
            return None
        self._at("before_send", r)
        outcome = await self._send(r, send)
        self._at("after_send", r)
        await self._keep(r, contact, outcome)
        self._at("recorded", r)
        return None

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
        if r.interrupted and store.delivery == "at_most_once":
            return Finished("unknown", "interrupted")
        reason = store.silent(r.channel)
        return stopped(r, Cancel(reason), now) if reason else None

    async def _check(self, r: Reminder) -> Contact | End:
        """Whom it is for, if it may be sent to them now."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            recipient = await recipient_state.read(connection, r)
        verdict = self._verdict(r, recipient)
        return verdict.contact if isinstance(verdict, Go) else stopped(r, verdict, self._clock())

    def _verdict(self, r: Reminder, recipient: RecipientState) -> Verdict:
        store = self._stores[r.store_id]
        once = CHANNELS[r.channel].once_a_cart and KINDS[r.kind].once_a_cart
        rules = Rules(store.cap(r.channel), store.quiet, store.zone, self._grace, once)
        return check(r, recipient, rules, self._clock())

    async def _look(self, r: Reminder, contact: Contact) -> CartSnapshot | End:
        """The cart as it is now, if what the reminder says still holds, and is wanted by both who know of consent."""
        try:
            snapshot = await self._carts.look(r.store_id, r.cart_id)
        except CartUnavailableError as error:
            log.warning("delivery.cart_unavailable", reminder_id=str(r.reminder_id), error=str(error))
            return retried(r, "cart_unavailable", self._clock())
        if reason := why_not(r, snapshot):
            return stopped(r, Cancel(reason), self._clock())
        assert snapshot is not None
        if outdated(contact, snapshot):
            return retried(r, "profile_unread", self._clock())
        return snapshot

    def _compose(self, r: Reminder, contact: Contact, snapshot: CartSnapshot) -> Send | End:
        """What somebody may repair in time waits; what speaks of this message or of a name that nobody knows fails."""
        try:
            return self._composer.compose(r, contact, snapshot)
        except UnknownProviderError:
            return Finished("failed", "unknown_provider")
        except UnknownTemplateError:
            return Finished("failed", "unknown_template")
        except UnusableAddressError:
            return Finished("failed", "unusable_address")
        except ProviderNotConfiguredError as error:
            log.error("delivery.provider_not_configured", store_id=r.store_id, error=str(error))  # noqa: TRY400 - the error says it all
            return retried(r, "provider_not_configured", self._clock())
        except (BrokenTemplateError, UnknownPhraseError) as error:
            log.error("delivery.broken_template", template=r.template, store_id=r.store_id, error=str(error))  # noqa: TRY400 - the trace would hold the values
            return retried(r, "broken_template", self._clock())

    async def _begin(self, r: Reminder, contact: Contact) -> bool | End:
        """Checks once more with everybody else kept out, and commits to sending; False if the lease was lost."""
        address = contact.address(r.channel)
        assert address is not None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await recipient_state.lock(connection, r, address)
            verdict = self._verdict(r, await recipient_state.read(connection, r))
            if verdict == Go(contact):
                return await deliveries.begin_sending(connection, r, self._lease, address)
        now = self._clock()
        return stopped(r, Wait(now, "contact_changed") if isinstance(verdict, Go) else verdict, now)

    async def _send(self, r: Reminder, send: Send) -> Outcome:
        started = perf_counter()
        outcome = await send()
        PROVIDER.labels(r.channel).observe(perf_counter() - started)
        if isinstance(outcome, Accepted):
            AGE.labels(r.channel).observe(max(0.0, (self._clock() - r.due_at).total_seconds()))
        if isinstance(outcome, Postponed) and outcome.ours:
            REFUSED_US.labels(r.channel, r.store_id, outcome.reason).inc()
            log.error("delivery.refused_us", store_id=r.store_id, channel=r.channel, reason=outcome.reason)
        return outcome

    async def _keep(self, r: Reminder, contact: Contact, outcome: Outcome) -> None:
        """Tries until the lease ends: a provider's answer must not be lost to a database that is briefly away."""
        for pause in chain(PAUSES_S, repeat(PAUSES_S[-1])):
            try:
                return await self._record(r, contact, outcome)
            except FAILURES as error:
                log.warning("delivery.record_retry", reminder_id=str(r.reminder_id), error=type(error).__name__)
                await asyncio.sleep(pause)
        return None

    async def _record(self, r: Reminder, contact: Contact, outcome: Outcome) -> None:
        repeat_unclear = self._stores[r.store_id].delivery == "at_least_once"
        end = answered(r, outcome, self._clock(), repeat_unclear=repeat_unclear)
        await self._recorder.end(r, end, contact.address(r.channel))
