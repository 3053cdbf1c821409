"""Templates: what a message looks like in each language, on each channel, before a customer sees it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse, Response

from services.console.clients.service import ServiceError
from services.console.web.rendering import SAFE, page
from services.console.web.visits import Visit, of_store

router = APIRouter(prefix="/stores/{store_id}/templates")
Seeing = Annotated[Visit, Depends(of_store("templates:read"))]
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
    "order_returned",
    "post_purchase",
    "win_back",
    "confirmation",
)
LANGUAGES = ("en", "de", "fr", "es", "it", "pl", "cs", "uk", "ru", "sr")
CHANNELS = ("email", "sms", "whatsapp", "telegram")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: http:; sandbox; frame-ancestors 'self'"
FRAMED = SAFE | {"Content-Security-Policy": _POLICY}
"""Of a letter in a frame: it may look as it likes, and runs nothing."""


@router.get("")
async def show_template(
    visit: Seeing, template: str = TEMPLATES[0], language: str = "", channel: str = CHANNELS[0]
) -> Response:
    """One template with sample goods."""
    channel = channel if channel in CHANNELS else CHANNELS[0]
    language = language if language in LANGUAGES else visit.words.language
    try:
        shown = await visit.house.notifier.preview(visit.store_id, template, language, channel)
        fault = ""
    except ServiceError as error:
        if error.silent:
            raise
        shown, fault = None, error.detail
    chosen: dict[str, Any] = {"template": template, "language": language, "channel": channel}
    lists: dict[str, Any] = {"templates": TEMPLATES, "spoken": LANGUAGES, "channels": CHANNELS}
    return page(visit, "templates.html", shown=shown, fault=fault, **chosen, **lists)


@router.get("/letter")
async def show_letter(visit: Seeing, template: str, language: str = "") -> Response:
    """The letter itself, for the frame on the page."""
    shown = await visit.house.notifier.preview(visit.store_id, template, language, "email")
    return HTMLResponse(shown["html"] or "", 200, FRAMED)
