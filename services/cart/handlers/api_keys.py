"""Making, rotating and revoking API keys: each with its row in the audit, in one transaction."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import api_keys
from services.cart.db.audit import audit
from services.cart.domain.api_keys import Holder, NewKey, Scope, digest, ends, new_key_id, new_secret
from services.cart.domain.errors import Refusal
from services.cart.domain.request import WriteRequest
from services.cart.handlers.transaction import in_transaction


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key that was made or rotated, with the secret that is never told again."""

    key_id: str
    secret: str


class ApiKeyHandlers:
    """Keys of a store (the intent's), or of the installation where the intent names none.

    `changed` is awaited after each commit, so that this process knows at once what others learn within seconds.
    """

    def __init__(self, pool: Pool, clock: Clock, changed: Callable[[], Awaitable[None]]) -> None:
        self._pool, self._clock, self._changed = pool, clock, changed

    async def make(
        self, new: NewKey, holder: Holder, known_origins: frozenset[str], request: WriteRequest
    ) -> IssuedKey:
        """Makes a key that can do nothing beyond its maker's, the `holder`; `known_origins` are let in already.

        Raises `Refusal` key-scope-exceeded, key-name-taken. An Idempotency-Key is ignored: the answer would keep the
        secret. The name serves instead, since it can't be taken twice.
        """
        _within(holder, new.scopes, ends(self._clock(), new.expires_in_days))
        if (origin := holder.distrusted(new.origins, known_origins)) is not None:
            raise Refusal(
                "key-scope-exceeded", "A page that is new to the store takes a key with every scope.", origin=origin
            )
        issued = await in_transaction(self._pool, self._make, new, request)
        await self._changed()
        return issued

    async def _make(self, connection: Connection, new: NewKey, request: WriteRequest) -> IssuedKey:
        now, key_id = self._clock(), new_key_id()
        secret = new_secret(new.kind, key_id)
        if not await api_keys.make(connection, key_id, request.store_id or None, new, digest(secret), now):
            raise Refusal("key-name-taken", "There is a live key of this name. Rotate it, or revoke it.")
        await audit(connection, request, "key.created", f"key:{key_id}", now)
        return IssuedKey(key_id, secret)

    async def rotate(self, key_id: str, grace: timedelta, holder: Holder, request: WriteRequest) -> IssuedKey:
        """Gives a key a new secret. The one until now stays live for `grace`, the one before that ends at once, so
        that no more than two ever are. Raises `Refusal` unknown-key, key-scope-exceeded.
        """
        issued = await in_transaction(self._pool, self._rotate, key_id, grace, holder, request)
        await self._changed()
        return issued

    async def _rotate(
        self, connection: Connection, key_id: str, grace: timedelta, holder: Holder, request: WriteRequest
    ) -> IssuedKey:
        known = await api_keys.lock(connection, request.store_id or None, key_id)
        if known is None:
            raise _unknown()
        _within(holder, known["scopes"], known["expires_at"])
        now, secret = self._clock(), new_secret(known["kind"], key_id)
        await api_keys.rotate(connection, key_id, digest(secret), now + grace, now)
        await audit(connection, request, "key.rotated", f"key:{key_id}", now)
        return IssuedKey(key_id, secret)

    async def revoke(self, key_id: str, holder: Holder, request: WriteRequest) -> None:
        """Ends a key, with both secrets that it may have; who ends it has all its scopes.

        Raises `Refusal` unknown-key, key-scope-exceeded.
        """
        await in_transaction(self._pool, self._revoke, key_id, holder, request)
        await self._changed()

    async def _revoke(self, connection: Connection, key_id: str, holder: Holder, request: WriteRequest) -> None:
        known = await api_keys.lock(connection, request.store_id or None, key_id)
        if known is not None:  # an expired one opens nothing, whoever clears it away
            _has(holder, known["scopes"])
        now = self._clock()
        if not await api_keys.revoke(connection, request.store_id or None, key_id, now):
            raise _unknown()
        await audit(connection, request, "key.revoked", f"key:{key_id}", now)

    async def home(self, key_id: str) -> str | None:
        """The store of a key, None for one of the installation. Raises `Refusal` unknown-key."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            known, store_id = await api_keys.home(connection, key_id)
        if not known:
            raise _unknown()
        return store_id

    async def listed(self, store_id: str | None, after: str = "", limit: int | None = None) -> list[dict[str, Any]]:
        """The live keys by name, behind one, without their secrets, which nobody knows but who was told them."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await api_keys.of_store(connection, store_id, after, limit)


def _has(holder: Holder, scopes: Iterable[Scope]) -> None:
    if (scope := holder.lacks(scopes)) is not None:
        raise Refusal("key-scope-exceeded", "That key can do more than the one that calls.", scope=scope)


def _within(holder: Holder, scopes: Iterable[Scope], until: datetime | None) -> None:
    _has(holder, scopes)
    if holder.outlived_by(until):
        detail = "That key lives longer than the one that calls, by the secret that it showed."
        raise Refusal("key-scope-exceeded", detail, expires_at=holder.until)


def _unknown() -> Refusal:
    return Refusal("unknown-key", "There is no such key.")
