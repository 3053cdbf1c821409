"""A customer: found by id, address or order, one line of time, and what support does with a customer on the phone."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends
from starlette.responses import RedirectResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.cart_edits import EditFault
from services.console.domain.timeline import Told, lines_of, planned_of
from services.console.web.cart_form import cart_form
from services.console.web.refusals import PageRefusal
from services.console.web.rendering import SAFE, page, path_of
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
Seeing = Annotated[Visit, Depends(of_store("customers:read"))]
Exporting = Annotated[Visit, Depends(of_store("customers:export"))]
Erasing = Annotated[Visit, Depends(of_store("customers:erase"))]
T = TypeVar("T")
ID_MOST = 200
_NOTHING: dict[str, Any] = {"carts": [], "decisions": [], "watches": [], "next": None}


@router.get("/customers")
async def search_customers(visit: Seeing) -> Response:
    """The form: an id, an e-mail address, a telephone number, or an order."""
    return page(visit, "customers.html", asked="", found=None)


@router.post("/customers")
async def find_customers(visit: Seeing) -> Response:
    """Looks: by POST, so that no address stands in an address line or a log."""
    asked = visit.form.get("who", "").strip()[:254]
    if not asked:
        return page(visit, "customers.html", asked="", found=None)
    if not _is_address(asked):
        found = await _by_order_or_id(visit, asked)
    else:
        found = await visit.house.actions.found(visit.person, visit.store_id, "".join(asked.split()))
    if len(found) == 1:
        return RedirectResponse(path_of("stores", visit.store_id, "customer", id=found[0]), 303)
    return page(visit, "customers.html", asked=asked, found=found)


@router.get("/customer")
async def show_customer(visit: Seeing, id: str, done: str = "") -> Response:  # noqa: A002 - as the address says it
    """One customer, one line of time; without name or address until they are asked for."""
    customer_id = named(id)
    await visit.house.actions.note(visit.person, visit.store_id, "customers.open", f"customer:{customer_id}")
    return await shown(visit, customer_id, done=done)


@router.post("/customer/contact")
async def show_contact(visit: Seeing) -> Response:
    """The same with name and addresses, which is written down."""
    customer_id = named(visit.form.get("id", ""))
    contact = await visit.house.actions.contact(visit.person, visit.store_id, customer_id)
    return await shown(visit, customer_id, contact=contact or {})


@router.post("/customer/export")
async def export_customer(visit: Exporting) -> Response:
    """Everything that is held on a customer, as a file."""
    customer_id = named(visit.form.get("id", ""))
    told = await visit.house.actions.export(visit.person, visit.store_id, customer_id)
    headers = SAFE | {"Content-Disposition": 'attachment; filename="customer.json"'}
    return Response(json.dumps(told, indent=2, ensure_ascii=False), 200, headers, "application/json")


@router.get("/customer/erase")
async def ask_before_erasing(visit: Erasing, id: str) -> Response:  # noqa: A002 - as above
    """Says what goes, and asks for the customer's id to be typed."""
    return page(visit, "erase.html", customer_id=named(id), fault=None)


@router.post("/customer/erase")
async def erase_customer(visit: Erasing) -> Response:
    """Erases a customer in every service."""
    customer_id = named(visit.form.get("id", ""))
    if visit.form.get("typed", "").strip() != customer_id:
        return page(visit, "erase.html", 422, customer_id=customer_id, fault=visit.words("erase.not_typed"))
    erasure_id = await visit.house.actions.erase(visit.person, visit.store_id, customer_id)
    return page(visit, "erased.html", erasure_id=erasure_id)


async def shown(
    visit: Visit,
    customer_id: str,
    status: int = 200,
    *,
    fault: EditFault | None = None,
    **facts: Any,  # noqa: ANN401 - what the page names
) -> Response:
    """The page of a customer; with the `fault` of what somebody wanted to change in the cart."""
    silent: list[str] = []
    told, closed, carts = await _told(visit, customer_id, silent)
    known = {"contact": None, "done": ""} | facts
    return page(
        visit,
        "customer.html",
        status,
        customer_id=customer_id,
        lines=lines_of(told),
        planned=planned_of(told.explained),
        carts=told.carts,
        writing=None if carts is None else await cart_form(visit, customer_id, carts, fault),
        fault=fault,
        closed=closed["suppressions"],
        watches=told.explained["watches"],
        silent=sorted(set(silent)),
        **known,
    )


async def _told(
    visit: Visit, customer_id: str, silent: list[str]
) -> tuple[Told, dict[str, Any], list[dict[str, Any]] | None]:
    """What the services know of a customer, what is closed, and the carts; None where those are not known."""
    store_id, house = visit.store_id, visit.house
    (explained, messages, carts), (merges, consents, choices), (closed, entries) = await asyncio.gather(
        asyncio.gather(
            _or_nothing(house.trigger.explain(store_id, customer_id), _NOTHING, silent),
            _or_nothing(house.notifier.messages_of(store_id, customer_id), [], silent),
            _or_nothing(house.cart.carts(store_id, customer_id), None, silent),
        ),
        asyncio.gather(
            _or_nothing(house.cart.merges(store_id, customer_id), [], silent),
            _or_nothing(house.cart.consents(store_id, customer_id), [], silent),
            _or_nothing(house.notifier.preference_changes(store_id, customer_id), [], silent),
        ),
        asyncio.gather(
            _or_nothing(house.notifier.suppressions(store_id, customer_id), {"suppressions": []}, silent),
            house.figures.customer_timeline(store_id, customer_id),
        ),
    )
    return Told(explained, messages, carts or [], merges, consents, choices, entries), closed, carts


async def _by_order_or_id(visit: Visit, asked: str) -> list[str]:
    """Whose order it is; and whose id, where it is one as well, or no order."""
    try:
        whose = await visit.house.actions.found_by_order(visit.person, visit.store_id, asked)
    except ServiceError:
        whose = None  # by their id customers are found all the same
    if whose is None or whose == asked:
        return [asked]
    both = await visit.house.figures.customer_timeline(visit.store_id, asked)
    return [whose, asked] if both else [whose]


async def _or_nothing(asked: Awaitable[T], nothing: T, silent: list[str]) -> T:
    """What a service answers; where it can't, the page shows what the others know, and says who is missing."""
    try:
        return await asked
    except ServiceError as error:
        silent.append(error.service)
        return nothing


def named(customer_id: str) -> str:
    """The id of a customer that a page is asked for. Raises `PageRefusal` 404 for what can be none."""
    if not customer_id or len(customer_id) > ID_MOST or not customer_id.isprintable():
        raise PageRefusal(404, "not_found")
    return customer_id


def _is_address(asked: str) -> bool:
    digits = sum(sign.isdigit() for sign in asked)
    return "@" in asked or (asked.startswith("+") and digits >= 7)
