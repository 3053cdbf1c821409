"""Replies that a person has to read, and what they have read in them, for whoever has the store's key."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Security
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import replies
from services.notifier.domain.replies import due_on
from services.notifier.handlers.read_reply import UnknownSenderError, read_reply
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.messages.pages import PAGE, After, Limit, page_told, place_of
from services.notifier.web.schemas import ReplyPage, like

BODY_MOST = 4096
_PATTERN = r"^[^\x00-\x1f\x7f]+$"
_READ = {"message_sid": "SM01", "read_as": "stop", "read_by": "mia@shop.example", "read_at": "2026-12-01T10:15:00Z"}
_BODY = body_of(
    {
        "type": "object",
        "required": ["read_as", "by"],
        "properties": {
            "read_as": {"type": "string", "enum": ["stop", "other"]},
            "by": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": _PATTERN},
        },
        "additionalProperties": False,
    },
    {"read_as": "stop", "by": "mia@shop.example"},
)
_REFUSALS = (
    "malformed-json",
    "unauthorized",
    "insufficient-scope",
    "body-too-large",
    "invalid-request",
    "unknown-reply",
    "reply-read",
    "unknown-sender",
    "unavailable",
)
MessageSid = Annotated[str, Path(description="Of which reply, as it is listed.", max_length=200, examples=["SM01"])]

router = APIRouter(prefix=STORE_PATH, tags=["messages"], dependencies=[Security(authorize)])


class Reading(BaseModel):
    """What somebody has read in a reply, and who."""

    model_config = ConfigDict(extra="forbid")

    read_as: Literal["stop", "other"]
    by: str = Field(min_length=1, max_length=200, pattern=_PATTERN)


class ReadReply(BaseModel):
    """A reply that was read, as what, by whom and when."""

    model_config = like(_READ)

    message_sid: str
    read_as: Literal["stop", "other"]
    read_by: str
    read_at: AwareDatetime


@router.head("/replies", include_in_schema=False)
@router.get(
    "/replies",
    responses={200: {"model": ReplyPage, "description": "What a person has to read"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def list_unclear_replies(store_id: StoreId, services: Given, after: After = "", limit: Limit = PAGE) -> Response:
    """Text messages that seem to opt out and could not be understood: a person reads them at the provider, says here
    what is in them, and so honours them by `due_on`, ten business days after they came.
    """
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        kept = await replies.unclear(connection, store_id, place_of(after, str), limit + 1)
    zone = store.zone if (store := services.stores.get(store_id)) else ZoneInfo("UTC")
    found = [one | {"due_on": due_on(one["received_at"], zone)} for one in kept]
    return page_told("replies", found, limit, "message_sid")


@router.post(
    "/replies/{message_sid:path}/read",
    responses={200: {"model": ReadReply, "description": "It is noted, and a stop is done; again, it is the same"}},
    openapi_extra=refuses(*_REFUSALS, requestBody=_BODY),
)
async def read_unclear_reply(request: Request, store_id: StoreId, message_sid: MessageSid, services: Given) -> Response:
    """Says what a person has read in a reply: `stop` closes the channel to where it came from, at once, `other` leaves
    all as it is. Neither is listed any more. A stop can still be found in what was read as something else; the other
    way round it is to be lifted.
    """
    told = Reading.model_validate_json(await body_within(request, BODY_MOST))
    try:
        found = await read_reply(services.pool, services.clock, store_id, message_sid, told.read_as, told.by)
    except UnknownSenderError:
        raise Problem(409, "unknown-sender", "It is not known where this reply came from.") from None
    if found is None:
        raise Problem(404, "unknown-reply", "There is no unclear reply of this id.")
    if found.read_as != told.read_as:
        raise Problem(409, "reply-read", f"It was read as a stop before, by {found.read_by}.")
    return unkept(
        {"message_sid": message_sid, "read_as": found.read_as, "read_by": found.read_by, "read_at": found.read_at}
    )
