"""The stores as every part of this process finds them: kept as the table says, within a second or two."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from prometheus_client import Gauge
from pydantic import ValidationError

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.run_every import run_every
from services.notifier.db import stores
from services.notifier.domain.store import Store

log = structlog.get_logger(__name__)

INTERVAL_S = 1.0
BROKEN = Gauge(
    "evercart_notifier_store_broken",
    "1 while what is said of a store can't be used here and the last that could holds",
    ["store"],
)


class StoreRegistry(Mapping[str, Store]):
    """Stores by id; closed ones too, which send nothing. None ever goes. What it says is of now: keep nothing of it.

    `unset` holds the caps and quiet hours of stores that say nothing of them. `ask_for_address`: a store that writes
    e-mails without a postal address, which several laws want in them, is told so.
    """

    def __init__(self, pool: Pool, unset: Mapping[str, Any], *, ask_for_address: bool = False) -> None:
        self._pool, self._unset, self._ask_for_address = pool, unset, ask_for_address
        self._stores: dict[str, Store] = {}
        self._marks: dict[str, str] = {}

    def __getitem__(self, store_id: str) -> Store:
        return self._stores[store_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stores)

    def __len__(self) -> int:
        return len(self._stores)

    async def run(self) -> None:
        """Looks until cancelled; while the database is away, what is known holds."""
        await run_every(INTERVAL_S, self.refresh, "stores.stale", FAILURES, wait_first=True)

    async def refresh(self) -> None:
        """Reads what was written since. Raises what the database raises."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await stores.changed(connection, self._marks)
        self._marks |= {kept.store_id: kept.mark for kept in found}
        read = {kept.store_id: store for kept in found if (store := self._store(kept)) is not None}
        new = {store_id: store for store_id, store in read.items() if self._stores.get(store_id) != store}
        if new:
            self._stores = self._stores | new
            log.info("stores.changed", stores=sorted(new))

    def _store(self, kept: stores.KeptStore) -> Store | None:
        """None for one that can't be used: a newer release may have described it. What was known of it holds."""
        try:
            store = Store.described(kept.description | {"store_id": kept.store_id}, self._unset, closed=kept.closed)
        except Exception as error:  # noqa: BLE001 - one store's fault, whatever it is, is never another's
            BROKEN.labels(kept.store_id).set(1)
            faults = error.errors() if isinstance(error, ValidationError) else ()
            rules = [f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in faults]
            rules = rules or [type(error).__name__]
            log.error("stores.broken", store_id=kept.store_id, rules=rules)  # noqa: TRY400 - no trace helps
            return None
        BROKEN.labels(kept.store_id).set(0)
        if self._ask_for_address and store.email_from and not store.postal_address:
            log.warning("stores.no_postal_address", store_id=kept.store_id)
        return store
