"""The two pages, their static files, and an e-mail's HTML in a cell of its own."""

from __future__ import annotations

import asyncio
import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from deploy.playground.catalogue import PRODUCTS
from deploy.playground.content import read_content
from deploy.playground.http import ProblemError
from deploy.playground.reader import Reader

SKUS = frozenset(product.sku for product in PRODUCTS)
STATIC = Path(__file__).parent / "static"
# A link of the letter opens beside the inbox: inside the cell it would open without scripts.
BASE = '<base target="_blank">'
HEAD = re.compile(r"<head(\s[^>]*)?>", re.IGNORECASE)


class Pages:
    """``/`` leads to the shop; ``notifier_url`` may show pictures in letters (it counts opens by one)."""

    def __init__(self, reader: Reader, store_name: str, notifier_url: str) -> None:
        self._reader = reader
        self._store_name = escape(store_name)
        notifier = urlsplit(notifier_url)
        pictures = f"'self' data: {notifier.scheme}://{notifier.netloc}" if notifier.netloc else "'self' data:"
        self._letter_policy = (
            "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
            f"img-src {pictures}; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        )

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        return [
            Route("/", self.front, methods=["GET"]),
            Route("/shop", self.shop, methods=["GET"]),
            Route("/shop/products/{sku}", self.product, methods=["GET"]),
            Route("/inbox", self.inbox, methods=["GET"]),
            Route("/api/messages/{id:int}/html", self.letter, methods=["GET"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def front(self, request: Request) -> Response:
        """Leads on, and takes a recovery token along."""
        return RedirectResponse(f"/shop?{request.url.query}" if request.url.query else "/shop", 307)

    async def shop(self, _: Request) -> Response:
        """The shop."""
        return self._page("shop.html")

    async def product(self, request: Request) -> Response:
        """The shop, opened at one of its products; the page says it where there is no such product."""
        return self._page("shop.html", 200 if request.path_params["sku"] in SKUS else 404)

    async def inbox(self, _: Request) -> Response:
        """The inbox."""
        return self._page("inbox.html")

    def _page(self, name: str, status: int = 200) -> Response:
        html = (STATIC / name).read_text("utf-8").replace("{store_name}", self._store_name)
        return HTMLResponse(html, status, headers={"Cache-Control": "no-cache"})

    async def letter(self, request: Request) -> Response:
        """An e-mail's HTML as it came, without scripts, without the page's origin, without foreign pictures."""
        summary, raw = await self._reader.open(request)
        content = await asyncio.to_thread(read_content, summary.channel, raw)
        if content.html is None:
            raise ProblemError(404, "no-html", "this message has no HTML")
        html, found = HEAD.subn(lambda head: head[0] + BASE, content.html, count=1)
        headers = {"Content-Security-Policy": self._letter_policy, "Cache-Control": "no-store"}
        return Response(html if found else BASE + html, media_type="text/html; charset=utf-8", headers=headers)
