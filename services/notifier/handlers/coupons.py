"""A code for a message that offers one of its customer's own, reserved when nothing else stops it.

It is reserved in one short transaction of its own before the message is written. A crash before its commit has taken
nothing; after it the message holds the code, and whoever takes the message up next finds it. What a provider answers,
or what stops the message, ends both in one commit: see `db/coupons.py`.
"""

import secrets
from dataclasses import replace

import structlog

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.notifier.db import coupons
from services.notifier.domain.coupons import HAD_COUPON, NO_COUPON, UNKNOWN_POOL, Coupon, Without, drawn
from services.notifier.domain.coupons import Pool as CouponPool
from services.notifier.domain.policy import Cancel
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.handlers.ends import End, retried, stopped
from services.notifier.metrics import COUPON_POOL_LOW, COUPONS

log = structlog.get_logger(__name__)

DRAWS = 5
"""A pattern that gives so many codes in a row that there are already is used up."""


class Coupons:
    """Reserves codes."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def offered(self, r: Reminder, contact: Contact) -> Reminder | End:
        """The reminder with the code that it offers, or why it can't go now. One that names no pool stays as it is."""
        if r.coupon_from is None:
            return r
        found = await self._reserved(r, contact.address(r.channel) or "")
        if found is None:
            return retried(r, "withheld", self._clock())
        if isinstance(found, Coupon):
            COUPONS.labels(r.store_id, r.coupon_from.pool, "reserved").inc()
            return replace(r, coupon=found.code, coupon_until=found.until)
        return self._without(r, r.coupon_from.pool, found)

    def _without(self, r: Reminder, pool: str, why: Without) -> Reminder | End:
        """As the campaign says: it goes without one, or is held back. Who had theirs will not have another in time."""
        assert r.coupon_from is not None
        COUPONS.labels(r.store_id, pool, why).inc()
        log.warning("coupons.none", store_id=r.store_id, pool=pool, reason=why, reminder_id=str(r.reminder_id))
        if r.coupon_from.if_empty == "send":
            return r
        now = self._clock()
        return stopped(r, Cancel(why), now) if why == HAD_COUPON else retried(r, why, now)

    async def _reserved(self, r: Reminder, address: str) -> Coupon | Without | None:
        """The code, or why there is none; None if somebody else has the message by now."""
        assert r.coupon_from is not None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            pool = await coupons.pool_of(connection, r.store_id, r.coupon_from.pool)
            if pool is None:
                return UNKNOWN_POOL
            if not await coupons.lock(connection, r, address):
                return None
            found = await self._theirs(connection, pool, r, address) or await self._new(connection, pool, r, address)
            await coupons.hold(connection, r, found if isinstance(found, Coupon) else None)
        return found

    async def _theirs(
        self, connection: Connection, pool: CouponPool, r: Reminder, address: str
    ) -> Coupon | Without | None:
        """The code that they have already; None where they have none, and may have one."""
        held = await coupons.held(connection, pool, r, address)
        if held is None:
            return None
        if held.counts(self._clock()):
            told = held.told or not held.own
            return Coupon(held.code, held.until) if told else await coupons.lengthen(connection, pool, r, held.code)
        if held.told:
            return HAD_COUPON
        await coupons.spoil(connection, pool, held.code)
        return None

    async def _new(self, connection: Connection, pool: CouponPool, r: Reminder, address: str) -> Coupon | Without:
        found = await coupons.take(connection, pool, r, address)
        if found is None and pool.pattern is not None:
            for _ in range(DRAWS):
                made = Coupon(drawn(pool.pattern, secrets.choice), None)
                if found := await coupons.put_in(connection, pool, r, address, made):
                    break
        if pool.source == "codes":
            left = await coupons.left(connection, pool, pool.low_at + 1)
            COUPON_POOL_LOW.labels(pool.store_id, pool.name).set(left <= pool.low_at)
        return found or NO_COUPON
