"""Undoing what a log-in did to a customer's cart, for who has the customer on the phone."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.web.pages.customers import named
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/customer/merges")
Undoing = Annotated[Visit, Depends(of_store("merges:undo"))]


@router.get("/{merge_id}")
async def ask_before_undoing(visit: Undoing, merge_id: UUID, id: str) -> Response:  # noqa: A002 - as the address says it
    """Shows what the log-in did, and what undoing it means; or that it is too late."""
    customer_id = named(id)
    merges = await visit.house.cart.merges(visit.store_id, customer_id)
    merge = next((one for one in merges if one["merge_id"] == str(merge_id)), None)
    if merge is None:
        raise PageRefusal(404, "not_found")
    return page(visit, "acts/unmerge.html", customer_id=customer_id, merge=merge)


@router.post("/{merge_id}")
async def undo_merge(visit: Undoing, merge_id: UUID) -> Response:
    """Undoes it. Where that can't be any more, the cart says why."""
    customer_id = named(visit.form.get("id", ""))
    await visit.house.actions.undo_merge(visit.person, visit.store_id, customer_id, merge_id)
    return RedirectResponse(path_of("stores", visit.store_id, "customer", id=customer_id, done="unmerged"), 303)
