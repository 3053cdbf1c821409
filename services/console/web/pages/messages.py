"""Messages: what became of each, by state, reason, campaign, channel and provider; and experiments with campaigns."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.clients.service import ServiceError
from services.console.domain.flow import planned_of
from services.console.web.pages.templates import CHANNELS
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}")
STATES = (
    "waiting",
    "sent",
    "delivered",
    "clicked",
    "skipped",
    "cancelled",
    "expired",
    "bounced",
    "complained",
    "failed",
    "unknown",
)


@router.get("/messages")
async def list_messages(
    visit: Annotated[Visit, Depends(of_store("messages:read"))],
    state: str = "",
    reason: str = "",
    campaign: str = "",
    step: str = "",
    channel: str = "",
    provider: str = "",
    after: str = "",
) -> Response:
    """The newest first."""
    asked = {"state": state if state in STATES else "", "reason": reason, "campaign": campaign, "channel": channel}
    asked["provider"] = provider
    asked["step"] = step if step.isdigit() else ""
    wanted = {name: value for name, value in asked.items() if value}
    found = await visit.house.figures.messages(visit.store_id, wanted, after)
    providers = {*await visit.house.figures.providers(visit.store_id), *filter(None, [provider])}
    facts = {"states": STATES, "channels": CHANNELS, "providers": sorted(providers)}
    return page(visit, "messages.html", found=found, wanted=asked, filtered=bool(wanted), **facts)


@router.get("/experiments")
async def list_experiments(visit: Annotated[Visit, Depends(of_store("figures:read"))], done: str = "") -> Response:
    """Campaigns whose people are divided among arms."""
    try:
        planned = planned_of((await visit.house.trigger.campaigns(visit.store_id)).told)
    except ServiceError:
        planned = {}  # then nobody checks whether people are divided as planned
    found = await visit.house.figures.experiments(visit.store_id, planned=planned)
    return page(visit, "experiments.html", experiments=found, done=done if done == "ended" else "")
