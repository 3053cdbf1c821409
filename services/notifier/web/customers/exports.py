"""Everything that this service holds on a customer, for whoever has the store's key."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Security
from starlette.responses import Response

from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import exports
from services.notifier.rendering.copies import read
from services.notifier.web.customers.export_schemas import Export
from services.notifier.web.deps import STORE_PATH, Given, authorize

SCHEMA = "urn:evercart:export:notifier:1"
PATH = STORE_PATH + "/customers/{customer_id:path}/export"
CustomerId = Annotated[str, Path(description="The customer; slashes may be in it.", examples=["anna"])]

router = APIRouter(tags=["customers"], dependencies=[Security(authorize)])


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": Export, "description": "All that is held"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def export_customer(store_id: StoreId, customer_id: CustomerId, services: Given) -> Response:
    """Contact, every message that was asked for and what became of it, closed channels, replies."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await exports.everything(connection, store_id, customer_id)
    for message in found["messages"]:
        message["content"] = None if message["content"] is None else asdict(read(message["content"]))
    head = {"schema": SCHEMA, "store_id": store_id, "customer_id": customer_id, "exported_at": services.clock()}
    return unkept(head | found)
