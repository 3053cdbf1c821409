"""What is closed, by whom and why, and lifting it, for whoever has the store's key.

Of an address only the hash is known here: whoever knows the address finds by it what is closed.
"""

from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Security
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.http import paging
from libs.http.body import body_of, body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.paging import page_of
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.db import lifting
from services.notifier.db.suppressions import SuppressionReason
from services.notifier.handlers.reach import tell_reach
from services.notifier.web.customers.customers import Address
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.schemas import like

PAGE, BODY_MOST = 200, 4096
BIGGEST = 2**63 - 1
_SUBJECT = "address:" + "0" * 64
_AT = "2026-12-01T10:15:00Z"
_CLOSED: dict[str, Any] = {
    "channel": "email",
    "subject": _SUBJECT,
    "reason": "bounced",
    "source": "ses",
    "status": "5.1.1",
    "created_at": _AT,
}
_LIFTING: dict[str, Any] = {
    "channel": "email",
    "subject": _SUBJECT,
    "reasons": ["bounced"],
    "by": "mia@shop.example",
    "why": "the mailbox is there again",
}
_LIFTED = {name: value for name, value in _CLOSED.items() if name != "created_at"} | {
    "lifted_id": 7,
    "closed_at": _AT,
    "lifted_at": _AT,
    "lifted_by": _LIFTING["by"],
    "why": _LIFTING["why"],
}
_PATTERN = r"^[^\x00-\x1f\x7f]*$"
_WORDS: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": _PATTERN}
_REASONS = list(get_args(SuppressionReason))
_FIELDS: dict[str, Any] = {
    "channel": _WORDS,
    "subject": _WORDS | {"maxLength": 300, "pattern": "^(customer|address):[^\\x00-\\x1f\\x7f]+$"},
    "reasons": {"type": "array", "minItems": 1, "maxItems": 8, "items": {"type": "string", "enum": _REASONS}},
    "by": _WORDS,
    "why": _WORDS,
}


def _body(properties: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }
    return body_of(schema, example)


_ADDRESS: dict[str, Any] = {"type": "string", "minLength": 3, "maxLength": 254, "pattern": r"^[^\x00-\x20\x7f]+$"}
_FIND = _body({"address": _ADDRESS}, {"address": "anna@shop.example"})
_LIFT = _body(_FIELDS, _LIFTING)

router = APIRouter(prefix=STORE_PATH, tags=["suppressions"], dependencies=[Security(authorize)])

CustomerId = Annotated[
    str | None, Query(description="Of this customer alone: by name, and by the addresses of now.", examples=["anna"])
]
Channel = Annotated[str | None, Query(description="On this channel alone.", examples=["email"])]
After = Annotated[str, paging.text_after(f"email bounced {_SUBJECT}", longest=400)]
AfterLifted = Annotated[str, paging.after(max_length=18, pattern=r"^[0-9]*$", examples=["7"])]
Limit = Annotated[int, paging.limit(PAGE)]


class Suppression(BaseModel):
    """What closes a channel to a customer (`customer:<id>`) or an address (`address:<hash>`), since when, and who
    has closed it: `link`, `reply`, `refusal`, or a provider, and by which status.
    """

    channel: str
    subject: str
    reason: str
    source: str | None
    status: str | None
    created_at: AwareDatetime


class SuppressionPage(BaseModel):
    """A page of what is closed."""

    model_config = like({"suppressions": [_CLOSED], "next": None})

    suppressions: list[Suppression]
    next: str | None


class Suppressions(BaseModel):
    """What is closed, or was."""

    model_config = like({"suppressions": [_CLOSED]})

    suppressions: list[Suppression]


class LiftedSuppression(BaseModel):
    """What was closed and was lifted, by whom, and why."""

    lifted_id: int
    channel: str
    subject: str
    reason: str
    source: str | None
    status: str | None
    closed_at: AwareDatetime
    lifted_at: AwareDatetime
    lifted_by: str
    why: str


class LiftedSuppressionPage(BaseModel):
    """A page of what was lifted, the last first."""

    model_config = like({"lifted": [_LIFTED], "next": None})

    lifted: list[LiftedSuppression]
    next: str | None


class Lifting(BaseModel):
    """What is to be lifted, who has decided that, and why."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(min_length=1, max_length=200, pattern=_PATTERN)
    subject: str = Field(min_length=1, max_length=300, pattern=r"^(customer|address):[^\x00-\x1f\x7f]+$")
    reasons: list[Literal["unsubscribed", "bounced", "complained", "stop"]] = Field(min_length=1, max_length=8)
    by: str = Field(min_length=1, max_length=200, pattern=_PATTERN)
    why: str = Field(min_length=1, max_length=200, pattern=_PATTERN)


@router.head("/suppressions", include_in_schema=False)
@router.get(
    "/suppressions",
    responses={200: {"model": SuppressionPage, "description": "What is closed"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def list_suppressions(
    store_id: StoreId,
    services: Given,
    customer_id: CustomerId = None,
    channel: Channel = None,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """What is closed in the store, or to one customer (that on one page), and who or what has closed it."""
    place = after.split(" ", 2) if after else ["", "", ""]
    if len(place) < 3:
        raise Problem(422, "invalid-request", "The after is not the next of a page.")
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        if customer_id is None:
            behind = (place[0], place[2], place[1])
            found = await lifting.page(connection, store_id, channel, behind, limit + 1)
        else:
            subjects = await lifting.subjects_of_customer(connection, store_id, customer_id)
            found = await lifting.of_subjects(connection, store_id, subjects)
            found = [one for one in found if channel in (None, one["channel"])]
            limit = max(limit, len(found))
    shown, following = page_of(found, limit, lambda one: f"{one['channel']} {one['reason']} {one['subject']}")
    return unkept({"suppressions": shown, "next": following})


@router.post(
    "/suppressions/find",
    responses={200: {"model": Suppressions, "description": "What is closed to the address"}},
    openapi_extra=refuses(
        "malformed-json", "unauthorized", "body-too-large", "invalid-request", "unavailable", requestBody=_FIND
    ),
)
async def find_suppressions(request: Request, store_id: StoreId, services: Given) -> Response:
    """What is closed to an address, whoever has it: asked by POST, so that no address stands in a URL or a log."""
    asked = Address.model_validate_json(await body_within(request, BODY_MOST))
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        subject = await lifting.subject_of_address(connection, asked.address)
        found = await lifting.of_subjects(connection, store_id, [subject])
    return unkept({"suppressions": found})


@router.post(
    "/suppressions/lift",
    responses={200: {"model": Suppressions, "description": "What was lifted, and is noted"}},
    openapi_extra=refuses(
        "malformed-json", "unauthorized", "body-too-large", "invalid-request", "unavailable", requestBody=_LIFT
    ),
)
async def lift_suppressions(request: Request, store_id: StoreId, services: Given) -> Response:
    """Lifts what closes a channel for the reasons that are named, of one subject, and notes who did it and why. Consent
    is none of it: who has not agreed is not written to. Of an address, others are told within hours that it can be
    reached. Again it finds nothing.
    """
    asked = Lifting.model_validate_json(await body_within(request, BODY_MOST))
    what = lifting.Lift(asked.channel, [asked.subject], asked.reasons, asked.by, asked.why)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        gone = await lifting.lift(connection, store_id, what)
        kind, _, customer_id = asked.subject.partition(":")
        if gone and kind == "customer":
            await tell_reach(connection, {(store_id, customer_id)}, services.clock())
    return unkept({"suppressions": gone})


@router.head("/suppressions/lifted", include_in_schema=False)
@router.get(
    "/suppressions/lifted",
    responses={200: {"model": LiftedSuppressionPage, "description": "What was lifted"}},
    openapi_extra=refuses("unauthorized", "invalid-request", "unavailable"),
)
async def list_lifted(store_id: StoreId, services: Given, after: AfterLifted = "", limit: Limit = PAGE) -> Response:
    """What was lifted in the store, by whom and why."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await lifting.lifted(connection, store_id, int(after or BIGGEST), limit + 1)
    shown, following = page_of(found, limit, lambda one: str(one["lifted_id"]))
    return unkept({"lifted": shown, "next": following})
