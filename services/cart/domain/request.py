"""How a write was asked for, and what it was answered: the part of every unsafe call that HTTP's conventions add."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal


@lru_cache(1_000)  # asked for twice by each call, and then no more
def _lock_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """One unsafe call. `fingerprint` tells its payload from another one under the same `key` (Idempotency-Key);
    `older_fingerprints` are what it would have been under the secrets before.

    `if_match` holds the entity tags of If-Match, None without one. `occurred_at` is given only for recorded traffic.
    `about` is the customer whom the answer to a server may name, or (`about_cart`) the cart that it shows.
    `made_on` is the cart that the device saw when the command was made, if it says so (X-Cart-Id).
    `origin` is who makes the call where that is no shopper: `staff`, `bot` or `import` (X-Origin, or its rate).
    `request_id` is how the caller names the call (X-Request-Id), for the audit.
    """

    store_id: str
    caller: str
    fingerprint: bytes
    key: str | None = None
    if_match: frozenset[str] | None = None
    device: str | None = None
    occurred_at: datetime | None = None
    about: str | None = None
    request_id: str | None = None
    made_on: UUID | None = None
    older_fingerprints: tuple[bytes, ...] = ()
    origin: str | None = None

    @property
    def lock(self) -> int | None:
        """The advisory lock that stands for the key while it is in flight; None without a key."""
        if self.key is None:
            return None
        return _lock_of(f"{self.store_id}\0{self.caller}\0{self.key}")

    def context(self, clock: Callable[[], datetime]) -> Context:
        """What the call's changes are stamped with. Ask once locks are held: a change must not be dated before those
        that it waited for.
        """
        return Context(self.occurred_at or clock(), self.device, origin=self.origin)

    def insist(self, etag: str, what: str = "The cart") -> None:
        """Raises when the caller insists on another state than this one (RFC 9110, 13.1.1); "0" is no cart yet."""
        if self.if_match is None or etag in self.if_match or ("*" in self.if_match and etag != '"0"'):
            return
        raise Refusal("version-conflict", f"{what} has changed since this version.", etag=etag)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write was answered; kept with the key and given again when the same call comes again.

    Where `once` is there, the body is a cart, and only `once` is kept: the notices that are said this once beside the
    cart, as JSON. A replay then shows the cart as it is, and `first_etag` is the tag of the first answer.
    """

    body: bytes
    status: int = 200
    etag: str | None = None
    replayed: bool = False
    once: bytes | None = None
    first_etag: str | None = None


@dataclass(frozen=True, slots=True)
class StoredReply:
    """An answer that was kept under an Idempotency-Key; without a body where its `once` is there."""

    fingerprint: bytes
    answer: Answer
    expired: bool

    def replay(self, request: WriteRequest) -> Answer:
        """The first answer. Raises when the key now comes with another payload."""
        if self.fingerprint not in (request.fingerprint, *request.older_fingerprints):
            raise Refusal("idempotency-key-reused", "This Idempotency-Key came with another request before.")
        return self.answer


def about_cart(cart_id: UUID) -> str:
    """What is kept about a cart is erased with it, whoever's it is by then."""
    return f"cart:{cart_id}"


def in_flight() -> Refusal:
    """Told to the second of two equal calls while the first is still under way."""
    return Refusal("request-in-flight", "A request with this Idempotency-Key is under way.")
