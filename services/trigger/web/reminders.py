"""Cancelling a reminder that is ahead of a cart, for whoever has a key for that."""

from typing import Annotated, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Path, Security
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from libs.contracts.reasons import in_words
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from services.trigger.domain.decision import CALLED_OFF
from services.trigger.handlers.call_off import Cancelling, cancel_ahead
from services.trigger.web.campaign_schemas import like
from services.trigger.web.deps import Given

log = structlog.get_logger(__name__)
_REMINDER = "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee"
CartId = Annotated[UUID, Path(description="The cart.", examples=["019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"])]
ReminderId = Annotated[UUID, Path(description="The reminder, as it is told ahead of the cart.", examples=[_REMINDER])]

router = APIRouter(prefix="/v1/stores/{store_id}", tags=["explain"])


class CancelledReminder(BaseModel):
    """A reminder that is not sent, and when that was decided."""

    model_config = like({"reminder_id": _REMINDER, "reason": CALLED_OFF, "decided_at": "2026-11-22T10:15:00Z"})

    reminder_id: UUID
    reason: Literal["called_off"]
    decided_at: AwareDatetime


@router.post(
    "/carts/{cart_id}/reminders/{reminder_id}/cancel",
    responses={200: {"model": CancelledReminder, "description": "It is not sent; again, it is the same"}},
    openapi_extra=refuses(
        "unauthorized", "insufficient-scope", "unknown-reminder", "already-decided", "invalid-request", "unavailable"
    ),
)
async def cancel_reminder(
    store_id: StoreId,
    cart_id: CartId,
    reminder_id: ReminderId,
    services: Given,
    caller: Annotated[str, Security(opens("reminders:write"))],
) -> Response:
    """Cancels one step that is ahead of a cart, before it is due: it is decided on now, as `called_off`. Steps after it
    stay, and goods that change begin another wait. What was asked for already is stopped at the notifier.
    """
    found = await cancel_ahead(services.pool, services.campaigns.of, Cancelling(store_id, cart_id, reminder_id))
    if found is None:
        raise Problem(404, "unknown-reminder", "No such reminder is ahead of this cart.")
    if found.reason != CALLED_OFF:
        why = in_words(found.reason)
        told = "It was asked for before" if found.outcome == "would_send" else "It was left out before"
        detail = f"{told}: {why}."
        raise Problem(409, "already-decided", detail, outcome=found.outcome, reason=found.reason)
    log.info("reminder.called_off", store_id=store_id, reminder_id=str(reminder_id), by=caller)
    return unkept({"reminder_id": reminder_id, "reason": found.reason, "decided_at": found.decided_at})
