"""Endpoints by which a shopper's page, or a server that follows the checkout, tells that somebody begins to pay."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.deps import CallingShopper, CartCall, ShopperCall, server
from services.cart.api.handler_deps import Carts, Checkouts
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART, STORE
from services.cart.api.replies import reply
from services.cart.api.schemas.cart import Cart
from services.cart.domain.commands import StartCheckout

router = APIRouter()


@router.post(CART + "/checkout", tags=["shoppers"], responses=answers(Cart, 200))
async def start_checkout(shopper: CallingShopper, call: ShopperCall, carts: Carts) -> Response:
    """Tells that the shopper begins to pay for what is in the cart: once for the same goods, however often it is
    called. With an empty cart nothing begins.
    """
    return reply(await carts.change(shopper, StartCheckout(), call.write_request(shopper.caller)))


@router.post(
    STORE + "/carts/{cart_id}/checkout",
    tags=["servers"],
    responses=answers(Cart, 200, "unknown-cart"),
)
async def start_checkout_of_cart(
    cart_id: UUID, caller: Annotated[str, server("carts:write")], call: CartCall, checkouts: Checkouts
) -> Response:
    """Tells the same of an open cart, for a server that sees the checkout. Where staff, a bot or an import begins it
    (`X-Origin`) nothing is told.
    """
    return reply(await checkouts.start(cart_id, call.write_request(caller)))
