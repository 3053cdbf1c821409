"""A store's campaigns: what is switched on, and what the store itself says of it, for whoever has a key for that."""

import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Security
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.names import STORE_ID
from libs.http import paging
from libs.http.body import body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.http.versions import NEWEST, PAGE, After, IfMatch, Limit, Number, RollBack
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.trigger.campaigns.documents import MOST, Known, kept
from services.trigger.campaigns.known import known_of
from services.trigger.db.campaign_versions import KeptVersion, page_of_versions, read_version
from services.trigger.handlers.campaigns import Wish, change_campaigns
from services.trigger.web.campaign_requests import campaigns_of, faults_told, insist_on
from services.trigger.web.campaign_schemas import (
    BODY,
    ROLL_BACK,
    CampaignChanges,
    CampaignInForce,
    Campaigns,
    CampaignVersionDetails,
    CampaignVersionPage,
)
from services.trigger.web.deps import Given, Services

PATH = "/v1/stores/{store_id}/campaigns"
_READS = ("unauthorized", "insufficient-scope", "unavailable")
_REFUSES = ("campaigns-fixed", "version-conflict", "precondition-required", "invalid-request", *_READS)
_WRITES = ("malformed-json", "body-too-large", *_REFUSES)
_CHANGED: dict[int | str, dict[str, Any]] = {
    200: {"model": CampaignChanges, "description": "They are in force"},
    201: {"model": CampaignChanges, "description": "They are in force, the store's first of its own"},
}
_OF_ALL: dict[int | str, dict[str, Any]] = {200: _CHANGED[200]}

Writer = Annotated[str, Security(opens("campaigns:write"))]
OwnStoreId = Annotated[str, Path(pattern=STORE_ID, description="The store.", examples=["shop"])]
DryRun = Annotated[bool, Query(description="Keeps nothing, and tells what would be changed.", examples=[True])]

router = APIRouter(tags=["campaigns"])
_reads = [Security(opens("campaigns:read"))]


@router.head(PATH, include_in_schema=False, dependencies=_reads)
@router.get(
    PATH,
    dependencies=_reads,
    responses={200: {"model": Campaigns, "description": "All that is switched on"}},
    openapi_extra=refuses(*_READS),
)
async def list_campaigns(store_id: StoreId, services: Given) -> Response:
    """The store's campaigns as this process has them in force: of its own file, of the API, or of the file for all
    stores; durations are told in ISO 8601. What the API says is in force in every process within seconds.
    """
    of_store = services.campaigns.of(store_id)
    found = [CampaignInForce(since=one.since, campaign=one.campaign.model_dump(mode="json")) for one in of_store.active]
    segments = {name: segment.model_dump(mode="json") for name, segment in of_store.segments.items()}
    told = Campaigns(source=of_store.source, version=of_store.version, segments=segments, campaigns=found)
    return unkept(told.model_dump(mode="json"), version=of_store.version)


@router.put(PATH, responses=_CHANGED, openapi_extra=refuses(*_WRITES, requestBody=BODY))
async def put_campaigns(
    request: Request,
    store_id: OwnStoreId,
    services: Given,
    writer: Writer,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Sets all campaigns of a store. What a file of the service says for the store goes before the API, and can't be
    changed here. A campaign that goes on keeps since when it is on; a new one counts from now. Every version is kept.
    """
    document, file = await campaigns_of(request, await _known(services, store_id))
    return await _change(services, Wish(store_id, document, file, writer, dry_run), if_match)


@router.delete(PATH, responses=_OF_ALL, openapi_extra=refuses(*_REFUSES))
async def reset_campaigns(
    store_id: OwnStoreId, services: Given, writer: Writer, if_match: IfMatch = None, dry_run: DryRun = False
) -> Response:
    """Gives a store the campaigns of all stores again; its versions stay."""
    return await _change(services, Wish(store_id, None, None, writer, dry_run), if_match)


@router.post(
    f"{PATH}/rollback", responses=_CHANGED, openapi_extra=refuses(*_WRITES, "unknown-version", requestBody=ROLL_BACK)
)
async def roll_back_campaigns(
    request: Request,
    store_id: OwnStoreId,
    services: Given,
    writer: Writer,
    if_match: IfMatch = None,
    dry_run: DryRun = False,
) -> Response:
    """Puts an old version of the store's campaigns in force again, as a new version."""
    number = RollBack.model_validate_json(await body_within(request, MOST)).version
    version = await _version(services, store_id, number)
    store = await _known(services, store_id)
    with faults_told():
        file = None if version.document is None else kept(json.loads(version.document), store)
    return await _change(services, Wish(store_id, version.document, file, writer, dry_run, number), if_match)


@router.head(f"{PATH}/versions", include_in_schema=False, dependencies=_reads)
@router.get(
    f"{PATH}/versions",
    dependencies=_reads,
    responses={200: {"model": CampaignVersionPage, "description": "Who said them, and when"}},
    openapi_extra=refuses("invalid-request", *_READS),
)
async def list_campaign_versions(
    store_id: StoreId, services: Given, after: After = NEWEST, limit: Limit = PAGE
) -> Response:
    """Every version of the store's campaigns that the API was told, the newest first."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await page_of_versions(connection, store_id, after, limit + 1)
    page, following = paging.page_of(found, limit, lambda one: str(one.version))
    return unkept({"versions": [_shown(one) for one in page], "next": following})


@router.head(f"{PATH}/versions/{{version}}", include_in_schema=False, dependencies=_reads)
@router.get(
    f"{PATH}/versions/{{version}}",
    dependencies=_reads,
    responses={200: {"model": CampaignVersionDetails, "description": "What was said"}},
    openapi_extra=refuses("unknown-version", "invalid-request", *_READS),
)
async def read_campaign_version(store_id: StoreId, version: Number, services: Given) -> Response:
    """One version of the store's campaigns, as it was said."""
    found = await _version(services, store_id, version)
    return unkept(_shown(found) | {"said": None if found.document is None else json.loads(found.document)})


async def _change(services: Services, wish: Wish, if_match: str | None) -> Response:
    insist = insist_on(wish.store_id, if_match, dry_run=wish.dry_run)
    outcome = await change_campaigns(services.pool, services.campaigns, wish, insist)
    head = {"dry_run": wish.dry_run, "source": outcome.source, "version": outcome.version}
    status = 201 if outcome.first and not wish.dry_run else 200
    return unkept(head | {"campaigns": [asdict(one) for one in outcome.changes]}, status, version=outcome.version)


async def _known(services: Services, store_id: str) -> Known:
    """What checks of a store's campaigns go by, as far as the other services have told of it."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        return (await known_of(connection, [store_id]))[store_id]


async def _version(services: Services, store_id: str, number: int) -> KeptVersion:
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await read_version(connection, store_id, number)
    if found is None:
        raise Problem(404, "unknown-version", f"The store has no version {number} of its campaigns.")
    return found


def _shown(version: KeptVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ("version", "made_by", "made_at", "rolled_back_to")}
