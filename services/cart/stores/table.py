"""Stores that are kept in the database, as this process knows them: it asks for what is newer than it has."""

from pydantic import ValidationError
from pydantic_core import from_json

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.cart.db import stores
from services.cart.db.stores import KeptStore
from services.cart.domain.store import Store
from services.cart.stores.faults import BROKEN, log
from services.cart.stores.registry import StoreRegistry
from services.cart.stores.secrets import BrokenSealError, Seal


class StoreTable:
    """Tells a registry what the table says."""

    def __init__(self, pool: Pool, registry: StoreRegistry, seal: Seal) -> None:
        self._pool, self._registry, self._seal = pool, registry, seal
        self._version = 0

    async def refresh(self) -> None:
        """Reads what was written since. A row that can't be used is told of, and what it said before holds: a newer
        release may have written it. Raises what the database raises.
        """
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await stores.read_since(connection, self._version)
        # reads may overlap: what came by a later one stands
        changed = [kept for kept in found if kept.version > self._registry.versions.get(kept.store_id, 0)]
        if not changed:
            return
        said = dict(self._registry.said("api"))
        for kept in changed:
            self._take(said, kept)
        self._version = max(self._version, changed[-1].version)
        self._registry.put("api", said)
        log.info("stores.changed", source="api", stores=[kept.store_id for kept in changed])

    async def try_refresh(self) -> None:
        """Reads once if it can; what has just been written is written, whether this succeeds or not."""
        try:
            await self.refresh()
        except FAILURES as error:
            log.warning("stores.stale", error=type(error).__name__)

    def _take(self, said: dict[str, Store], kept: KeptStore) -> None:
        store_id = kept.store_id
        self._registry.versions[store_id] = kept.version
        try:
            store = store_of(kept, self._seal)
        except Exception as error:  # noqa: BLE001 - one store's fault, whatever it is, is never another's
            BROKEN.tell("api", store_id, _rules(error), kept_old=store_id in said)
            self._registry.unusable.add(store_id)
            return
        BROKEN.clear("api", store_id)
        self._registry.unusable.discard(store_id)
        if store is None:
            said.pop(store_id, None)
        else:
            said[store_id] = store


def store_of(kept: KeptStore, seal: Seal) -> Store | None:
    """A kept store; None where it was closed. Raises `ValidationError`, `BrokenSealError`."""
    if kept.sealed is None:
        return None
    return Store.model_validate(from_json(kept.settings) | seal.open(kept.store_id, kept.sealed))


def _rules(error: Exception) -> str:
    if isinstance(error, BrokenSealError):
        return str(error)
    if not isinstance(error, ValidationError):
        return type(error).__name__  # its words may hold a value
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return "\n".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
