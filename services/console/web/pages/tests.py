"""Sending a test of a message to whoever runs the store: marked as one, and counted nowhere."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.clients.service import ServiceError
from services.console.web.pages.templates import LANGUAGES, TEMPLATES
from services.console.web.rendering import page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/test")
Sending = Annotated[Visit, Depends(of_store("tests:send"))]
CHANNELS = ("email", "sms")
"""A chat can't be begun with whoever has not written first."""
TO_MOST, NAME_MOST = 254, 200


@router.get("")
async def ask_for_test(
    visit: Sending, template: str = TEMPLATES[0], language: str = "", channel: str = CHANNELS[0]
) -> Response:
    """Which message, in which language, by which channel, with whose name, and to which of the store's addresses."""
    return await _shown(visit, {"template": template, "language": language, "channel": channel})


@router.post("")
async def send_test(visit: Sending) -> Response:
    """Sends it. The notifier takes no address but those that the store lists; what the provider said is told."""
    form = {name: visit.form.get(name, "").strip() for name in ("template", "language", "channel", "customer", "to")}
    chosen = {name: form[name] for name in ("template", "language", "channel")}
    customer = form["customer"][:NAME_MOST] if visit.may("customers:read") else ""
    if not form["to"] or len(form["to"]) > TO_MOST:
        return await _shown(visit, chosen, 422, fault=visit.words("test.no_address"), customer=customer)
    test: dict[str, Any] = {name: value for name, value in chosen.items() if value} | {"to": form["to"]}
    test |= {"customer_id": customer} if customer else {}
    try:
        said = await visit.house.actions.send_test(visit.person, visit.store_id, test)
    except ServiceError as error:
        if error.silent:
            raise
        fault = visit.words("test.not_listed") if error.status == 403 else error.detail
        return await _shown(visit, chosen, 422, fault=fault, to=form["to"], customer=customer)
    return await _shown(visit, chosen, said=said, to=form["to"], customer=customer)


async def _shown(visit: Visit, chosen: dict[str, str], status: int = 200, **facts: Any) -> Response:  # noqa: ANN401
    try:
        own = await visit.house.notifier.templates.own(visit.store_id)
    except ServiceError:
        own = []
    known: dict[str, Any] = {"fault": "", "said": None, "to": visit.person.email, "customer": ""} | facts
    templates = dict.fromkeys((*TEMPLATES, *own, chosen["template"]))
    lists: dict[str, Any] = {"templates": tuple(templates), "spoken": LANGUAGES, "channels": CHANNELS}
    return page(visit, "acts/test.html", status, **chosen, **lists, **known)
