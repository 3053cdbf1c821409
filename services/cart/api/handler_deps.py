"""The handlers that endpoints depend on, one dependency each."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from services.cart.api.services import services_of
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


async def cart_handlers(request: Request) -> CartHandlers:
    """What shoppers do to their carts."""
    return services_of(request).carts


async def cart_reads(request: Request) -> CartReads:
    """What is read of carts and contact data."""
    return services_of(request).reads


async def merge_handlers(request: Request) -> MergeHandlers:
    """Log-ins and their receipts."""
    return services_of(request).merges


async def line_action_handlers(request: Request) -> LineActionHandlers:
    """Several things done to a cart's lines at once."""
    return services_of(request).line_actions


async def link_handlers(request: Request) -> LinkHandlers:
    """Links to carts."""
    return services_of(request).links


async def customer_handlers(request: Request) -> CustomerHandlers:
    """Who is who, and how customers may be reached."""
    return services_of(request).customers


async def checkout_handlers(request: Request) -> CheckoutHandlers:
    """Checkouts that servers tell of."""
    return services_of(request).checkouts


async def guest_contact_handlers(request: Request) -> GuestContactHandlers:
    """Addresses of guests."""
    return services_of(request).guest_contacts


async def watch_handlers(request: Request) -> WatchHandlers:
    """Who wants to be told when an item is back."""
    return services_of(request).watches


async def view_handlers(request: Request) -> ViewHandlers:
    """What customers look at."""
    return services_of(request).views


async def order_handlers(request: Request) -> OrderHandlers:
    """Orders that are placed."""
    return services_of(request).orders


async def fulfilment_handlers(request: Request) -> FulfilmentHandlers:
    """What becomes of orders."""
    return services_of(request).fulfilment


async def stock_handlers(request: Request) -> StockHandlers:
    """Levels and prices."""
    return services_of(request).stock


async def price_handlers(request: Request) -> PriceHandlers:
    """Prices of single lines."""
    return services_of(request).prices


async def reservation_handlers(request: Request) -> ReservationHandlers:
    """Units that are held back."""
    return services_of(request).reservations


async def erasure_handlers(request: Request) -> ErasureHandlers:
    """Customers who are forgotten."""
    return services_of(request).erasures


async def export_handlers(request: Request) -> ExportHandlers:
    """What is held on a customer."""
    return services_of(request).exports


async def api_key_handlers(request: Request) -> ApiKeyHandlers:
    """Keys of stores."""
    return services_of(request).api_keys


async def store_handlers(request: Request) -> StoreHandlers:
    """Stores that are made and changed."""
    return services_of(request).store_changes


Carts = Annotated[CartHandlers, Depends(cart_handlers)]
Reads = Annotated[CartReads, Depends(cart_reads)]
Merges = Annotated[MergeHandlers, Depends(merge_handlers)]
LineActionCalls = Annotated[LineActionHandlers, Depends(line_action_handlers)]
Links = Annotated[LinkHandlers, Depends(link_handlers)]
Customers = Annotated[CustomerHandlers, Depends(customer_handlers)]
Checkouts = Annotated[CheckoutHandlers, Depends(checkout_handlers)]
GuestContacts = Annotated[GuestContactHandlers, Depends(guest_contact_handlers)]
Watching = Annotated[WatchHandlers, Depends(watch_handlers)]
Views = Annotated[ViewHandlers, Depends(view_handlers)]
Orders = Annotated[OrderHandlers, Depends(order_handlers)]
Fulfilment = Annotated[FulfilmentHandlers, Depends(fulfilment_handlers)]
Stock = Annotated[StockHandlers, Depends(stock_handlers)]
LinePrices = Annotated[PriceHandlers, Depends(price_handlers)]
Reservations = Annotated[ReservationHandlers, Depends(reservation_handlers)]
Erasures = Annotated[ErasureHandlers, Depends(erasure_handlers)]
Exports = Annotated[ExportHandlers, Depends(export_handlers)]
ApiKeys = Annotated[ApiKeyHandlers, Depends(api_key_handlers)]
StoreChanges = Annotated[StoreHandlers, Depends(store_handlers)]
