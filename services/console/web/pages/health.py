"""Health: is it sending; what ops look at by night."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from libs.inbox.put_back import Waiting
from services.console.clients.service import ServiceClient, ServiceError
from services.console.domain.people import EVERY_STORE
from services.console.domain.pulse import Sign, signs_of
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")


@router.get("/health")
async def show_health(visit: Annotated[Visit, Depends(of_store("health:read"))]) -> Response:
    """The services, one by one, and what has to be done."""
    house = visit.house
    asked: dict[str, ServiceClient] = {
        "cart": house.cart.service,
        "trigger": house.trigger.service,
        "notifier": house.notifier.service,
    }
    found, letters, pauses, today = await asyncio.gather(
        asyncio.gather(*(_state(client) for client in asked.values())),
        *(_letters(visit), _pauses(visit), house.figures.today(visit.store_id)),
    )
    services = [
        {"name": name, "ready": ready, "signs": signs} for name, (ready, signs) in zip(asked, found, strict=True)
    ]
    may_look = visit.may("letters:replay") and visit.person.sees(EVERY_STORE)
    facts = {"today": today, "pauses": pauses, "letters": letters, "may_look": may_look}
    return page(visit, "health.html", services=services, **facts)


async def _state(client: ServiceClient) -> tuple[bool, list[Sign]]:
    ready, text = await asyncio.gather(client.is_ready(), client.measured())
    return ready, signs_of(text)


async def _pauses(visit: Visit) -> list[dict[str, Any]]:
    try:
        return await visit.house.notifier.pauses(visit.store_id)
    except ServiceError:
        return []


async def _letters(visit: Visit) -> Sequence[Waiting] | None:
    """What was put aside, by topic; None where nobody can say."""
    try:
        return await visit.house.letters.counts()
    except ServiceError:
        return None
