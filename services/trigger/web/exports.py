"""Everything that this service holds on a customer, for whoever has the store's key."""

from typing import Annotated

from fastapi import APIRouter, Path, Security
from starlette.responses import Response

from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.trigger.db import exports
from services.trigger.web.deps import Given
from services.trigger.web.schemas import Export

SCHEMA = "urn:evercart:export:trigger:1"
PATH = "/v1/stores/{store_id}/customers/{customer_id:path}/export"
CustomerId = Annotated[str, Path(description="The customer; slashes may be in it.", examples=["anna"])]

router = APIRouter(tags=["customers"], dependencies=[Security(opens("exports:read"))])


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": Export, "description": "All that is held"}},
    openapi_extra=refuses("unauthorized", "insufficient-scope", "unavailable"),
)
async def export_customer(store_id: StoreId, customer_id: CustomerId, services: Given) -> Response:
    """Carts as timers see them, who holds what, every decision and its reason."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await exports.everything(connection, store_id, customer_id)
    head = {"schema": SCHEMA, "store_id": store_id, "customer_id": customer_id, "exported_at": services.clock()}
    return unkept(head | found)
