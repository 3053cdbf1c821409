"""Endpoint by which a shopper's device tells that it has shown notices."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CallingShopper, ShopperCall
from services.cart.api.handler_deps import Reads
from services.cart.api.openapi.answers import answers
from services.cart.api.paths import CART
from services.cart.api.replies import reply
from services.cart.api.schemas.cart import Cart
from services.cart.domain.commands import Acknowledge
from services.cart.domain.limits import MAX_BODY

router = APIRouter(prefix=CART + "/notices", tags=["shoppers"])


@router.post("/ack", responses=answers(Cart, 200))
async def acknowledge_notices(
    shopper: CallingShopper,
    body: Annotated[Acknowledge, json_body(Acknowledge, MAX_BODY)],
    call: ShopperCall,
    reads: Reads,
) -> Response:
    """Notes that notices were seen on this device (X-Device): here they are not told again, elsewhere they are.
    A notice that does not hold any more is passed over.
    """
    return reply(await reads.acknowledge(shopper, body.notice_ids, call.write_request(shopper.caller, body)))
