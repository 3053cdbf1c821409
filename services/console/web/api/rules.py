"""By what a store's figures are counted, for whoever has a key for that."""

from typing import Annotated

from fastapi import APIRouter, Path, Security
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.names import STORE_ID
from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.unkept import unkept
from services.console.domain.rules import Rules
from services.console.handlers.rules import change_rules, rules_of
from services.console.web.api.schemas import RULES, CountingRules
from services.console.web.deps import Given

PATH = "/v1/stores/{store_id}/figures/rules"
MOST = 512 * 1024
_EXAMPLE = {name: value for name, value in RULES.items() if name != "version"}
_BODY = body_of({"type": "object", "additionalProperties": True}, _EXAMPLE)

router = APIRouter(tags=["figures"])
OwnStoreId = Annotated[str, Path(pattern=STORE_ID, description="The store.", examples=["shop"])]
Writer = Annotated[str, Security(opens("figures:write"))]


@router.get(
    PATH,
    dependencies=[Security(opens("figures:read"))],
    responses={200: {"model": CountingRules, "description": "What is in force"}},
    openapi_extra=refuses("unauthorized", "insufficient-scope", "unavailable"),
)
async def read_counting_rules(store_id: StoreId, services: Given) -> Response:
    """How long a click counts, by channel, and what other currencies are worth in that of the store."""
    rules, version = await rules_of(services.pool, store_id)
    return unkept(rules.model_dump(mode="json") | {"version": version})


@router.put(
    PATH,
    responses={200: {"model": CountingRules, "description": "They are in force"}},
    openapi_extra=refuses(
        "malformed-json", "unauthorized", "insufficient-scope", "body-too-large", "invalid-request", "unavailable",
        requestBody=_BODY,
    ),
)  # fmt: skip
async def put_counting_rules(request: Request, store_id: OwnStoreId, services: Given, writer: Writer) -> Response:
    """Sets all of it; what is left out is as if nothing had been said. Everything that is still known one by one, some
    thirteen months, is counted anew by it, within minutes; older sums stay.
    """
    rules = Rules.model_validate_json(await body_within(request, MOST))
    version = await change_rules(services.pool, store_id, rules, writer, services.clock())
    return unkept(rules.model_dump(mode="json") | {"version": version})
