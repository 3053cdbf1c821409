"""Cancelling one reminder before it is sent: one that is ahead of a cart, or a message that waits."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/upcoming")
Cancelling = Annotated[Visit, Depends(of_store("reminders:cancel"))]
WAITS = ("pending", "sending")


@router.get("/cancel")
async def ask_before_cancelling(visit: Cancelling, cart: UUID | None = None, message: UUID | None = None) -> Response:
    """What is ahead of a cart, step by step, or one message, each with a button; or that there is nothing."""
    if cart is not None:
        return page(visit, "acts/cancel.html", cart_id=str(cart), steps=await _ahead(visit, cart), over=None)
    if message is None:
        raise PageRefusal(404, "not_found")
    found = await visit.house.notifier.message(visit.store_id, message)
    if found is None:
        raise PageRefusal(404, "not_found")
    waits = found["state"] in WAITS
    said = {"reminder_id": str(message), "step_name": None, "state": "planned" if waits else "left_out", "why": ""}
    shown = found | said
    return page(visit, "acts/cancel.html", cart_id="", steps=[shown], over=None if waits else found)


@router.post("/cancel")
async def cancel_reminder(visit: Cancelling) -> Response:
    """Cancels it where it can be: the service that has it says why not."""
    cart, reminder = (visit.form.get(name, "") for name in ("cart", "reminder"))
    try:
        cart_id, reminder_id = UUID(cart) if cart else None, UUID(reminder)
    except ValueError:
        raise PageRefusal(422, "bad_request") from None
    await visit.house.actions.cancel(visit.person, visit.store_id, cart_id, reminder_id)
    return RedirectResponse(path_of("stores", visit.store_id, "upcoming", done="cancelled"), 303)


async def _ahead(visit: Visit, cart: UUID) -> list[dict[str, Any]]:
    told = await visit.house.trigger.explain_cart(visit.store_id, cart)
    return [step for one in told["carts"] for step in one["ahead"]]
