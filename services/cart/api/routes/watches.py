"""Endpoints of those who want to be told when an item is back, and of servers that ask for a customer."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.body import json_body
from services.cart.api.deps import CalledStore, CallingShopper, ServerCall, server
from services.cart.api.handler_deps import Watching
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import STORE, CustomerId, NamedCustomer
from services.cart.api.replies import reply, reply_json
from services.cart.api.routes.guests import left_by
from services.cart.api.schemas import watches as schemas
from services.cart.domain.limits import MAX_BODY
from services.cart.domain.shopper import Shopper
from services.cart.domain.watch import SetOwnWatch, SetWatch, Watch
from services.cart.handlers.watches import shown

OF_CUSTOMER = "/customers/{customer_id:path}/watches"
WatchId = Annotated[UUID, Path(examples=["9b2f4a1e-6f0d-4c57-8a56-0f6d1c7e2b13"])]
Asked = Annotated[SetWatch, json_body(SetWatch, MAX_BODY)]
SET = answers(schemas.Watch, 200, 201, "too-many-watches")
SET_OWN = answers(schemas.Watch, 200, 201, "too-many-watches", "contact-required", "guest-contacts-off")

router = APIRouter(prefix=STORE)


@router.post("/watches", tags=["shoppers"], status_code=201, responses=SET_OWN)
async def set_watch(
    request: Request,
    shopper: CallingShopper,
    body: Annotated[SetOwnWatch, json_body(SetOwnWatch, MAX_BODY)],
    call: ServerCall,
    store: CalledStore,
    watching: Watching,
) -> Response:
    """Asks to be told, once, when an item is back. Who waits for it already keeps the place (200). A guest leaves an
    address with it, as for the cart, unless they have done so before; at a log-in all of it becomes the customer's.
    """
    left = left_by(request, shopper, body.contact, store) if body.contact is not None else None
    return reply(await watching.set_watch(shopper, body, left, call.write_request(shopper.caller, body)))


@router.get("/watches", tags=["shoppers"], responses=answers(schemas.Watches, 200))
async def list_watches(shopper: CallingShopper, watching: Watching) -> Response:
    """What the shopper waits for."""
    return _listed(await watching.watches_of(shopper))


@router.delete("/watches", tags=["shoppers"], status_code=204, responses=nothing())
async def clear_watches(shopper: CallingShopper, call: ServerCall, watching: Watching) -> Response:
    """The shopper waits for nothing any more."""
    return reply(await watching.clear(shopper, None, call.write_request(shopper.caller)))


@router.delete("/watches/{watch_id}", tags=["shoppers"], status_code=204, responses=nothing())
async def clear_watch(watch_id: WatchId, shopper: CallingShopper, call: ServerCall, watching: Watching) -> Response:
    """The shopper waits for this no more. What nobody waits for is over already."""
    return reply(await watching.clear(shopper, watch_id, call.write_request(shopper.caller)))


@router.post(OF_CUSTOMER, tags=["servers"], status_code=201, responses=SET)
async def set_watch_of_customer(
    store_id: str,
    customer_id: NamedCustomer,
    caller: Annotated[str, server("customers:write")],
    body: Asked,
    call: ServerCall,
    watching: Watching,
) -> Response:
    """Has a customer told, once, when an item is back, as they may ask themselves."""
    write = call.write_request(caller, body, about=customer_id)
    return reply(await watching.set_watch(Shopper(store_id, customer_id), body, None, write))


@router.get(
    OF_CUSTOMER, tags=["servers"], responses=answers(schemas.Watches, 200), dependencies=[server("customers:read")]
)
async def list_watches_of_customer(store_id: str, customer_id: CustomerId, watching: Watching) -> Response:
    """What a customer waits for."""
    return _listed(await watching.watches_of(Shopper(store_id, customer_id)))


@router.delete(OF_CUSTOMER, tags=["servers"], status_code=204, responses=nothing())
async def clear_watches_of_customer(
    store_id: str,
    customer_id: CustomerId,
    caller: Annotated[str, server("customers:write")],
    call: ServerCall,
    watching: Watching,
) -> Response:
    """A customer waits for nothing any more."""
    return reply(
        await watching.clear(Shopper(store_id, customer_id), None, call.write_request(caller, about=customer_id))
    )


@router.delete(OF_CUSTOMER + "/{watch_id}", tags=["servers"], status_code=204, responses=nothing())
async def clear_watch_of_customer(
    store_id: str,
    customer_id: CustomerId,
    watch_id: WatchId,
    caller: Annotated[str, server("customers:write")],
    call: ServerCall,
    watching: Watching,
) -> Response:
    """A customer waits for this no more."""
    return reply(
        await watching.clear(Shopper(store_id, customer_id), watch_id, call.write_request(caller, about=customer_id))
    )


def _listed(watches: Sequence[Watch]) -> Response:
    return reply_json(b'{"watches":[%s]}' % b",".join(map(shown, watches)))
