"""Cancelling one message before it begins to be sent, for whoever has the store's key."""

from typing import Any, Literal
from uuid import UUID

import structlog
from fastapi import APIRouter, Security
from pydantic import BaseModel, Field
from starlette.responses import Response

from libs.contracts.reasons import in_words
from libs.http.deps import StoreId
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from services.notifier.handlers.call_off import CALLED_OFF, Standing, call_off
from services.notifier.web.deps import STORE_PATH, Given, authorize
from services.notifier.web.messages.hand_over import MessageId
from services.notifier.web.schemas import like

log = structlog.get_logger(__name__)
_EXAMPLE = {"message_id": "5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee", "state": "cancelled", "reason": CALLED_OFF}

router = APIRouter(prefix=STORE_PATH, tags=["messages"], dependencies=[Security(authorize)])


class CancelledMessage(BaseModel):
    """A message that is not sent."""

    model_config = like(_EXAMPLE)

    message_id: UUID
    state: Literal["cancelled", "awaited"] = Field(
        description="`awaited`: nothing was heard of it yet; it is cancelled when it comes."
    )
    reason: Literal["called_off"]


@router.post(
    "/messages/{message_id}/cancel",
    responses={200: {"model": CancelledMessage, "description": "It is not sent; again, it is the same"}},
    openapi_extra=refuses("unauthorized", "insufficient-scope", "message-ended", "invalid-request", "unavailable"),
)
async def cancel_message(store_id: StoreId, message_id: MessageId, services: Given) -> Response:
    """Cancels one message that waits, before it begins to be sent. One that is being handed to a provider can't be
    called back, and one that has ended stays as it is.
    """
    found = await call_off(services.pool, services.clock, store_id, message_id)
    if found.state not in ("cancelled", "awaited") or found.reason != CALLED_OFF:
        raise Problem(409, "message-ended", _why_not(found), state=found.state, reason=found.reason)
    log.info("message.called_off", store_id=store_id, message_id=str(message_id), state=found.state)
    told: dict[str, Any] = {"message_id": message_id, "state": found.state, "reason": found.reason}
    return unkept(told)


def _why_not(found: Standing) -> str:
    match found.state:
        case "sending":
            return "It is being handed to a provider, or may have been."
        case "sent":
            return "It was sent before."
        case "unknown":
            return "Nobody knows whether it was sent."
    return f"It has ended before: {in_words(found.reason or found.state)}."
