"""Who calls: a customer by JWT, a guest by cart token, a server by secret key; none can pass for another."""

import hmac
import time
from collections import OrderedDict
from functools import lru_cache

import jwt
from starlette.datastructures import Headers

from libs.runtime.problems import Problem
from services.cart.identity import SERVER, Shopper
from services.cart.keyring import Keyring
from services.cart.scopes import SCOPES, Scope
from services.cart.settings import Store
from services.cart.tokens import ForgedError, guest_token_hash

LEEWAY_S = 10
MAX_CREDENTIAL = 8192
MAX_KNOWN = 10_000
MAX_CUSTOMER_ID = 200
CHALLENGE = 'Bearer realm="evercart"'


class Doorkeeper:
    """Checks the credentials of one store. Remembers what it has checked, customers' tokens until they expire.

    `guest_hash` gives the hash of a guest's token, None where it was not issued here.
    """

    def __init__(self, store_id: str, store: Store, token_secret: bytes, ring: Keyring | None = None) -> None:
        self._store_id, self._store, self._token_secret, self._ring = store_id, store, token_secret, ring or Keyring()
        self._jwt_key = store.jwt_key.get_secret_value()
        self._secret_keys = tuple(key.get_secret_value().encode() for key in store.secret_keys)
        self._known: OrderedDict[str, tuple[Shopper, float]] = OrderedDict()
        self.guest_hash = lru_cache(MAX_KNOWN)(self._guest_hash)

    def shopper(self, headers: Headers) -> Shopper:
        """The shopper who calls. Raises `Problem` 401 without genuine credentials, 403 with those of a server."""
        authorization = headers.get("authorization")
        if authorization is not None:
            bearer = _bearer(authorization)
            if self._secret(bearer) is not None:
                raise _forbidden("A secret key does not stand for a shopper.")
            return self._customer(bearer)
        if token := headers.get("x-cart-token"):
            return Shopper(self._store_id, token_hash=self._guest(token))
        raise unauthorized("Send a customer's token as Authorization: Bearer, or a guest's as X-Cart-Token.")

    def expiry(self, headers: Headers) -> float | None:
        """When the credentials end with which `shopper` has just let somebody in (epoch, s); None: never."""
        authorization = headers.get("authorization")
        known = self._known.get(_bearer(authorization)) if authorization is not None else None
        return known[1] if known else None

    def customer(self, headers: Headers) -> Shopper:
        """The customer who calls. Raises `Problem` 401, or 403 for a guest."""
        shopper = self.shopper(headers)
        if shopper.customer_id is None:
            raise _forbidden("This needs a customer who has logged in.")
        return shopper

    def server(self, headers: Headers, scope: Scope) -> str:
        """The name of the calling server. Raises `Problem` 401, or 403 for a shopper or a key without the scope."""
        caller, scopes = self.secret(headers)
        if scope not in scopes:
            raise insufficient(scope)
        return caller

    def secret(self, headers: Headers) -> tuple[str, frozenset[Scope]]:
        """The name and the scopes of the calling server. Raises `Problem` 401, or 403 for a shopper."""
        authorization = headers.get("authorization")
        if authorization is not None and (found := self._secret(bearer := _bearer(authorization))) is not None:
            return found
        if authorization is None and "x-cart-token" not in headers:
            raise unauthorized("Send one of the store's secret keys as Authorization: Bearer.")
        self.shopper(headers) if authorization is None else self._customer(bearer)
        raise _forbidden("This is for the store's servers.")

    def _guest_hash(self, token: str) -> bytes | None:
        """The hash of a guest's token; None where it was not issued here."""
        try:
            return guest_token_hash(self._token_secret, self._store_id, token)
        except ForgedError:
            return None

    def _guest(self, token: str) -> bytes:
        known = self.guest_hash(token)
        if known is None:
            raise unauthorized("The cart token is not valid.")
        return known

    def _secret(self, bearer: str) -> tuple[str, frozenset[Scope]] | None:
        """Who holds a secret key, and what it was made for; None where it opens nothing here."""
        if not bearer.startswith("sk_"):
            return None
        # every key is compared, each in constant time, so that the time tells nothing
        matches = [hmac.compare_digest(bearer.encode(), key) for key in self._secret_keys]
        if any(matches):
            return SERVER, SCOPES
        key = self._ring.secret(bearer, self._store_id)
        return None if key is None else (key.caller, key.scopes)

    def _customer(self, bearer: str) -> Shopper:
        known = self._known.get(bearer)
        if known is not None and time.time() < known[1]:
            self._known.move_to_end(bearer)
            return known[0]
        claims = self._claims(bearer)
        customer_id = claims["sub"]
        if not 0 < len(customer_id) <= MAX_CUSTOMER_ID or not customer_id.isprintable():
            raise unauthorized("The token's subject is not a customer id.", "invalid_token")
        shopper = Shopper(self._store_id, customer_id=customer_id)
        self._known[bearer] = (shopper, float(claims["exp"]))
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return shopper

    def _claims(self, bearer: str) -> dict[str, str]:
        store = self._store
        try:
            claims: dict[str, str] = jwt.decode(
                bearer,
                self._jwt_key,
                algorithms=[store.jwt_algorithm],
                issuer=store.jwt_issuer,
                audience=store.jwt_audience,
                leeway=LEEWAY_S,
                options={"require": ["exp", "sub"], "verify_aud": store.jwt_audience is not None},
            )
        except jwt.ExpiredSignatureError:
            raise unauthorized("The token has expired.", "invalid_token") from None
        except jwt.PyJWTError:
            raise unauthorized("The token is not valid.", "invalid_token") from None
        return claims


def unauthorized(detail: str, error: str | None = None) -> Problem:
    """A 401 with the challenge of RFC 6750."""
    challenge = CHALLENGE if error is None else f'{CHALLENGE}, error="{error}"'
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": challenge})


def insufficient(scope: Scope) -> Problem:
    """A 403 that names the scope which the key lacks, with the challenge of RFC 6750, 3.1."""
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    detail = "This key was not made for that."
    return Problem(403, "insufficient-scope", detail, headers={"WWW-Authenticate": challenge}, scope=scope)


def operator(ring: Keyring, headers: Headers, scope: Scope) -> str:
    """The name of a caller with a key for the whole installation. Raises `Problem` 401, or 403 without the scope."""
    key = ring.secret(_bearer(headers.get("authorization", "")), None)
    if key is None:
        raise unauthorized("Send a key for the whole installation as Authorization: Bearer.", "invalid_token")
    if scope not in key.scopes:
        raise insufficient(scope)
    return key.caller


def _forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", detail)


def _bearer(authorization: str) -> str:
    scheme, _, credential = authorization.partition(" ")
    if scheme.lower() != "bearer" or not credential or len(credential) > MAX_CREDENTIAL:
        raise unauthorized("Authorization must be a Bearer token.", "invalid_request")
    return credential.strip()
