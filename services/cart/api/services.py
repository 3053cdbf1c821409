"""The service as its endpoints see it: one object, which the application carries."""

from dataclasses import dataclass

from starlette.requests import Request

from services.cart.api.callers import Callers
from services.cart.api.request import WriteRequests
from services.cart.auth.authenticators import Authenticators
from services.cart.domain.customers.opt_in import OptIns
from services.cart.handlers.api_keys import ApiKeyHandlers
from services.cart.handlers.carts import CartHandlers
from services.cart.handlers.checkouts import CheckoutHandlers
from services.cart.handlers.customers import CustomerHandlers
from services.cart.handlers.erasure import ErasureHandlers
from services.cart.handlers.exports import ExportHandlers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.handlers.line_actions import LineActionHandlers
from services.cart.handlers.links import LinkHandlers
from services.cart.handlers.merges import MergeHandlers
from services.cart.handlers.orders.fulfilment import FulfilmentHandlers
from services.cart.handlers.orders.orders import OrderHandlers
from services.cart.handlers.prices import PriceHandlers
from services.cart.handlers.reads import CartReads
from services.cart.handlers.reservations import ReservationHandlers
from services.cart.handlers.stock import StockHandlers
from services.cart.handlers.stores import StoreHandlers
from services.cart.handlers.views import ViewHandlers
from services.cart.handlers.watches import WatchHandlers
from services.cart.live.subscriptions import Subscriptions
from services.cart.stores.registry import StoreRegistry


@dataclass(frozen=True, slots=True)
class Services:
    """What endpoints may use; `build_app` sets it as `app.state.services`, and `deps` hands out its parts."""

    authenticators: Authenticators
    callers: Callers
    write_requests: WriteRequests
    opt_ins: OptIns
    carts: CartHandlers
    reads: CartReads
    merges: MergeHandlers
    line_actions: LineActionHandlers
    links: LinkHandlers
    customers: CustomerHandlers
    guest_contacts: GuestContactHandlers
    watches: WatchHandlers
    views: ViewHandlers
    checkouts: CheckoutHandlers
    orders: OrderHandlers
    fulfilment: FulfilmentHandlers
    stock: StockHandlers
    prices: PriceHandlers
    reservations: ReservationHandlers
    erasures: ErasureHandlers
    exports: ExportHandlers
    api_keys: ApiKeyHandlers
    store_changes: StoreHandlers
    subscriptions: Subscriptions

    @property
    def stores(self) -> StoreRegistry:
        """The stores, of which the authenticators know."""
        return self.authenticators.stores

    @property
    def token_secrets(self) -> tuple[bytes, ...]:
        """What guests' tokens are signed with: the first signs, what the others have signed is still good."""
        return self.authenticators.token_secrets


def services_of(request: Request) -> Services:
    """The service that answers a request."""
    services: Services = request.app.state.services
    return services
