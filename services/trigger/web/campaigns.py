"""What is switched on for a store, for whoever has the store's key."""

from fastapi import APIRouter, Security
from starlette.responses import Response

from libs.http.deps import StoreId, authorize
from libs.http.documented import refuses
from services.trigger.web.deps import Given
from services.trigger.web.schemas import CampaignInForce, Campaigns

PATH = "/v1/stores/{store_id}/campaigns"

router = APIRouter(tags=["campaigns"], dependencies=[Security(authorize)])


@router.head(PATH, include_in_schema=False)
@router.get(
    PATH,
    responses={200: {"model": Campaigns, "description": "All that is switched on"}},
    openapi_extra=refuses("unauthorized"),
)
async def list_campaigns(store_id: StoreId, services: Given) -> Response:
    """The store's campaigns as this process has them in force, of its own file or of that for all; durations are told
    in ISO 8601.
    """
    active = services.campaigns(store_id).active
    found = [CampaignInForce(since=one.since, campaign=one.campaign.model_dump(mode="json")) for one in active]
    body = Campaigns(campaigns=found).model_dump_json()
    return Response(body, 200, {"Cache-Control": "no-store"}, "application/json")
