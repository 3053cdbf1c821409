"""Who calls: a customer by JWT, a guest by cart token, a server by secret key; none can pass for another."""

import hmac
from collections.abc import Iterable
from functools import lru_cache

from starlette.datastructures import Headers

from libs.runtime.clock import Clock, utc_now
from services.cart.auth.challenges import (
    bearer,
    forbidden,
    insufficient_scope,
    origin_not_allowed,
    publishable_key_required,
    unauthorized,
)
from services.cart.auth.cookies import cookie_of, from_own_page
from services.cart.auth.jwks import Provider
from services.cart.auth.jwt import MAX_KNOWN, CustomerTokens
from services.cart.auth.key_cache import KeyCache
from services.cart.domain.api_keys import SCOPES, ApiKey, Holder, Scope
from services.cart.domain.shopper import SERVER, Shopper
from services.cart.domain.store import Store
from services.cart.domain.tokens import ForgedError, guest_token_hash, with_any

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Authenticator:
    """Checks the credentials of one store. Remembers what it has checked, customers' tokens until they expire.

    `guest_hash` gives the hash of a guest's token, None where it was not issued here.
    """

    def __init__(
        self,
        store_id: str,
        store: Store,
        token_secret: bytes,
        keys: KeyCache | None = None,
        provider: Provider | None = None,
        *,
        older_secrets: Iterable[bytes] = (),
        clock: Clock = utc_now,
    ) -> None:
        self._store_id, self._store, self._keys = store_id, store, keys or KeyCache()
        self._token_secrets = (token_secret, *older_secrets)
        self._own_origins = frozenset(store.origins)
        self._secret_keys = tuple(key.get_secret_value().encode() for key in store.secret_keys)
        self.customers = CustomerTokens(store_id, store, provider, clock)
        self.guest_hash = lru_cache(MAX_KNOWN)(self._guest_hash)

    def shopper(self, headers: Headers, method: str = "GET") -> Shopper:
        """The shopper who calls. Raises `Problem` 401 without genuine credentials, 403 with those of a server, or
        where a page that is none of the store's calls with a key or a cookie.
        """
        self.storefront(headers)
        authorization = headers.get("authorization")
        if authorization is not None:
            credential = bearer(authorization)
            if self._secret(credential) is not None:
                raise forbidden("A secret key does not stand for a shopper.")
            return self.customers.of(credential)
        if token := headers.get("x-cart-token"):
            return Shopper(self._store_id, token_hash=self._guest(token))
        if token := self.cookie(headers):
            if method in UNSAFE and not self.from_own_page(headers):
                raise origin_not_allowed()
            return Shopper(self._store_id, token_hash=self._guest(token))
        raise unauthorized("Send a customer's token as Authorization: Bearer, or a guest's as X-Cart-Token.")

    def storefront(self, headers: Headers) -> ApiKey | None:
        """The key of the calling storefront; None where the store's need none. Raises `Problem` 401, 403."""
        if not self._keys.needs_publishable_key(self._store_id):
            return None
        key = self._keys.publishable(headers.get("x-publishable-key", ""), self._store_id)
        if key is None:
            raise publishable_key_required()
        origin = headers.get("origin")
        if origin is not None and origin not in key.origins:
            raise origin_not_allowed()
        return key

    def allows_origin(self, origin: str, credential: str | None) -> bool:
        """Whether pages of a web origin may read answers: of the storefront's key, else any of the store's."""
        key = self._keys.publishable(credential, self._store_id) if credential else None
        if key is not None:
            return origin in key.origins
        return origin in self.known_origins()

    def known_origins(self) -> frozenset[str]:
        """Web origins of all pages that the store lets in, by its settings or by a publishable key."""
        return self._own_origins | self._keys.origins(self._store_id)

    def from_own_page(self, headers: Headers) -> bool:
        """Whether a browser says that a page of the store calls, or one that comes from here (with cookies it must)."""
        key = self.storefront(headers)
        return from_own_page(headers, self._own_origins if key is None else key.origins)

    def cookie(self, headers: Headers) -> str | None:
        """The guest's token in the store's cookie, where the store has cookies on."""
        return None if self._store.cookie == "off" else cookie_of(headers, self._store_id)

    def expiry(self, headers: Headers) -> float | None:
        """When the credentials end with which `shopper` has just let somebody in (epoch, s); None: never."""
        authorization = headers.get("authorization")
        return self.customers.expiry(bearer(authorization)) if authorization is not None else None

    def customer(self, headers: Headers) -> Shopper:
        """The customer who calls. Raises `Problem` 401, or 403 for a guest."""
        shopper = self.shopper(headers)
        if shopper.customer_id is None:
            raise forbidden("This needs a customer who has logged in.")
        return shopper

    def server(self, headers: Headers, scope: Scope) -> str:
        """The name of the calling server. Raises `Problem` 401, or 403 for a shopper or a key without the scope."""
        holder = self.holder(headers)
        if scope not in holder.scopes:
            raise insufficient_scope(scope)
        return holder.caller

    def holder(self, headers: Headers) -> Holder:
        """The calling server, and what its key can do. Raises `Problem` 401, or 403 for a shopper."""
        authorization = headers.get("authorization")
        if authorization is not None:
            credential = bearer(authorization)
            if (found := self._secret(credential)) is not None:
                return found
            self.customers.of(credential)
        elif token := headers.get("x-cart-token") or self.cookie(headers):
            self._guest(token)
        else:
            raise unauthorized("Send one of the store's secret keys as Authorization: Bearer.")
        raise forbidden("This is for the store's servers.")

    def _guest_hash(self, token: str) -> bytes | None:
        """The hash of a guest's token; None where it was not issued here."""
        try:
            return with_any(self._token_secrets, lambda secret: guest_token_hash(secret, self._store_id, token))
        except ForgedError:
            return None

    def _guest(self, token: str) -> bytes:
        known = self.guest_hash(token)
        if known is None:
            raise unauthorized("The cart token is not valid.")
        return known

    def _secret(self, credential: str) -> Holder | None:
        """Who holds a secret key; None where it opens nothing here."""
        if not credential.startswith("sk_"):
            return None
        # every key is compared, each in constant time, so that the time tells nothing
        matches = [hmac.compare_digest(credential.encode(), key) for key in self._secret_keys]
        if any(matches):
            return Holder(SERVER, SCOPES)
        return self._keys.secret(credential, self._store_id)


def operator(keys: KeyCache, headers: Headers, scope: Scope) -> str:
    """The name of a caller with a key for the whole installation. Raises `Problem` 401, or 403 without the scope."""
    holder = keys.secret(bearer(headers.get("authorization", "")), None)
    if holder is None:
        raise unauthorized("Send a key for the whole installation as Authorization: Bearer.", "invalid_token")
    if scope not in holder.scopes:
        raise insufficient_scope(scope)
    return holder.caller
