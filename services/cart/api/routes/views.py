"""Endpoints that tell what customers look at, in stores that keep it."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, CallingCustomer, ViewCall, server
from services.cart.api.handler_deps import Views
from services.cart.api.openapi.answers import nothing
from services.cart.api.paths import STORE, NamedCustomer
from services.cart.api.replies import reply
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.shopper import Shopper
from services.cart.domain.views import ViewProducts, kept_by

Viewed = Annotated[ViewProducts, json_body(ViewProducts, MAX_BODY)]
TOLD = nothing("views-off")

router = APIRouter(prefix=STORE)


@router.post("/views", tags=["shoppers"], status_code=204, responses=TOLD)
async def view_products(
    shopper: CallingCustomer, body: Viewed, call: ViewCall, store: CalledStore, views: Views
) -> Response:
    """Tells what the customer who is logged in looked at, several products at once or one: kept for 30 days, for a
    reminder. Of what staff, a bot or an import looks at (`X-Origin`) nothing is kept.
    """
    kept_by(store)
    return reply(await views.keep(shopper, body, call.write_request(shopper.caller, body)))


@router.post("/customers/{customer_id:path}/views", tags=["servers"], status_code=204, responses=TOLD)
async def view_products_of_customer(
    store_id: str,
    customer_id: NamedCustomer,
    caller: Annotated[str, server("customers:write")],
    body: Viewed,
    call: ViewCall,
    store: CalledStore,
    views: Views,
) -> Response:
    """Tells what a customer looked at, as their page may."""
    kept_by(store)
    write = call.write_request(caller, body, about=customer_id)
    return reply(await views.keep(Shopper(store_id, customer_id), body, write))
