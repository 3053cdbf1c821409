"""The keys that are live, as this process knows them: looked up in memory alone."""

from collections import defaultdict
from collections.abc import Iterable

import structlog

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.cart.db import api_keys
from services.cart.domain.api_keys import ApiKey, Held, Holder, digest, of_settings

NOBODY = frozenset[str]()


class KeyCache:
    """Finds keys by what a caller shows. `ops_keys` and `look_keys` are of the settings, and always live."""

    def __init__(self, ops_keys: Iterable[str] = (), clock: Clock = utc_now, *, look_keys: Iterable[str] = ()) -> None:
        self._clock = clock
        self._of_settings = of_settings(ops_keys, look_keys)
        self._used: set[tuple[str, bool]] = set()
        self.replace(())

    def replace(self, held: Iterable[Held]) -> None:
        """These are the live keys from now on."""
        now, origins = self._clock(), defaultdict[str, frozenset[str]](frozenset)
        live = [one for one in (*self._of_settings, *held) if one.until is None or one.until > now]
        for one in live:
            if one.key.kind == "publishable" and one.key.store_id is not None:
                origins[one.key.store_id] |= one.key.origins
        self._held, self._origins = {one.hash: one for one in live}, dict(origins)
        self.all_origins = frozenset[str]().union(*origins.values())

    def secret(self, credential: str, store_id: str | None) -> Holder | None:
        """Who calls with a secret key, if it opens this store; without a store, the installation."""
        one = self._find(credential) if credential.startswith("sk_") else None
        if one is None or one.key.kind != "secret" or one.key.store_id not in (store_id, None):
            return None
        return Holder(one.key.caller, one.key.scopes, one.until)

    def publishable(self, credential: str, store_id: str) -> ApiKey | None:
        """The publishable key of a storefront, if it is one of this store."""
        one = self._find(credential)
        if one is None or one.key.kind != "publishable" or one.key.store_id != store_id:
            return None
        return one.key

    def needs_publishable_key(self, store_id: str) -> bool:
        """Whether shoppers' calls to this store need a publishable key."""
        return store_id in self._origins

    def origins(self, store_id: str) -> frozenset[str]:
        """Web origins of all storefronts of a store that have keys."""
        return self._origins.get(store_id, NOBODY)

    def take_used(self) -> set[tuple[str, bool]]:
        """Ids of keys that were used since the last look, and whether by the secret before a rotation."""
        used, self._used = self._used, set()
        return used

    def _find(self, credential: str) -> Held | None:
        one = self._held.get(digest(credential))
        if one is None or (one.until is not None and one.until <= self._clock()):
            return None
        if one.key.key_id:
            self._used.add((one.key.key_id, one.previous))
        return one


log = structlog.get_logger(__name__)

INTERVAL_S = 2.0
"""A revoked key is refused everywhere within 5 s: this, and a slow answer of the database."""


class KeyCacheRefresh:
    """Reads the keys anew each interval, and at once after this process has changed them; notes which were used."""

    def __init__(self, pool: Pool, keys: KeyCache, clock: Clock = utc_now, interval_s: float = INTERVAL_S) -> None:
        self._pool, self._keys, self._clock, self._interval_s = pool, keys, clock, interval_s

    async def run(self) -> None:
        """Reads until cancelled; while the database is away, what is known holds."""
        await run_every(self._interval_s, self.try_refresh, "keys.stale", wait_first=True)

    async def try_refresh(self) -> None:
        """Reads the keys once if it can; what has just been changed is changed, whether this succeeds or not."""
        try:
            await self.refresh()
        except FAILURES as error:
            log.warning("keys.stale", error=type(error).__name__)

    async def refresh(self) -> None:
        """Reads the keys once. Raises what the database raises."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            used = self._keys.take_used()
            if used:
                await api_keys.note_used(connection, used, self._clock())
            self._keys.replace(await api_keys.live(connection))
