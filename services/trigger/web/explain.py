"""Why somebody was or was not to be told, and what is ahead, for whoever has a key for that."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Security
from starlette.responses import Response

from libs.contracts.reasons import in_words
from libs.http import paging
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.paging import Moment, page_of
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.trigger.db import explain, occasions, participants, watches
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.explain import Ahead, ahead, ahead_of, in_short, of_occasion, of_watch, without
from services.trigger.domain.occasions import Occasion
from services.trigger.domain.participation import Key, Participation
from services.trigger.handlers.call_off import decided_early
from services.trigger.web.deps import Given
from services.trigger.web.explain_schemas import Explained
from services.trigger.web.places import place_of

PAGE, CARTS, WATCHES, OCCASIONS = 200, 100, 100, 100
_SHOWN = ("cart_id", "customer_id", "version", "goods_version", "quiet_since", "units", "total", "currency", "closed")
Customer = Annotated[
    str | None,
    Query(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$", description="The customer.", examples=["anna"]),
]
Cart = Annotated[UUID | None, Query(description="The cart.", examples=["019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"])]
After = Annotated[str, paging.text_after("1795342501000000.5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee")]
Limit = Annotated[int, paging.limit(PAGE)]

router = APIRouter(prefix="/v1/stores/{store_id}", tags=["explain"], dependencies=[Security(opens("explain:read"))])


@router.head("/explain", include_in_schema=False)
@router.get(
    "/explain",
    responses={200: {"model": Explained, "description": "What was decided, and what is ahead"}},
    openapi_extra=refuses("invalid-request", "unauthorized", "insufficient-scope", "unavailable"),
)
async def explain_decisions(
    store_id: StoreId,
    services: Given,
    customer: Customer = None,
    cart: Cart = None,
    after: After = "",
    limit: Limit = PAGE,
) -> Response:
    """Of a customer or a cart: every decision with what it rested on and why, the newest first; and on the first page
    the last hundred carts with the steps that are ahead of them, and why others are not. Of a customer also what they
    watch, and what is ahead of what else happened: of orders, of what is set aside, of what was looked at.
    """
    place = place_of(after)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        if cart is not None and customer is None:
            found = await explain.decisions_on_cart(connection, store_id, cart, place, limit + 1)
        elif customer is not None and cart is None:
            found = await explain.decisions_on_customer(connection, store_id, customer, place, limit + 1)
        else:
            raise Problem(422, "invalid-request", "Name a customer or a cart.")
        carts = [] if place else await explain.carts_of(connection, store_id, customer, cart, CARTS)
        of_store = services.campaigns.of(store_id)
        whose = {customer, *(one.customer_id for one in carts)}
        known = await participants.read(connection, {key for who in whose for key in of_store.parts_of(store_id, who)})
        steps = {one.cart_id: ahead(one, of_store, services.clock(), known) for one in carts}
        early = await decided_early(connection, store_id, [s.reminder_id for found in steps.values() for s in found])
        happened = (
            await occasions.of_customer(connection, store_id, customer, OCCASIONS) if customer and not place else []
        )
        asked = await watches.of_customer(connection, store_id, customer, WATCHES) if customer and not place else []
    shown, following = page_of(found, limit, lambda one: str(Moment(one["decided_at"], str(one["reminder_id"]))))
    told = {
        "carts": [_cart(one, without(steps[one.cart_id], early)) for one in carts],
        "occasions": [_occasion(one, of_store, services.clock(), known) for one in happened],
        "watches": [_watch(one) for one in asked],
        "decisions": [one | {"why": in_words(one["reason"])} for one in shown],
        "next": following,
    }
    return unkept(told)


def _cart(cart: CartState, steps: Sequence[Ahead]) -> dict[str, Any]:
    told = {name: getattr(cart, name) for name in _SHOWN}
    return told | {"why": in_short(cart), "ahead": _steps(steps)}


def _occasion(
    occasion: Occasion, campaigns: StoreCampaigns, now: datetime, known: Mapping[Key, Participation]
) -> dict[str, Any]:
    told = {name: getattr(occasion, name) for name in ("subject", "since", "ended")}
    steps = _steps(ahead_of(occasion, campaigns, now, known))
    return told | {"order_id": occasion.facts.get("order_id"), "why": of_occasion(occasion), "ahead": steps}


def _steps(found: Sequence[Ahead]) -> list[dict[str, Any]]:
    return [asdict(one) | {"why": in_words(one.reason)} for one in found]


def _watch(row: dict[str, Any]) -> dict[str, Any]:
    state, why = of_watch(row["ended"], told=row["told_by"] is not None)
    shown = {name: row[name] for name in ("watch_id", "sku", "set_at", "saved_in", "told_by")}
    return shown | {"state": state, "reason": row["ended"], "why": why}
