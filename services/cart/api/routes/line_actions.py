"""The endpoint that does several things to the lines of a shopper's cart at once."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CallingShopper, ShopperCall
from services.cart.api.handler_deps import LineActionCalls
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply
from services.cart.api.routes.lines import X_CART_ID
from services.cart.api.schemas.cart import Cart
from services.cart.domain.limits import MAX_SERVER_BODY
from services.cart.domain.line_actions import LineActions

router = APIRouter(prefix=CART, tags=["shoppers"])


@router.post(
    "/actions",
    responses=answers(Cart, 200, "unknown-line", "limit-reached", "currency-mismatch", "currency-not-accepted"),
    openapi_extra={"parameters": [X_CART_ID]},
)
async def change_lines(
    shopper: CallingShopper,
    body: Annotated[LineActions, json_body(LineActions, MAX_SERVER_BODY)],
    call: ShopperCall,
    line_actions: LineActionCalls,
) -> Response:
    """Adds, sets and removes several lines in their order: all of it is done, or nothing. A refusal says by `action`
    which one it is about, counted from 0.
    """
    return reply(await line_actions.carry_out(shopper, body.commands(), call.write_request(shopper.caller, body)))
