"""Templates: what a message looks like in each language, on each channel, before a customer sees it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import HTMLResponse, Response

from services.console.clients.service import ServiceError
from services.console.domain.template_said import seen_in
from services.console.web.rendering import SAFE, page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/templates")
Seeing = Annotated[Visit, Depends(of_store("templates:read"))]
Scheme = Annotated[str, Query(pattern=r"^(light|dark)$")]
Done = Annotated[str, Query(pattern=r"^(|template|template_rolled_back|template_removed)$")]
TEMPLATES = (
    "abandoned_cart_1",
    "abandoned_cart_2",
    "abandoned_cart_3",
    "abandoned_checkout",
    "saved_items",
    "browse",
    "low_stock",
    "back_in_stock",
    "price_drop",
    "order_confirmed",
    "order_shipped",
    "order_delivered",
    "order_cancelled",
    "order_partly_cancelled",
    "order_returned",
    "post_purchase",
    "win_back",
    "confirmation",
    "monthly_confirmation",
)
LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "cs", "uk", "ru", "sr")
CHANNELS = ("email", "sms", "whatsapp", "telegram")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; sandbox; frame-ancestors 'self'"
FRAMED = SAFE | {"Content-Security-Policy": _POLICY}
"""Of a letter in a frame: it may look as it likes, and runs nothing."""


@router.get("")
async def show_template(
    visit: Seeing, template: str = TEMPLATES[0], language: str = "", channel: str = CHANNELS[0], done: Done = ""
) -> Response:
    """One template with sample goods."""
    channel = channel if channel in CHANNELS else CHANNELS[0]
    language = language if language in LANGUAGES else visit.words.language
    price = (await visit.house.prices.of(visit.store_id)).get(channel)
    try:
        shown = await visit.house.notifier.preview(visit.store_id, template, language, channel)
        fault = ""
    except ServiceError as error:
        if error.silent:
            raise
        shown, fault = None, error.detail
    source, own = await _said_where(visit, template)
    chosen: dict[str, Any] = {"template": template, "language": language, "channel": channel, "source": source}
    templates = (*TEMPLATES, *(one for one in own if one not in TEMPLATES))
    lists: dict[str, Any] = {"templates": templates, "spoken": LANGUAGES, "channels": CHANNELS, "done": done}
    return page(visit, "templates.html", shown=shown, fault=fault, price=price, **chosen, **lists)


@router.get("/letter")
async def show_letter(visit: Seeing, template: str, language: str = "", scheme: Scheme = "light") -> Response:
    """The letter itself, for the frame on the page."""
    shown = await visit.house.notifier.preview(visit.store_id, template, language, "email")
    return HTMLResponse(seen_in(shown["html"] or "", scheme), 200, FRAMED)


async def _said_where(visit: Visit, template: str) -> tuple[str, list[str]]:
    """Where a template is said, and which ones the store has said itself; "" where the notifier does not say."""
    try:
        told, _ = await visit.house.notifier.templates.in_force(visit.store_id, template)
        return str(told["source"]), await visit.house.notifier.templates.own(visit.store_id)
    except ServiceError:
        return "", []
