"""Customers' tokens: JWTs that are pinned to their store's algorithm, key, issuer and audience."""

from typing import Any, Final

import jwt
from cachetools import LRUCache
from jwt.types import Options

from libs.runtime.clock import Clock, utc_now
from services.cart.auth.challenges import provider_unavailable, unauthorized
from services.cart.auth.jwks import Provider, PublicKey
from services.cart.domain.customers.customer_ids import RESERVED, is_guest
from services.cart.domain.shopper import Shopper
from services.cart.domain.store import Store

LEEWAY_S = 10
MAX_KNOWN = 10_000
MAX_CUSTOMER_ID = 200
UNTIMED: Final[Options] = {"require": ["exp", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False}
"""PyJWT goes by the machine's clock, which may be hours off: times are compared here."""
NO_CLAIMS: Final = (ValueError, TypeError, OverflowError, RecursionError)
"""What reading raises of a figure of 400 digits, or of JSON a thousand levels deep, though it is signed."""


class CustomerTokens:
    """Reads the tokens of one store's customers, and remembers those that it has checked until they expire.

    With a `provider` the keys are the provider's; without one there is the one of the settings. `clock` says what has
    expired.
    """

    def __init__(self, store_id: str, store: Store, provider: Provider | None, clock: Clock = utc_now) -> None:
        self._store_id, self._store, self.provider, self._clock = store_id, store, provider, clock
        self._key = store.jwt_key.get_secret_value() if store.jwt_key is not None else ""
        self._known: LRUCache[str, tuple[Shopper, float]] = LRUCache(MAX_KNOWN)
        self._withdrawals = 0

    def of(self, token: str) -> Shopper:
        """The customer whom a token names. Raises `Problem` 401, or 503 while nobody can tell."""
        self._forget_withdrawn()
        known = self._known.get(token)
        if known is not None and self._clock().timestamp() < known[1]:
            return known[0]
        customer_id, ends = self._claims(token)
        if not 0 < len(customer_id) <= MAX_CUSTOMER_ID or not customer_id.isprintable():
            raise unauthorized("The token's subject is not a customer id.", "invalid_token")
        if is_guest(customer_id):
            raise unauthorized(RESERVED, "invalid_token")
        shopper = Shopper(self._store_id, customer_id=customer_id)
        self._known[token] = (shopper, ends)
        return shopper

    def expiry(self, token: str) -> float | None:
        """When a token ends that was let in (epoch, s)."""
        known = self._known.get(token)
        return known[1] if known else None

    async def fetch_key(self, token: str) -> None:
        """Has the provider asked for the key of a token that is not known yet; waits for that, but not for long."""
        if self.provider is None or token in self._known:
            return
        try:
            key_id = _key_id(token)
        except (jwt.PyJWTError, *NO_CLAIMS):
            return  # it will be refused for what it is
        await self.provider.fetch_missing(key_id)

    def _forget_withdrawn(self) -> None:
        """Tokens that were signed by a key which the provider has withdrawn must not live on in memory."""
        if self.provider is not None and self._withdrawals != self.provider.withdrawals:
            self._withdrawals = self.provider.withdrawals
            self._known.clear()

    def _claims(self, token: str) -> tuple[str, float]:
        """Whom a genuine token names, and when it ends (epoch, s)."""
        store = self._store
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key_of(token),
                algorithms=[store.jwt_algorithm],
                issuer=store.jwt_issuer,
                audience=store.jwt_audience,
                options=UNTIMED | {"verify_aud": store.jwt_audience is not None},
            )
            ends = float(int(claims["exp"]))  # neither endless nor of 400 digits
            begins = max(float(int(claims.get(name, 0))) for name in ("nbf", "iat"))
        except (jwt.PyJWTError, *NO_CLAIMS):
            raise unauthorized("The token is not valid.", "invalid_token") from None
        now = self._clock().timestamp()
        if not now - LEEWAY_S < ends:
            raise unauthorized("The token has expired.", "invalid_token")
        if not begins <= now + LEEWAY_S:
            raise unauthorized("The token is not valid yet.", "invalid_token")
        return claims["sub"], ends

    def _key_of(self, token: str) -> str | PublicKey:
        if self.provider is None:
            return self._key
        key = self.provider.key(_key_id(token))
        if key is not None:
            return key
        if self.provider.reachable:
            raise unauthorized("The token was signed by a key that is not the store's.", "invalid_token")
        raise provider_unavailable()


def _key_id(token: str) -> str | None:
    """The `kid` that a token claims. Raises `jwt.PyJWTError`."""
    found = jwt.get_unverified_header(token).get("kid")
    return found if isinstance(found, str) else None
