"""Who has an address, for whoever has the store's key: asked by POST, so that no address stands in a URL or a log."""

from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import contacts
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import like

MOST, BODY_MOST = 100, 4096
_ADDRESS = {"type": "string", "minLength": 3, "maxLength": 254}
_BODY = body_of(
    {"type": "object", "required": ["address"], "properties": {"address": _ADDRESS}}, {"address": "anna@shop.example"}
)

router = APIRouter(prefix=STORE_PATH, tags=["customers"], dependencies=[Security(authorize)])


class Address(BaseModel):
    """An e-mail address, or a telephone number as the profile says it."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f]+$")


class Customers(BaseModel):
    """The customers who may be reached at an address, at most a hundred."""

    model_config = like({"customer_ids": ["anna", "customer-7"]})

    customer_ids: list[str]


@router.post(
    "/customers/find",
    responses={200: {"model": Customers, "description": "Who may be reached there"}},
    openapi_extra=refuses(
        "malformed-json", "unauthorized", "body-too-large", "invalid-request", "unavailable", requestBody=_BODY
    ),
)
async def find_customers(request: Request, store_id: StoreId, services: Given) -> Response:
    """The ids of the customers who may be reached at an address, to ask by them why they were or were not reminded."""
    asked = Address.model_validate_json(await body_within(request, BODY_MOST))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await contacts.customers_at(connection, store_id, asked.address, MOST)
    return unkept({"customer_ids": found})
