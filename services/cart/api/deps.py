"""What every endpoint needs: the stores, who may come in, and what they may ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from starlette.datastructures import Headers
from starlette.requests import Request

from libs.http.problems import Problem
from services.cart.api.rate_limits import RateLimits
from services.cart.api.request import WriteRequests
from services.cart.auth.authenticator import Authenticator, operator
from services.cart.auth.authenticators import Authenticators
from services.cart.domain.api_keys import Scope
from services.cart.domain.rate import Rates
from services.cart.domain.shopper import Shopper
from services.cart.domain.store import Store
from services.cart.handlers.api_keys import ApiKeyHandlers
from services.cart.handlers.carts import CartHandlers
from services.cart.handlers.customers import CustomerHandlers
from services.cart.handlers.erasure import ErasureHandlers
from services.cart.handlers.exports import ExportHandlers
from services.cart.handlers.fulfilment import FulfilmentHandlers
from services.cart.handlers.links import LinkHandlers
from services.cart.handlers.merges import MergeHandlers
from services.cart.handlers.orders import OrderHandlers
from services.cart.handlers.reads import CartReads
from services.cart.handlers.reservations import ReservationHandlers
from services.cart.handlers.stock import StockHandlers
from services.cart.handlers.stores import StoreHandlers
from services.cart.stores.registry import Entry, StoreRegistry

T = TypeVar("T")
OPERATORS = Rates()
"""Of keys for the whole installation only failures are counted."""


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it."""

    book: StoreRegistry
    authenticators: Authenticators
    intents: WriteRequests
    token_secret: bytes
    changing: CartHandlers
    claiming: MergeHandlers
    uniting: CustomerHandlers
    ordering: OrderHandlers
    fulfilling: FulfilmentHandlers
    sharing: LinkHandlers
    stocking: StockHandlers
    reserving: ReservationHandlers
    reading: CartReads
    rate_limits: RateLimits
    erasing: ErasureHandlers
    exporting: ExportHandlers
    keeping: ApiKeyHandlers
    registering: StoreHandlers

    def door(self, store_id: str) -> Authenticator:
        """The doorkeeper of a store. Raises `Problem` 404."""
        return self.authenticators.of(self._entry(store_id))

    def store(self, store_id: str) -> Store:
        """The settings of a store. Raises `Problem` 404."""
        return self._entry(store_id).store

    def shopper(self, request: Request, store_id: str) -> Shopper:
        """The shopper who calls, counted. Raises `Problem` 401, 403, 404, 429."""
        entry, shopper = self._proved(request, store_id, lambda door, headers: door.shopper(headers, request.method))
        self._count(request, entry, shopper)
        return shopper

    def customer(self, request: Request, store_id: str) -> Shopper:
        """The customer who calls, counted. Raises `Problem` 401, 403 (for a guest too), 404, 429."""
        entry, customer = self._proved(request, store_id, Authenticator.customer)
        self._count(request, entry, customer)
        return customer

    def _count(self, request: Request, entry: Entry, shopper: Shopper) -> None:
        key = self.authenticators.of(entry).storefront(request.headers)
        self.rate_limits.shopper(
            request, shopper.store_id, entry.store.rates, shopper.caller, key.key_id if key is not None else ""
        )

    def server(self, request: Request, store_id: str, scope: Scope) -> str:
        """The caller's name, once it has proved to be a server of the store with a key for `scope`; counted.

        Raises `Problem` 401, 403 (`insufficient-scope` for a key that was made for other things), 404, 429.
        """
        entry, caller = self._proved(request, store_id, lambda door, headers: door.server(headers, scope))
        self.rate_limits.server(request, store_id, entry.store.rates, caller)
        return caller

    def newcomer(self, request: Request, store_id: str) -> None:
        """Counts somebody who asks for a guest's token. Raises `Problem` 401, 403, 404, 429."""
        entry, _ = self._proved(request, store_id, Authenticator.storefront)
        self.rate_limits.token(request, store_id, entry.store.rates)

    def _proved(self, request: Request, store_id: str, proof: Callable[[Authenticator, Headers], T]) -> tuple[Entry, T]:
        """What the doorkeeper makes of the credentials; those that are none count for the address."""
        entry = self._entry(store_id)
        door, rates = self.authenticators.of(entry), entry.store.rates
        return entry, self._counting_failures(request, store_id, rates, lambda: proof(door, request.headers))

    def _counting_failures(self, request: Request, store_id: str, rates: Rates, proof: Callable[[], T]) -> T:
        self.rate_limits.before_proof(request, store_id, rates)
        try:
            return proof()
        except Problem as problem:
            if problem.status == HTTPStatus.UNAUTHORIZED:
                self.rate_limits.failed(request, store_id, rates)
            raise

    def scopes(self, request: Request, store_id: str) -> frozenset[Scope]:
        """What the key of the calling server was made for. Raises as `server` does."""
        return self.door(store_id).secret(request.headers)[1]

    def operator(self, request: Request, scope: Scope) -> str:
        """The caller's name, once it has shown a key for the whole installation, made for `scope`.

        Raises `Problem` 401, 403 (`insufficient-scope`), 429.
        """
        return self._counting_failures(
            request, "", OPERATORS, lambda: operator(self.authenticators.keys, request.headers, scope)
        )

    def _entry(self, store_id: str) -> Entry:
        entry = self.book.get(store_id)
        if entry is None:
            raise Problem(404, "unknown-store", "There is no such store.")
        return entry
