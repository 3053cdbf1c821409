"""Messages that came back by SMTP: delivery reports and complaints, as the store's mail server hands them over."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Security
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.domain.answers import Answer
from services.notifier.domain.bounce_address import returned_to
from services.notifier.domain.bounce_report import BounceReport, read_report
from services.notifier.handlers.answers import From, take_answer
from services.notifier.metrics import ANSWERS
from services.notifier.web.deps import STORE_PATH, Given, Services, authorize
from services.notifier.web.schemas import like

log = structlog.get_logger(__name__)

BODY_MOST = 1024 * 1024
_MESSAGE = body_of({"type": "string"}, "To: bounces+…@shop.example\r\n\r\n", "message/rfc822")

router = APIRouter(prefix=STORE_PATH, tags=["bounces"], dependencies=[Security(authorize)])

Recipient = Annotated[
    str,
    Query(
        description="To whom the message came, as the mail server knows it; left out, its headers say so.",
        max_length=320,
        examples=["bounces+0000@shop.example"],
    ),
]


class ReturnedMessage(BaseModel):
    """What a message that came back was read as (null: no report), and what became of that."""

    model_config = like({"read_as": "bounced", "status": "5.1.1", "outcome": "taken"})

    read_as: str | None
    status: str | None
    outcome: Literal["taken", "known", "unknown_message", "no_report", "unsigned"]


@router.post(
    "/bounces",
    responses={200: {"model": ReturnedMessage, "description": "What it was read as"}},
    openapi_extra=refuses("unauthorized", "body-too-large", "invalid-request", "unavailable", requestBody=_MESSAGE),
)
async def take_bounce(request: Request, store_id: StoreId, services: Given, recipient: Recipient = "") -> Response:
    """Reads a message that came to the store's bounce address: a delivery report (RFC 3464) counts where it came to an
    address that we have signed, a complaint (RFC 5965) also by the message that it returns. Anything else, such as a
    reply of somebody who is away, is `no_report` and changes nothing. Each report counts once.
    """
    report = await run_in_threadpool(read_report, await body_within(request, BODY_MOST))
    if report is None:
        return _answer(None, "no_report")
    answer = _about(report, recipient, services)
    if answer is None:
        return _answer(report, "unsigned")
    by = From("smtp", "email", store_id)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        taken = await take_answer(connection, by, answer, services.stores, services.clock())
    ANSWERS.labels("smtp", answer.kind, taken).inc()
    return _answer(report, taken)


def _about(report: BounceReport, recipient: str, services: Services) -> Answer | None:
    """A complaint may come by way of a list that takes the address out: the message's own id is as much of a secret."""
    reminder_id = _signed((recipient, *report.addresses), services.bounce_secrets)
    if reminder_id is None and report.kind == "complained":
        reminder_id = report.named
    if reminder_id is None:
        return None
    return Answer(
        report.report_id,
        report.kind,
        services.clock(),
        reminder_id,
        status=report.status,
        reason=report.reason,
    )


def _signed(addresses: Sequence[str], secrets: Sequence[bytes]) -> UUID | None:
    found = (returned_to(address, secrets) for address in addresses)
    return next((one for one in found if one is not None), None)


def _answer(report: BounceReport | None, taken: str) -> Response:
    log.info("bounce.read", taken=taken, read_as=report and report.kind)
    body = {"read_as": report and report.kind, "status": report and report.status, "outcome": taken}
    return unkept(body)
