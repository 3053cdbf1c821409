"""Upcoming: what is due the next hour and day, what is asked for and not out yet, and why."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.clients.service import ServiceError, or_none
from services.console.domain.flow import Flow, flows_of
from services.console.domain.pauses import Scope
from services.console.domain.upcoming import ahead_of, delays_of, held_back, reasons_of
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")


@router.get("/upcoming")
async def show_upcoming(visit: Annotated[Visit, Depends(of_store("upcoming:read"))], done: str = "") -> Response:
    """Carts as they are now, and messages as the notifier has them."""
    pauses = await _pauses(visit)
    flows = await _flows(visit, pauses or [])
    found = await visit.house.figures.upcoming(visit.store_id, delays_of(flows or []))
    ahead = ahead_of(flows or [], found.carts)
    asked = [{"of": one, "held": held_back(one, pauses or [])} for one in found.asked]
    silent = [name for name, told in (("trigger", flows), ("notifier", pauses)) if told is None]
    facts: dict[str, Any] = {"ahead": ahead, "asked": asked, "silent": silent, "as_of": found.now}
    facts |= {"next": found.next, "waiting": found.waiting, "done": done if done == "cancelled" else ""}
    return page(visit, "upcoming.html", reasons=await _reasons(visit, found.longest), **facts)


async def _pauses(visit: Visit) -> list[Scope] | None:
    told = await or_none(visit.house.notifier.pauses(visit.store_id))
    return None if told is None else [Scope(one["campaign"], one["step"], one["channel"]) for one in told]


async def _flows(visit: Visit, pauses: Sequence[Scope]) -> list[Flow] | None:
    in_force = await or_none(visit.house.trigger.campaigns(visit.store_id))
    return None if in_force is None else flows_of(in_force.told, (), pauses)


async def _reasons(visit: Visit, longest: Sequence[tuple[UUID, str]]) -> list[tuple[str, int]]:
    """Why those wait that are due the longest: the notifier tells it by customer. Nobody's name is shown for it."""
    customers = sorted({customer_id for _, customer_id in longest})
    asked = (visit.house.notifier.messages_of(visit.store_id, one) for one in customers)
    told = await asyncio.gather(*asked, return_exceptions=True)
    messages: list[dict[str, Any]] = []
    for one in told:
        if isinstance(one, list):
            messages += one
        elif not isinstance(one, ServiceError):
            raise one
    return reasons_of((reminder_id for reminder_id, _ in longest), messages)
