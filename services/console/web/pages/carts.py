"""Changing a customer's open cart, for who has the customer on the phone."""

from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.cart_edits import ADD, EditFault, edit_of, fault_of
from services.console.web.cart_form import key_of
from services.console.web.pages.customers import named, shown
from services.console.web.rendering import path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/customer/cart")
Writing = Annotated[Visit, Depends(of_store("carts:write"))]
AT_CARTS = "#carts"
log = structlog.get_logger(__name__)


@router.post("")
async def change_cart(visit: Writing) -> Response:
    """Puts an item in, sets a quantity or takes a line out; where it can't, the page says at the form why not."""
    customer_id = named(visit.form.get("id", ""))
    try:
        await _change(visit, customer_id)
    except EditFault as fault:
        return await shown(visit, customer_id, 422, fault=fault)
    there = path_of("stores", visit.store_id, "customer", id=customer_id, done="cart_changed")
    return RedirectResponse(there + AT_CARTS, 303)


async def _change(visit: Visit, customer_id: str) -> None:
    try:
        carts = await visit.house.cart.carts(visit.store_id, customer_id)
        assert visit.store is not None, "a customer is one of a store"
        edit = edit_of(visit.form, carts, visit.store.currency)
        key = f"{key_of(visit.form)}-{edit.form}"
        await visit.house.actions.change_cart(visit.person, visit.store_id, customer_id, edit, key)
    except ServiceError as error:
        log.warning("pages.service_refused", service=error.service, status=error.status)
        raise fault_of(error.status, error.members, visit.form.get("line") or ADD, silent=error.silent) from None
