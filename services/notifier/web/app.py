"""HTTP in: unsubscribing without a log-in, and the question why somebody was or was not reminded."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from pydantic_core import to_json
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from libs.http.catalogue import COMMON_FILE, Catalogue
from libs.http.health import Check, health_routes
from libs.http.keys import require_store_key
from libs.http.last_resort import LastResort
from libs.http.problem_pages import problem_routes
from libs.http.problems import Problem
from libs.postgres.errors import OUTAGES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.notifier.db import contacts, deliveries, replies, suppressions
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import ForgedLinkError, Links, Unsubscription
from services.notifier.rendering.store_templates import StoreTemplates

CATALOGUE = Catalogue(COMMON_FILE, Path(__file__).with_name("problems.toml"))
"""Every kind of error that the pages and webhooks answer with."""
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:32em;margin:18vh auto 0;padding:0 24px;text-align:center}}
h1{{font-size:22px}}button{{font:inherit;font-weight:600;padding:.75em 2em;border:0;border-radius:10px;
background:#1f2937;color:#fff;cursor:pointer}}@media(prefers-color-scheme:dark){{body{{background:#0f1115;color:#f3f4f6}}
button{{background:#f3f4f6;color:#111827}}}}</style></head><body><h1>{store}</h1><p>{text}</p>{form}</body></html>"""

FORM = '<form method="post"><button type="submit">{button}</button></form>'


class Web:
    """The web role's routes."""

    def __init__(
        self,
        pool: Pool,
        stores: Mapping[str, Store],
        templates: StoreTemplates,
        links: Links,
        keys: Mapping[str, SecretStr],
    ) -> None:
        self._pool, self._stores, self._templates, self._links, self._keys = pool, stores, templates, links, keys

    def application(self, checks: Mapping[str, Check], *more: Route) -> ASGIApp:
        """The ASGI application, health and metrics included."""
        routes = [
            Route("/u/{token}", self.ask, methods=["GET", "HEAD"]),
            Route("/u/{token}", self.unsubscribe, methods=["POST"]),
            Route("/v1/stores/{store_id}/messages", self.messages, methods=["GET"]),
            Route("/v1/stores/{store_id}/replies", self.replies, methods=["GET"]),
            *more,
            *health_routes(checks),
            *problem_routes(CATALOGUE),
        ]
        app = Starlette(routes=routes)
        app.router.redirect_slashes = False
        CATALOGUE.answer_errors(app, OUTAGES)
        return LastResort(app, CATALOGUE)

    async def ask(self, request: Request) -> Response:
        """Shows what the button will do. Scanners, previews and prefetchers get here too: it changes nothing."""
        who = self._who(request)
        return await self._page(request, who, "question", button=who is not None)

    async def unsubscribe(self, request: Request) -> Response:
        """Acts at once, without a log-in (RFC 8058), and again and again to the same effect."""
        who = self._who(request)
        if who is not None:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                await suppressions.suppress_customer(
                    connection, who.store_id, who.customer_id, who.channel, "unsubscribed"
                )
        return await self._page(request, who, "done")

    def _who(self, request: Request) -> Unsubscription | None:
        try:
            who = self._links.read(request.path_params["token"])
        except ForgedLinkError:
            return None
        return who if who.store_id in self._stores else None

    async def _page(self, request: Request, who: Unsubscription | None, text: str, *, button: bool = False) -> Response:
        locale = request.headers.get("accept-language", "en").partition(",")[0].partition(";")[0]
        shop = self._stores[who.store_id] if who else None
        templates = self._templates.or_shipped(shop) if shop else self._templates.shipped
        if who and shop:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                locale = await contacts.locale_of(connection, who.store_id, who.customer_id) or locale
        words = templates.wordings.choose(locale, shop.locale if shop else "en")
        facts = {"store": shop.name if shop else "Evercart"}
        form = FORM.format(button=escape(words.say("page.button", facts))) if button else ""
        body = PAGE.format(
            lang=words.tag,
            title=escape(words.say("page.title", facts)),
            store=escape(facts["store"]),
            text=escape(words.say(f"page.{text if who else 'broken'}", facts)),
            form=form,
        )
        return HTMLResponse(body, 200 if who else 404, SAFE)

    async def messages(self, request: Request) -> Response:
        """Every reminder of a customer or a cart with its state and reason, for whoever has the store's key."""
        store_id = request.path_params["store_id"]
        require_store_key(request, self._keys, store_id)
        customer_id, cart = request.query_params.get("customer_id"), request.query_params.get("cart_id")
        if customer_id is None and cart is None:
            raise Problem(422, "invalid-request", "Name a customer_id or a cart_id.")
        try:
            cart_id = UUID(cart) if cart else None
        except ValueError:
            raise Problem(422, "invalid-request", "The cart_id is not a UUID.") from None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await deliveries.explain(connection, store_id, customer_id, cart_id)
        return Response(to_json({"messages": found}), 200, {"Cache-Control": "no-store"}, "application/json")

    async def replies(self, request: Request) -> Response:
        """The text messages that hold a word to opt out and could not be understood, for a person to read there."""
        store_id = request.path_params["store_id"]
        require_store_key(request, self._keys, store_id)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await replies.unclear(connection, store_id)
        return Response(to_json({"replies": found}), 200, {"Cache-Control": "no-store"}, "application/json")
