"""A code for a message that offers one of its customer's own, reserved when nothing else stops it.

It is reserved in one short transaction of its own before the message is written. A crash before its commit has taken
nothing; after it the message holds the code, and whoever takes the message up next finds it. What a provider answers,
or what stops the message, ends both in one commit: see `db/coupons.py`.
"""

import secrets
from dataclasses import dataclass, replace

import structlog

from libs.policy.held_back import Cancel
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.notifier.coupon_client import CouponClient, ShopUnavailableError
from services.notifier.db import coupons
from services.notifier.domain.coupons import HAD_COUPON, NO_COUPON, UNCHECKED, UNKNOWN_POOL, Coupon, Without, drawn
from services.notifier.domain.coupons import Pool as CouponPool
from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.handlers.ends import End, retried, stopped
from services.notifier.metrics import COUPON_POOL_LOW, COUPONS

log = structlog.get_logger(__name__)

DRAWS = 5
"""A pattern that gives so many codes in a row that there are already is used up."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """The code, or why there is none (None: somebody else has the message by now); `told` where others tell it, too."""

    found: Coupon | Without | None
    pool: CouponPool | None = None
    told: bool = False


class Coupons:
    """Reserves codes; `shops` are asked for them, and whether they count, where the store's pool says so."""

    def __init__(self, pool: Pool, clock: Clock, shops: CouponClient | None = None) -> None:
        self._pool, self._clock, self._shops = pool, clock, shops

    async def offered(self, r: Reminder, contact: Contact) -> Reminder | End:
        """The reminder with the code that it offers, or why it can't go now. One that names no pool stays as it is."""
        if r.coupon_from is None:
            return r
        name = r.coupon_from.pool
        try:
            found = await self._found(r, contact.address(r.channel) or "")
        except ShopUnavailableError as error:
            log.warning("coupons.unchecked", store_id=r.store_id, pool=name, error=str(error))
            COUPONS.labels(r.store_id, name, UNCHECKED).inc()
            return retried(r, UNCHECKED, self._clock())
        if found is None:
            return retried(r, "withheld", self._clock())
        if isinstance(found, Coupon):
            COUPONS.labels(r.store_id, name, "reserved").inc()
            return replace(r, coupon=found.code, coupon_until=found.until)
        return self._without(r, name, found)

    async def _found(self, r: Reminder, address: str) -> Coupon | Without | None:
        """A code that the shop takes. Raises `ShopUnavailableError`."""
        assert r.coupon_from is not None
        for _ in range(DRAWS):
            one = await self._reserved(r, address)
            pool, shops = one.pool, self._shops
            if one.found == NO_COUPON and pool is not None and pool.source == "endpoint" and shops is not None:
                made = await shops.fetch(pool, r, r.coupon_from.valid_seconds)
                one = one if made is None else await self._reserved(r, address, made)
            if not isinstance(one.found, Coupon) or pool is None or pool.check_url is None or shops is None:
                return one.found
            if await shops.counts(pool, r, one.found.code):
                return one.found
            await self._refused(r, pool, one)
            if one.told:
                return HAD_COUPON
        return NO_COUPON

    async def _refused(self, r: Reminder, pool: CouponPool, one: Reserved) -> None:
        """The shop takes it no more: nobody is offered it, unless somebody was told it, whose it stays."""
        assert isinstance(one.found, Coupon)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if not one.told:
                await coupons.spoil(connection, pool, one.found.code)
            await coupons.hold(connection, r, None)

    def _without(self, r: Reminder, pool: str, why: Without) -> Reminder | End:
        """As the campaign says: it goes without one, or is held back. Who had theirs will not have another in time."""
        assert r.coupon_from is not None
        COUPONS.labels(r.store_id, pool, why).inc()
        log.warning("coupons.none", store_id=r.store_id, pool=pool, reason=why, reminder_id=str(r.reminder_id))
        if r.coupon_from.if_empty == "send":
            return r
        now = self._clock()
        return stopped(r, Cancel(why), now) if why == HAD_COUPON else retried(r, why, now)

    async def _reserved(self, r: Reminder, address: str, made: Coupon | None = None) -> Reserved:
        """Reserves one that there is, or that was `made`."""
        assert r.coupon_from is not None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            pool = await coupons.pool_of(connection, r.store_id, r.coupon_from.pool)
            if pool is None:
                return Reserved(UNKNOWN_POOL)
            if not await coupons.lock(connection, r, address):
                return Reserved(None)
            theirs = await self._theirs(connection, pool, r, address)
            found = theirs.found or await self._new(connection, pool, r, address, made)
            await coupons.hold(connection, r, found if isinstance(found, Coupon) else None)
        return Reserved(found, pool, theirs.told)

    async def _theirs(self, connection: Connection, pool: CouponPool, r: Reminder, address: str) -> Reserved:
        """The code that they have already; None where they have none, and may have one."""
        held = await coupons.held(connection, pool, r, address)
        if held is None:
            return Reserved(None)
        if held.counts(self._clock()):
            told = held.told or not held.own
            kept = Coupon(held.code, held.until) if told else await coupons.lengthen(connection, pool, r, held.code)
            return Reserved(kept, told=told)
        if held.told:
            return Reserved(HAD_COUPON)
        await coupons.spoil(connection, pool, held.code)
        return Reserved(None)

    async def _new(
        self, connection: Connection, pool: CouponPool, r: Reminder, address: str, made: Coupon | None
    ) -> Coupon | Without:
        found = await coupons.take(connection, pool, r, address)
        if found is None and made is not None:
            found = await coupons.put_in(connection, pool, r, address, made)
        if found is None and pool.pattern is not None:
            for _ in range(DRAWS):
                new = Coupon(drawn(pool.pattern, secrets.choice), None)
                if found := await coupons.put_in(connection, pool, r, address, new):
                    break
        if pool.source == "codes":
            left = await coupons.left(connection, pool, pool.low_at + 1)
            COUPON_POOL_LOW.labels(pool.store_id, pool.name).set(left <= pool.low_at)
        return found or NO_COUPON
