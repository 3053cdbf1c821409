"""Writes down how an attempt to deliver ended, and tells of what is final: row and event in one commit."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog

from libs.contracts.events import (
    MessageCancelled,
    MessageEvent,
    MessageExpired,
    MessageFailed,
    MessageSent,
    MessageUnknown,
)
from libs.outbox.waker import Waker
from libs.postgres.errors import PostgresError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from libs.runtime.together import Together
from services.notifier.channels.outcome import Closing
from services.notifier.db import coupons, deliveries, pauses, sending, suppressions
from services.notifier.db.sending import Ending
from services.notifier.domain.pause import PAUSED
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.store import Store
from services.notifier.handlers.ends import End, FinalState, Finished, PutOff, Switched
from services.notifier.handlers.found import told_of
from services.notifier.handlers.reach import tell_reach_of_address
from services.notifier.handlers.source import SOURCE
from services.notifier.metrics import DELIVERIES, PUT_OFF

log = structlog.get_logger(__name__)

_EVENTS: Mapping[FinalState, type[MessageEvent]] = {
    "sent": MessageSent,
    "cancelled": MessageCancelled,
    "expired": MessageExpired,
    "failed": MessageFailed,
    "unknown": MessageUnknown,
}


class Recorder:
    """Every write filters on the lease: who has lost theirs records nothing."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock, stores: Mapping[str, Store]) -> None:
        self._pool, self._waker, self._clock, self._stores = pool, waker, clock, stores
        self._end = Together(self._end_all, singly=(PostgresError,))

    async def end(self, r: Reminder, end: End, address: str | None = None, content: bytes | None = None) -> None:
        """Writes an end. `address` is the one that was written to, which the provider may want no more messages for;
        `content` what was sent, where that is other than when it was begun.
        """
        if isinstance(end, PutOff):
            await self._put_off(r, end)
        elif isinstance(end, Switched):
            await self._switch(r, end)
        else:
            await self._finish(r, end, address, content)

    async def _put_off(self, r: Reminder, end: PutOff) -> None:
        PUT_OFF.labels(r.channel, end.reason).inc()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            if end.reason != PAUSED:
                await _release(connection, r, end)
                return
            async with connection.transaction():
                held = await pauses.keep(connection, r)
                await _release(connection, r, end if held else replace(end, wait=timedelta()))

    async def _switch(self, r: Reminder, end: Switched) -> None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await deliveries.switch(connection, r, end.channel)
            await deliveries.wake(connection)
        PUT_OFF.labels(r.channel, "channel_closed").inc()
        log.info("delivery.switched", reminder_id=str(r.reminder_id), channel=end.channel)

    async def _finish(self, r: Reminder, end: Finished, address: str | None, content: bytes | None) -> None:
        """The record and its event, in one commit with those of others; nothing if somebody else has it by now.

        That an address is closed holds in any case.
        """
        if end.state == "unknown":
            ours, end = await self._end_unknown(r, end, content)
        elif address and end.closes:
            ours = await self._end_closing(self._ending(r, end, content), address, end.closes)
        else:
            ours = await self._end(self._ending(r, end, content))
        if ours:
            self._waker.touch()
            DELIVERIES.labels(r.channel, end.state, end.reason or "").inc()
        log.info("delivery.ended", reminder_id=str(r.reminder_id), outcome=end.state, reason=end.reason, recorded=ours)

    async def _end_all(self, endings: Sequence[Ending]) -> Sequence[bool]:
        """One statement is one commit; codes that are let go want a second one."""
        offer = any(one.reminder.coupon_from is not None for one in endings)
        async with (
            self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection,
            connection.transaction() if offer else nullcontext(),
        ):
            ended = await _finish(connection, endings)
        return [one.reminder.reminder_id in ended for one in endings]

    async def _end_closing(self, ending: Ending, address: str, why: Closing) -> bool:
        r, by = ending.reminder, suppressions.ClosedBy("refusal", ending.reason)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await suppressions.suppress_address(connection, r.store_id, r.channel, address, why, by)
            await tell_reach_of_address(connection, r.store_id, r.channel, address, self._clock())
            return bool(await _finish(connection, [ending]))

    async def _end_unknown(self, r: Reminder, end: Finished, content: bytes | None) -> tuple[bool, Finished]:
        """What its provider has told of it meanwhile says that it was sent; what it tells from now on finds the end."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await sending.hold(connection, r)
            if told := await told_of(connection, r, self._stores.get(r.store_id)):
                end = replace(told, provider=told.provider or end.provider)
            return bool(await _finish(connection, [self._ending(r, end, content)])), end

    def _ending(self, r: Reminder, end: Finished, content: bytes | None) -> Ending:
        return Ending(r, end.state, end.reason, end.provider_id, self._event(r, end), content)

    def _event(self, r: Reminder, end: Finished) -> MessageEvent:
        return _EVENTS[end.state](
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
            order_id=r.order_id,
            sku=r.sku,
            variant=r.variant,
            reason=end.reason,
            provider_id=end.provider_id,
            provider=end.provider,
            **({"coupon_pool": r.coupon_from.pool} if end.state == "sent" and r.coupon_from and r.coupon else {}),
        )


async def _finish(connection: Connection, endings: Sequence[Ending]) -> set[UUID]:
    """Writes those that are still ours, which are given, and lets go what they held."""
    ended = await sending.finish(connection, endings, SOURCE)
    offered = {one.reminder.reminder_id for one in endings if one.reminder.coupon_from is not None}
    if offered & ended:
        await coupons.let_go(connection, list(offered & ended))
    return ended


async def _release(connection: Connection, r: Reminder, end: PutOff) -> None:
    await deliveries.release(connection, r, end.reason, end.wait, failed=end.failed, copies=end.copies)
