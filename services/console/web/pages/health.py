"""Health: is it sending; what ops look at by night."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.clients.service import ServiceClient, ServiceError
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
    found = await asyncio.gather(*(_state(client) for client in asked.values()))
    today, pauses = await house.figures.today(visit.store_id), await _pauses(visit)
    services = [
        {"name": name, "ready": ready, "signs": signs} for name, (ready, signs) in zip(asked, found, strict=True)
    ]
    return page(visit, "health.html", services=services, today=today, pauses=pauses)


async def _state(client: ServiceClient) -> tuple[bool, list[Sign]]:
    ready, text = await asyncio.gather(client.is_ready(), client.measured())
    return ready, signs_of(text)


async def _pauses(visit: Visit) -> list[dict[str, Any]]:
    try:
        return await visit.house.notifier.pauses(visit.store_id)
    except ServiceError:
        return []
