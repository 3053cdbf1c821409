"""A provider's public keys (RFC 7517), as far as the one algorithm of a store goes."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

import httpx
import jwt
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from prometheus_client import Counter

from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.cart.auth.key_fetcher import KeyFetcher

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
MIN_RSA_BITS = 2048
"""RFC 7518, 3.3."""
MAX_KEYS = 100
KINDS: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Algorithms whose keys may be public: kind of key, and curve."""


def read_keys(document: bytes, algorithm: str) -> dict[str | None, PublicKey]:
    """The keys of a JWK set that check signatures of `algorithm`, by their id; others are passed over.

    A single one is also found under None: by tokens that name no key. Raises ValueError for what is no JWK set.
    """
    found: dict[str | None, PublicKey] = {}
    for jwk in _listed(document):
        key_id = jwk.get("kid")
        key = _usable(jwk, algorithm) if isinstance(key_id, str) or key_id is None else None
        if key is not None and key_id not in found:
            found[key_id] = key
    return found if len(found) != 1 else found | {None: next(iter(found.values()))}


def _listed(document: bytes) -> list[dict[str, Any]]:
    parsed = json.loads(document)
    keys = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(jwk, dict) for jwk in keys):
        raise ValueError("not a JWK set")
    return keys


def _usable(jwk: dict[str, Any], algorithm: str) -> PublicKey | None:
    kind, curve = KINDS[algorithm]
    fits = jwk.get("kty") == kind and jwk.get("crv") == curve
    meant = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
    if not fits or not meant or "verify" not in jwk.get("key_ops", ("verify",)):
        return None
    public = {name: value for name, value in jwk.items() if name != "d"}  # a private one, published by mistake
    try:
        key = jwt.PyJWK(public, algorithm).key
    except (jwt.PyJWTError, UnsupportedAlgorithm, TypeError, ValueError):
        return None
    if isinstance(key, RSAPublicKey):
        return key if key.key_size >= MIN_RSA_BITS else None
    return key if isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey) else None


log = structlog.get_logger(__name__)

LIFETIME = timedelta(minutes=5)
"""So long keys are taken as known: one that a provider withdraws is refused after that at the latest."""
PATIENCE = timedelta(seconds=30)
"""No provider is asked more often than that, whatever tokens come."""
WAIT_S = 2.0
"""The longest that a request waits for a provider."""
ROUND_S = 5.0

Fetch = Callable[[str], Awaitable[bytes]]
ASKED = Counter("evercart_cart_identity_provider_requests_total", "Requests for providers' keys", ["outcome"])


class Provider:
    """The keys of one JWKS URL for one algorithm. `withdrawals` counts how often a key went; `reachable` says whether
    they were had when they were last asked for, so that an unknown key is known not to be the provider's.
    """

    def __init__(self, url: str, algorithm: str, fetch: Fetch, clock: Clock) -> None:
        self._url, self._algorithm, self._get, self._clock = url, algorithm, fetch, clock
        self._keys: Mapping[str | None, PublicKey] = {}
        self._last: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self.withdrawals, self.reachable = 0, False

    def key(self, key_id: str | None) -> PublicKey | None:
        """A key by the `kid` of a token; None where it is not known (yet)."""
        return self._keys.get(key_id)

    @property
    def due(self) -> bool:
        """Whether it is time to fetch again; sooner after a failure."""
        return self._last is None or self._clock() - self._last >= (LIFETIME if self.reachable else PATIENCE)

    async def fetch_missing(self, key_id: str | None) -> None:
        """Fetches the keys for one that is not known, unless that was done just now; waits `WAIT_S` at most."""
        if key_id in self._keys:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                if self._fetching is not None:
                    await asyncio.shield(self._fetching)
                if key_id not in self._keys and (self._last is None or self._clock() - self._last >= PATIENCE):
                    await self.fetch()

    async def fetch(self) -> None:
        """Fetches the keys once, however many wait for it; goes on when they do not wait any more."""
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_once())
        await asyncio.shield(self._fetching)

    async def _fetch_once(self) -> None:
        self._last = self._clock()
        try:
            keys = read_keys(await self._get(self._url), self._algorithm)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError, RecursionError) as error:
            self.reachable = False
            ASKED.labels("failed").inc()
            log.warning("provider.unreachable", error=type(error).__name__)
            return
        finally:
            self._fetching = None
        ASKED.labels("answered").inc()
        if any(keys.get(key_id) != key for key_id, key in self._keys.items()):
            self.withdrawals += 1
        self._keys, self.reachable = keys, True


class Providers:
    """The providers that some store has, each once."""

    def __init__(self, fetch: Fetch | None = None, clock: Clock = utc_now, *, local: bool = False) -> None:
        self._fetch, self._clock = fetch or KeyFetcher(local=local).fetch, clock
        self._known: WeakValueDictionary[tuple[str, str], Provider] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, url: str, algorithm: str) -> Provider:
        """The provider of a URL; it lives as long as a store has it."""
        known = self._known.get((url, algorithm))
        if known is None:
            known = self._known[url, algorithm] = Provider(url, algorithm, self._fetch, self._clock)
        return known

    async def run(self) -> None:
        """Keeps all keys fresh until cancelled."""
        await run_every(ROUND_S, self._fetch_due, "providers.failed")

    async def _fetch_due(self) -> None:
        due = [provider for provider in list(self._known.values()) if provider.due]
        await asyncio.gather(*(provider.fetch() for provider in due))
