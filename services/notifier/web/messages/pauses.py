"""Holding messages back and letting them go, for whoever has the store's key."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Security
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import deliveries
from services.notifier.db import pauses as kept
from services.notifier.domain.pause import Scope
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import like

BODY_MOST = 4096
_PAUSE = {"campaign": "cart", "step": 2, "channel": "sms", "why": "the coupon does not work"}
_TOLD = _PAUSE | {"since": "2026-12-01T10:15:00Z", "held_back": 12}
_NAME: dict[str, Any] = {"max_length": 200, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_WORDS: dict[str, Any] = {"type": "string", "maxLength": 200, "pattern": r"^[^\x00-\x1f\x7f]*$"}
_STEP: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 1000}
_FIELDS: dict[str, Any] = {
    "campaign": _WORDS,
    "step": _STEP,
    "channel": {"type": "string", "enum": ["", *CHANNELS]},
    "why": _WORDS | {"minLength": 1},
}
_BODY = body_of({"type": "object", "required": ["why"], "properties": _FIELDS, "additionalProperties": False}, _PAUSE)

router = APIRouter(prefix=STORE_PATH, tags=["pauses"], dependencies=[Security(authorize)])

Campaign = Annotated[str, Query(description="The campaign that the pause names.", examples=["cart"], **_NAME)]
Step = Annotated[int, Query(description="The step that it names, by its number.", ge=0, le=1000, examples=[2])]
Channel = Annotated[str, Query(description="The channel that it names.", examples=["sms"], **_NAME)]


class NewPause(BaseModel):
    """What is to be held back: all messages of the store, or those of a campaign, of its step, on a channel."""

    model_config = ConfigDict(extra="forbid")

    campaign: str = Field("", **_NAME)
    step: int = Field(0, ge=0, le=1000, strict=True)
    channel: str = ""
    why: str = Field(min_length=1, **_NAME)

    @field_validator("channel")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and value not in CHANNELS:
            raise ValueError(f"there is no such channel; there are {', '.join(CHANNELS)}")
        return value

    @field_validator("step")
    @classmethod
    def _of_a_campaign(cls, value: int, given: ValidationInfo) -> int:
        Scope(given.data.get("campaign", "unreadable"), value)
        return value


class Pause(BaseModel):
    """A pause and its reason. `held_back` messages were due, and wait for its end. "" and 0 stand for all."""

    model_config = like(_TOLD)

    campaign: str
    step: int
    channel: str
    why: str
    since: AwareDatetime
    held_back: int


class Pauses(BaseModel):
    """What is paused in a store."""

    model_config = like({"pauses": [_TOLD]})

    pauses: list[Pause]


class Lifted(BaseModel):
    """How many messages go out now that were held back."""

    model_config = like({"released": 12})

    released: int


@router.head("/pauses", include_in_schema=False)
@router.get(
    "/pauses",
    responses={200: {"model": Pauses, "description": "What is paused"}},
    openapi_extra=refuses("unauthorized", "unavailable"),
)
async def list_pauses(store_id: StoreId, services: Given) -> Response:
    """What is held back for the time being, and how many messages that are."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await kept.pauses(connection, store_id)
    return unkept({"pauses": found})


@router.put(
    "/pauses",
    responses={200: {"model": Pauses, "description": "What is paused now"}},
    openapi_extra=refuses(
        "malformed-json", "unauthorized", "body-too-large", "invalid-request", "unavailable", requestBody=_BODY
    ),
)
async def pause_messages(request: Request, store_id: StoreId, services: Given) -> Response:
    """Holds messages back: none of them begins to be sent any more. They wait within their lateness, and then expire
    as `paused`; what is being handed to a provider at this moment goes out. Again it changes only `why`.
    """
    asked = NewPause.model_validate_json(await body_within(request, BODY_MOST))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await kept.set_pause(connection, store_id, Scope(asked.campaign, asked.step, asked.channel), asked.why)
        found = await kept.pauses(connection, store_id)
    return unkept({"pauses": found})


@router.delete(
    "/pauses",
    responses={200: {"model": Lifted, "description": "They go out now"}},
    openapi_extra=refuses("unauthorized", "unknown-pause", "invalid-request", "unavailable"),
)
async def resume_messages(
    store_id: StoreId, services: Given, campaign: Campaign = "", step: Step = 0, channel: Channel = ""
) -> Response:
    """Ends the pause that names exactly this, and lets go what waits for it, unless another pause holds it, too."""
    try:
        scope = Scope(campaign, step, channel)
    except ValueError as error:
        raise Problem(422, "invalid-request", f"There is no such pause: {error}.") from None
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        released = await kept.lift(connection, store_id, scope)
        await deliveries.wake(connection)
    if released is None:
        raise Problem(404, "unknown-pause", "Nothing is paused by exactly these names.")
    return unkept({"released": released})
