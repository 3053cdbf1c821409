"""The endpoint by which a store's servers change a customer's cart for them, as support does on the phone."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CartCall, server
from services.cart.api.handler_deps import LineActionCalls
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import STORE, NamedCustomer
from services.cart.api.replies import reply
from services.cart.api.schemas.cart import Cart
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.line_actions import LineActions
from services.cart.domain.shopper import Shopper

router = APIRouter(prefix=STORE + "/customers/{customer_id:path}/cart", tags=["servers"])


@router.post(
    "/actions",
    responses=answers(Cart, 200, "unknown-line", "limit-reached", "currency-mismatch", "currency-not-accepted"),
)
async def change_lines_of_customer(
    store_id: str,
    customer_id: NamedCustomer,
    caller: Annotated[str, server("carts:write")],
    body: Annotated[LineActions, json_body(LineActions, MAX_SERVER_BODY)],
    call: CartCall,
    line_actions: LineActionCalls,
) -> Response:
    """Adds, sets and removes lines in the customer's open cart, as `POST /cart/actions` does for who is logged in; an
    add makes a cart where there is none. By `X-Origin: staff` nobody is reminded of it until the customer changes it.
    """
    write = call.write_request(caller, body, about=customer_id)
    return reply(await line_actions.carry_out(Shopper(store_id, customer_id), body.commands(), write))
