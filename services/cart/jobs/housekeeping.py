"""What the relay's process does beside relaying: answers and carts whose time is over go."""

from datetime import timedelta

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.cart.db import idempotency_keys, merges, rate_limits, reservations
from services.cart.db.orders import order_events
from services.cart.handlers.erasure import ErasureHandlers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.handlers.views import ViewHandlers
from services.cart.handlers.watches import WatchHandlers
from services.cart.jobs.expire_carts import CartExpiry
from services.cart.jobs.retention import RetentionJob
from services.cart.jobs.row_checks import RowChecks

INTERVAL_S = 15.0
BATCH = 500
ORDERS_AWAITED = timedelta(days=30)
"""So long what became of an order waits for the order itself to be told."""


class Housekeeping:
    """A round each interval; small batches, so that no lock is held for long. Without `cart_expiry` carts stay."""

    def __init__(
        self,
        pool: Pool,
        interval_s: float = INTERVAL_S,
        cart_expiry: CartExpiry | None = None,
        clock: Clock = utc_now,
        erasures: ErasureHandlers | None = None,
        retention: RetentionJob | None = None,
        guests: GuestContactHandlers | None = None,
        watches: WatchHandlers | None = None,
        views: ViewHandlers | None = None,
        row_checks: RowChecks | None = None,
    ) -> None:
        self._pool, self._interval_s, self._clock = pool, interval_s, clock
        self._jobs = (cart_expiry, erasures, retention, guests, watches, views, row_checks)

    async def run(self) -> None:
        """Keeps house until cancelled; an outage is waited out."""
        await run_every(self._interval_s, self._rounds, "housekeeping.failed", FAILURES)

    async def _rounds(self) -> None:
        await self.round()
        for job in self._jobs:
            if job is not None:
                await job.round()

    async def round(self) -> int:
        """One round; returns how many answers went."""
        gone = 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            while await merges.forget(connection, self._clock(), BATCH) == BATCH:
                pass
            await order_events.forget(connection, self._clock() - ORDERS_AWAITED, BATCH)
            while await rate_limits.forget(connection, BATCH) == BATCH:
                pass
            while await reservations.forget(connection, BATCH) == BATCH:
                pass
            while True:
                purged = await idempotency_keys.purge(connection, BATCH)
                gone += purged
                if purged < BATCH:
                    return gone
