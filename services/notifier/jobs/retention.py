"""Removes what a store keeps no longer: old messages, what became of them, replies, wishes. Suppressions stay."""

from collections.abc import Mapping
from datetime import timedelta

from libs.erasure import store as erasure
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.notifier.db import called_off, monthly_wishes, retention
from services.notifier.domain.kinds.monthly_confirmation import UNCONFIRMED_DAYS
from services.notifier.domain.store import Store

INTERVAL_S = 600.0
BATCH = 500
KEEP_ERASED = timedelta(days=40)
"""Longer than any topic may hold something about somebody who was erased, or what was cancelled before it came."""
KEEP_PROVIDER_EVENTS = timedelta(days=35)
"""Longer than any provider tells a thing again, and than anything that it has signed is taken for new."""


class RetentionJob:
    """A round each interval, batch by batch; what somebody holds is passed over until the next one."""

    def __init__(self, pool: Pool, stores: Mapping[str, Store], clock: Clock) -> None:
        self._pool, self._stores, self._clock = pool, stores, clock

    async def run(self) -> None:
        """Keeps house until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "retention.failed", FAILURES)

    async def round(self) -> int:
        """One round over all stores; returns how many rows went."""
        gone, now = 0, self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for store_id, shop in self._stores.items():
                for remove, days in (
                    (retention.deliveries, shop.messages_days),
                    (retention.contents, shop.contents_days),
                    (retention.replies, shop.replies_days),
                    (monthly_wishes.remove_unconfirmed, UNCONFIRMED_DAYS.days),
                    (monthly_wishes.remove_old, shop.messages_days),
                ):
                    if days is None:  # as long as what it hangs on
                        continue
                    before, removed = now - timedelta(days=days), BATCH
                    while removed == BATCH:
                        removed = await remove(connection, store_id, before, BATCH)
                        gone += removed
            for forget, kept in ((retention.provider_events, KEEP_PROVIDER_EVENTS), (called_off.forget, KEEP_ERASED)):
                removed = BATCH
                while removed == BATCH:
                    removed = await forget(connection, now - kept, BATCH)
                    gone += removed
            await erasure.forget(connection, now - KEEP_ERASED)
        return gone
