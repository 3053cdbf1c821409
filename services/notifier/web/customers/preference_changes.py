"""What a customer has changed on their page, for whoever has the store's key: the proof of what they chose."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Security
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import preferences
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import like

MOST = 100
PATH = STORE_PATH + "/customers/{customer_id:path}/preference-changes"
CustomerId = Annotated[str, Path(description="The customer; slashes may be in it.", examples=["anna"])]
EXAMPLE = {
    "reminder_id": "0b0f7f5e-3c8d-5d1e-9d53-0c6f4c6c2b11",
    "changed_at": "2026-12-01T10:15:00Z",
    "wording": "Choose what comes. E-mail: no marketing",
}

router = APIRouter(tags=["customers"], dependencies=[Security(authorize)])


class PreferenceChange(BaseModel):
    """A change, the message by whose link it was made, and what the page said."""

    reminder_id: UUID
    changed_at: AwareDatetime
    wording: str


class PreferenceChanges(BaseModel):
    """At most a hundred, the newest first."""

    model_config = like({"changes": [EXAMPLE]})

    changes: list[PreferenceChange]


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": PreferenceChanges, "description": "What they changed"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_preference_changes(store_id: StoreId, customer_id: CustomerId, services: Given) -> Response:
    """What a customer has chosen to get and not to get, each time with what the page said. No address is among it."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await preferences.changes(connection, store_id, customer_id, MOST)
    return unkept({"changes": found})
