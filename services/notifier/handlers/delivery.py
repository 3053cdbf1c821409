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

from libs.contracts.events import (
    MessageCancelled,
    MessageEvent,
    MessageExpired,
    MessageFailed,
    MessageSent,
    MessageUnknown,
)
from libs.outbox import store as outbox
from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.notifier.cart_client import CartClient, CartUnavailableError
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear
from services.notifier.db import deliveries, recipient_state, suppressions
from services.notifier.domain.policy import Cancel, Expire, Go, Rules, Verdict, Wait, check, retry_at
from services.notifier.domain.relevance import CartSnapshot, why_not
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.store import Store
from services.notifier.handlers.senders import Send, Senders
from services.notifier.metrics import AGE, DELIVERIES, PROVIDER, PUT_OFF
from services.notifier.rendering.mime import UnusableAddressError
from services.notifier.rendering.phrases import UnknownPhraseError
from services.notifier.rendering.templates import BrokenTemplateError, UnknownTemplateError

log = structlog.get_logger(__name__)

SOURCE = "/evercart/notifier"
PAUSES_S = (0.1, 0.3, 1.0)
OUTSIDE = FAILURES
"""Faults of the database's side, which pass. The last is what asyncpg raises on a connection that is being closed."""
"""Faults of the database's side, which pass."""
Point = Literal["claimed", "before_send", "after_send", "recorded"]
Final = Literal["sent", "cancelled", "expired", "failed", "unknown"]

_EVENTS: Mapping[Final, type[MessageEvent]] = {
    "sent": MessageSent,
    "cancelled": MessageCancelled,
    "expired": MessageExpired,
    "failed": MessageFailed,
    "unknown": MessageUnknown,
}


class Delivery:
    """Carries claimed reminders to their end. `at` is told where a delivery is, so that a test can crash there."""

    def __init__(
        self,
        pool: Pool,
        carts: CartClient,
        senders: Senders,
        stores: Mapping[str, Store],
        waker: Waker,
        clock: Clock,
        *,
        lease: timedelta,
        contact_grace: timedelta,
        at: Callable[[Point, Reminder], None] = lambda _point, _reminder: None,
    ) -> None:
        self._pool, self._carts, self._senders, self._stores = pool, carts, senders, stores
        self._waker, self._clock, self._lease, self._grace, self._at = waker, clock, lease, contact_grace, at

    async def deliver(self, r: Reminder) -> None:
        """Takes a claimed reminder as far as it goes now. What fails on our side leaves the lease to lapse."""
        self._at("claimed", r)
        if r.store_id not in self._stores:
            await self._finish(r, "failed", "unknown_store")
        elif r.interrupted and self._stores[r.store_id].delivery == "at_most_once":
            await self._finish(r, "unknown", "interrupted")
        elif isinstance(verdict := await self._check(r), Go):
            await self._look(r, verdict.contact)
        else:
            await self._conclude(r, verdict)

    async def _check(self, r: Reminder) -> Verdict:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            standing = await recipient_state.read(connection, r)
        return check(r, standing, self._rules(r), self._clock())

    def _rules(self, r: Reminder) -> Rules:
        shop = self._stores[r.store_id]
        return Rules(shop.cap(r.channel), shop.quiet, shop.zone, self._grace)

    async def _look(self, r: Reminder, contact: Contact) -> None:
        try:
            look = await self._carts.look(r.store_id, r.cart_id)
        except CartUnavailableError as error:
            log.warning("delivery.cart_unavailable", reminder_id=str(r.reminder_id), error=str(error))
            return await self._retry(r, "cart_unavailable")
        if reason := why_not(r, look):
            return await self._conclude(r, Cancel(reason))
        assert look is not None
        return await self._compose(r, contact, look)

    async def _compose(self, r: Reminder, contact: Contact, look: CartSnapshot) -> None:
        try:
            send = self._senders.prepare(r, contact, look)
        except UnknownTemplateError:
            return await self._finish(r, "failed", "unknown_template")
        except UnusableAddressError:
            return await self._finish(r, "failed", "unusable_address")
        except (BrokenTemplateError, UnknownPhraseError) as error:
            log.error("delivery.broken_template", template=r.template, store_id=r.store_id, error=str(error))  # noqa: TRY400 - the trace would hold the values
            return await self._retry(r, "broken_template")
        return await self._begin(r, contact, send)

    async def _begin(self, r: Reminder, contact: Contact, send: Send) -> None:
        """Checks once more with everybody else kept out, and commits to sending."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await recipient_state.lock(connection, r)
            standing = await recipient_state.read(connection, r)
            verdict = check(r, standing, self._rules(r), self._clock())
            unchanged = verdict == Go(contact)
            ours = unchanged and await deliveries.begin_sending(connection, r, self._lease)
        if ours:
            return await self._send(r, contact, send)
        if unchanged:
            log.info("delivery.lost", reminder_id=str(r.reminder_id))
            return None
        return await self._conclude(r, Wait(self._clock(), "contact_changed") if isinstance(verdict, Go) else verdict)

    async def _send(self, r: Reminder, contact: Contact, send: Send) -> None:
        self._at("before_send", r)
        started = perf_counter()
        outcome = await send()
        PROVIDER.labels(r.channel).observe(perf_counter() - started)
        self._at("after_send", r)
        await self._keep(r, contact, outcome)
        self._at("recorded", r)

    async def _keep(self, r: Reminder, contact: Contact, outcome: Outcome) -> None:
        """Tries until the lease ends: a provider's answer must not be lost to a database that is briefly away."""
        for pause in chain(PAUSES_S, repeat(PAUSES_S[-1])):
            try:
                return await self._record(r, contact, outcome)
            except OUTSIDE as error:
                log.warning("delivery.record_retry", reminder_id=str(r.reminder_id), error=type(error).__name__)
                await asyncio.sleep(pause)
        return None

    async def _record(self, r: Reminder, contact: Contact, outcome: Outcome) -> None:
        match outcome:
            case Accepted(provider_id):
                AGE.labels(r.channel).observe(max(0.0, (self._clock() - r.due_at).total_seconds()))
                await self._finish(r, "sent", None, provider_id)
            case Refused(reason, suppress):
                await self._finish(r, "failed", reason, closes=(contact.address(r.channel), suppress))
            case Postponed(reason, retry_after_s):
                await self._retry(r, reason, retry_after_s)
            case Unclear(reason) if self._stores[r.store_id].delivery == "at_least_once":
                await self._retry(r, reason, perhaps_sent=True)
            case Unclear(reason):
                await self._finish(r, "unknown", reason)

    async def _conclude(self, r: Reminder, verdict: Cancel | Expire | Wait | Go) -> None:
        match verdict:
            case Cancel(reason):
                await self._finish(r, "unknown" if r.interrupted else "cancelled", reason)
            case Expire(reason):
                await self._finish(r, "unknown" if r.interrupted else "expired", reason)
            case Wait(until, reason):
                await self._put_off(r, until - self._clock(), reason, failed=False, perhaps_sent=r.interrupted)
            case Go():
                raise AssertionError("a verdict to go is not a conclusion")

    async def _retry(
        self, r: Reminder, reason: str, retry_after_s: float | None = None, *, perhaps_sent: bool = False
    ) -> None:
        now = self._clock()
        wait = retry_at(r, now, retry_after_s) - now
        await self._put_off(r, wait, reason, failed=True, perhaps_sent=perhaps_sent or r.interrupted)

    async def _put_off(self, r: Reminder, wait: timedelta, reason: str, *, failed: bool, perhaps_sent: bool) -> None:
        PUT_OFF.labels(r.channel, reason).inc()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await deliveries.release(
                connection, r, reason, max(wait, timedelta()), failed=failed, perhaps_sent=perhaps_sent
            )

    async def _finish(
        self,
        r: Reminder,
        state: Final,
        reason: str | None,
        provider_id: str | None = None,
        closes: tuple[str | None, suppressions.SuppressionReason | None] = (None, None),
    ) -> None:
        """The record and its event, in one commit; nothing if somebody else has the delivery by now.

        `closes` is an address that the provider wants no more messages for, and why: that holds in any case.
        """
        address, why = closes
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if address and why:
                await suppressions.suppress_address(connection, r.store_id, r.channel, address, why)
            ours = await deliveries.finish(connection, r, state, reason, provider_id)
            if ours:
                await outbox.append(connection, [self._event(r, state, reason, provider_id)], SOURCE)
        if ours:
            self._waker.touch()
            DELIVERIES.labels(r.channel, state, reason or "").inc()
        log.info("delivery.ended", reminder_id=str(r.reminder_id), outcome=state, reason=reason, recorded=ours)

    def _event(self, r: Reminder, state: Final, reason: str | None, provider_id: str | None) -> MessageEvent:
        return _EVENTS[state](
            event_id=uuid7(),
            occurred_at=self._clock(),
            reminder_id=r.reminder_id,
            store_id=r.store_id,
            customer_id=r.customer_id,
            campaign=r.campaign,
            kind=r.kind,
            step=r.step,
            channel=r.channel,
            cart_id=r.cart_id,
            variant=r.variant,
            reason=reason,
            provider_id=provider_id,
        )
