"""Removes what a store keeps no longer, a little of each kind in each round."""

from collections.abc import Callable, Mapping

from prometheus_client import Counter

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.cart.db import erasures, retention
from services.cart.domain.retention import Spans
from services.cart.jobs.expire_carts import first_id

BATCH = 500

REMOVED = Counter("evercart_cart_retention_removed_total", "Rows removed because their time is over", ["kind"])


class RetentionJob:
    """Goes through the stores; what somebody holds is passed over until the next round."""

    def __init__(self, pool: Pool, clock: Clock, spans: Callable[[], Mapping[str, Spans]]) -> None:
        self._pool, self._clock, self._spans = pool, clock, spans

    async def round(self) -> int:
        """One batch of each kind for each store; returns how many rows went."""
        now, gone = self._clock(), 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for store_id, spans in self._spans().items():
                removed = {
                    "orders": await retention.orders(connection, store_id, now - spans.orders, BATCH),
                    "audit": await retention.audit(connection, store_id, first_id(now - spans.audit), BATCH),
                    "erasures": await erasures.forget(connection, store_id, now - spans.erasures, BATCH),
                }
                for kind, count in removed.items():
                    REMOVED.labels(kind).inc(count)
                gone += sum(removed.values())
        return gone
