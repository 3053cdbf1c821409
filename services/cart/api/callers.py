"""Who calls which store: proved by the store's authenticator, and counted by the rate limits."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from starlette.requests import Request

from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused
from services.cart.api.rate_limits import RateLimits
from services.cart.auth.authenticator import Authenticator, operator
from services.cart.auth.authenticators import Authenticators
from services.cart.auth.challenges import bearer
from services.cart.domain.api_keys import Scope
from services.cart.domain.rate import Rates
from services.cart.domain.shopper import Shopper
from services.cart.domain.store import Store
from services.cart.domain.tokens import ForgedError, with_any
from services.cart.stores.registry import Entry

T = TypeVar("T")
OPERATORS = Rates()
"""Of keys for the whole installation only failures are counted."""


class Callers:
    """The callers of all stores. Every method raises `Problem` 404 where there is no such store."""

    def __init__(self, authenticators: Authenticators, rate_limits: RateLimits) -> None:
        self._authenticators, self._rate_limits = authenticators, rate_limits

    def authenticator(self, store_id: str) -> Authenticator:
        """Who checks the callers of a store."""
        return self._authenticators.of(self._entry(store_id))

    def store(self, store_id: str) -> Store:
        """The settings of a store."""
        return self._entry(store_id).store

    def shopper(self, request: Request, store_id: str) -> Shopper:
        """The shopper who calls, counted. Raises `Problem` 401, 403, 429."""
        return self._shopper(request, store_id, lambda checks: checks.shopper(request.headers, request.method))

    def customer(self, request: Request, store_id: str) -> Shopper:
        """The customer who calls, counted. Raises `Problem` 401, 403 (for a guest too), 429."""
        return self._shopper(request, store_id, lambda checks: checks.customer(request.headers))

    def server(self, request: Request, store_id: str, scope: Scope) -> str:
        """The caller's name, once it has proved to be a server of the store with a key for `scope`; counted.

        Raises `Problem` 401, 403 (`insufficient-scope` for a key that was made for other things), 429.
        """
        entry = self._entry(store_id)
        checks, rates = self._authenticators.of(entry), entry.store.rates
        caller = self._proved(request, store_id, rates, lambda: checks.server(request.headers, scope))
        self._rate_limits.server(request, store_id, rates, caller)
        return caller

    def server_or_operator(self, request: Request, store_id: str, scope: Scope) -> str:
        """A server of the store; of the whole installation where there is no such store yet. Raises as they do."""
        if self._authenticators.stores.get(store_id) is None:
            return self.operator(request, scope)
        return self.server(request, store_id, scope)

    def ends(self, request: Request, store_id: str) -> datetime | None:
        """When the secret ends by which `server_or_operator` has let somebody in; None: never."""
        if self._authenticators.stores.get(store_id) is not None:
            return self.authenticator(store_id).holder(request.headers).until
        holder = self._authenticators.keys.secret(bearer(request.headers.get("authorization", "")), None)
        return None if holder is None else holder.until

    def operator(self, request: Request, scope: Scope) -> str:
        """The caller's name, once it has shown a key for the whole installation, made for `scope`.

        Raises `Problem` 401, 403 (`insufficient-scope`), 429.
        """
        keys = self._authenticators.keys
        return self._proved(request, "", OPERATORS, lambda: operator(keys, request.headers, scope))

    def address(self, request: Request) -> str:
        """A hash of the address that calls; empty where nobody knows, or nobody counts."""
        return self._rate_limits.address(request)

    def link(self, request: Request, secrets: Iterable[bytes], read: Callable[[bytes], T]) -> T:
        """What a link says, as `read` reads it with one of the secrets. Forged ones count for the address, of no store:
        nobody knows of which they would be. Raises `Problem` 404, 429.
        """
        self._rate_limits.before_proof(request, "", OPERATORS)
        try:
            return with_any(secrets, read)
        except ForgedError:
            self._rate_limits.failed(request, "", OPERATORS)
            note_refused("links", "", "unknown-link")
            raise Problem(404, "unknown-link", "This link leads to no cart.") from None

    def new_guest(self, request: Request, store_id: str) -> None:
        """Counts somebody who asks for a guest's token. Raises `Problem` 401, 403, 429."""
        entry = self._entry(store_id)
        checks, rates = self._authenticators.of(entry), entry.store.rates
        self._proved(request, store_id, rates, lambda: checks.storefront(request.headers))
        self._rate_limits.token(request, store_id, rates)

    def guest_contact(self, request: Request, store_id: str, addresses: Sequence[str]) -> None:
        """Counts addresses that a guest leaves. Raises `Problem` 429."""
        self._rate_limits.contact(request, store_id, self._entry(store_id).store.rates, addresses)

    def _shopper(self, request: Request, store_id: str, proof: Callable[[Authenticator], Shopper]) -> Shopper:
        entry = self._entry(store_id)
        checks, rates = self._authenticators.of(entry), entry.store.rates
        shopper = self._proved(request, store_id, rates, lambda: proof(checks))
        key = checks.storefront(request.headers)
        self._rate_limits.shopper(request, store_id, rates, shopper.caller, key.key_id if key is not None else "")
        return shopper

    def _proved(self, request: Request, store_id: str, rates: Rates, proof: Callable[[], T]) -> T:
        """What the authenticator makes of the credentials; those that are none are counted and told."""
        self._rate_limits.before_proof(request, store_id, rates)
        try:
            return proof()
        except Problem as problem:
            if problem.status == HTTPStatus.UNAUTHORIZED:
                self._rate_limits.failed(request, store_id, rates)
                note_refused("cart", store_id, problem.slug)
            raise

    def _entry(self, store_id: str) -> Entry:
        entry = self._authenticators.stores.get(store_id)
        if entry is None:
            raise Problem(404, "unknown-store", "There is no such store.")
        return entry
