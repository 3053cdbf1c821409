"""Stores are made, changed and closed while the service runs: each with its row in the audit, in one transaction."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import api_keys, stores
from services.cart.db.audit import audit
from services.cart.db.stores import KeptStore
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.store import SECRETS, Store, changes_trust
from services.cart.handlers.transaction import Result, commit_once
from services.cart.stores.registry import Source, StoreRegistry
from services.cart.stores.secrets import BrokenSealError, Seal
from services.cart.stores.table import store_of


class StoreHandlers:
    """What ops and servers do to stores. `changed` is awaited after each commit, so that this process knows at once
    what others learn within seconds.
    """

    def __init__(
        self, pool: Pool, clock: Clock, registry: StoreRegistry, seal: Seal, changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._pool, self._clock, self._registry, self._seal, self._changed = pool, clock, registry, seal, changed

    async def put(
        self, store_id: str, given: Mapping[str, Any], prove_trusted: Callable[[], None], request: WriteRequest
    ) -> Answer:
        """Makes a store, or sets all its settings anew; secrets that are left out stay as they are.

        `prove_trusted` is called where others would be believed from now on, and raises where the caller may not say
        so. Raises `Refusal` store-fixed, version-conflict; `pydantic.ValidationError` with every fault.
        """
        result = await commit_once(self._pool, request, self._put, store_id, given, prove_trusted, request)
        await self._changed()
        return result.answer

    async def _put(
        self,
        connection: Connection,
        store_id: str,
        given: Mapping[str, Any],
        prove_trusted: Callable[[], None],
        request: WriteRequest,
    ) -> Result:
        kept = await self._lock(connection, store_id, request)
        whole = self._whole(kept, given)
        store, before = _store(whole), None if kept is None else self._as_it_is(kept)
        if kept is not None and store == before:
            return Result(_answer(store_id, store, "api", kept))
        # under the lock: what this replica knew of the store a moment ago may be older than it
        if changes_trust(before, store):
            prove_trusted()
        now = self._clock()
        settings = store.model_dump_json(exclude=set(SECRETS), exclude_unset=True)
        sealed = self._seal.close(store_id, {name: whole[name] for name in SECRETS if name in whole})
        written = await stores.write(connection, store_id, settings, sealed, now)
        await audit(connection, request, "store.changed" if kept else "store.created", f"store:{store_id}", now)
        return Result(_answer(store_id, store, "api", written, 200 if kept else 201))

    async def check(
        self, store_id: str, given: Mapping[str, Any], prove_trusted: Callable[[], None], request: WriteRequest
    ) -> Answer:
        """What a store would be with these settings; keeps nothing. Raises as `put` does."""
        self._refuse_fixed(store_id)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            kept = await self._kept(connection, store_id, request)
        store = _store(self._whole(kept, given))
        if changes_trust(None if kept is None else self._as_it_is(kept), store):
            prove_trusted()
        return _answer(store_id, store, "api", kept)

    async def close(self, store_id: str, request: WriteRequest) -> Answer:
        """Closes a store: it is not there any more, its secrets and keys go; what it held stays until it is erased.

        Raises `Refusal` unknown-store, store-fixed, version-conflict.
        """
        result = await commit_once(self._pool, request, self._close, store_id, request)
        await self._changed()
        return result.answer

    async def _close(self, connection: Connection, store_id: str, request: WriteRequest) -> Result:
        if await self._lock(connection, store_id, request) is None:
            raise _unknown()
        now = self._clock()
        await stores.close(connection, store_id, now)
        await api_keys.revoke_all(connection, store_id, now)
        await audit(connection, request, "store.closed", f"store:{store_id}", now)
        return Result(Answer(b"", 204))

    async def show(self, store_id: str) -> Answer:
        """The settings of a store without its secrets. Raises `Refusal` unknown-store."""
        entry = self._registry.get(store_id)
        if entry is not None and entry.source != "api":
            return _answer(store_id, entry.store, entry.source)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            kept = await stores.read(connection, store_id)
        store = None if kept is None else store_of(kept, self._seal)
        if store is None:
            raise _unknown()
        return _answer(store_id, store, "api", kept)

    def listed(self, after: str, limit: int) -> bytes:
        """The stores that this process knows, by id, from the one behind `after` on, as JSON."""
        ids = sorted(store_id for store_id in self._registry.ids() if store_id > after)
        found = [(store_id, entry) for store_id in ids[:limit] if (entry := self._registry.get(store_id))]
        page = [{"store_id": store_id, "name": one.store.name, "source": one.source} for store_id, one in found]
        return to_json({"stores": page, "next": ids[limit - 1] if len(ids) > limit else None})

    async def _lock(self, connection: Connection, store_id: str, request: WriteRequest) -> KeptStore | None:
        """The store as it is kept, None where it is not there; nobody else writes one until the transaction ends."""
        self._refuse_fixed(store_id)
        await stores.lock_table(connection)
        return await self._kept(connection, store_id, request)

    def _refuse_fixed(self, store_id: str) -> None:
        if self._registry.fixed(store_id):
            raise Refusal("store-fixed", "A file or the environment of the service says what this store is.")

    async def _kept(self, connection: Connection, store_id: str, request: WriteRequest) -> KeptStore | None:
        kept = await stores.read(connection, store_id)
        if kept is not None and kept.sealed is None:
            kept = None
        request.insist(_etag(kept), "The store")
        return kept

    def _whole(self, kept: KeptStore | None, given: Mapping[str, Any]) -> dict[str, Any]:
        """Settings with the secrets that are kept, where none are given instead."""
        return {**({} if kept is None else self._secrets(kept)), **given}

    def _secrets(self, kept: KeptStore) -> dict[str, Any]:
        """What was sealed; nothing where that can't be opened any more, so that it has to be given again."""
        try:
            return self._seal.open(kept.store_id, kept.sealed or b"")
        except BrokenSealError:
            return {}

    def _as_it_is(self, kept: KeptStore) -> Store | None:
        try:
            return store_of(kept, self._seal)
        except (ValidationError, BrokenSealError):
            return None


def _store(whole: Mapping[str, Any]) -> Store:
    return Store.model_validate_json(to_json(whole), strict=True)


def _unknown() -> Refusal:
    return Refusal("unknown-store", "There is no such store.")


def _etag(kept: KeptStore | None) -> str:
    return '"0"' if kept is None else f'"{kept.version}"'


def _answer(store_id: str, store: Store, source: Source, kept: KeptStore | None = None, status: int = 200) -> Answer:
    updated_at: datetime | None = kept.updated_at if kept else None
    body = {
        "store_id": store_id,
        "source": source,
        "version": kept.version if kept else None,
        "updated_at": updated_at,
        "settings": store.model_dump(mode="json", exclude=set(SECRETS)),
        "secrets": [name for name in SECRETS if getattr(store, name)],
    }
    return Answer(to_json(body), status, _etag(kept) if kept else None)
