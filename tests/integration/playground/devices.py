"""Browsers at a shop on the real cart service, and what one does with them."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from libs.postgres.pool import open_pool
from libs.runtime.clock import utc_now
from services.cart.api.routes.sdk import FOLDER
from services.cart.domain.store import Store
from services.cart.live.listener import Listener
from services.cart.live.publisher import LivePublisher
from services.cart.live.subscriptions import Subscriptions
from services.cart.main import application
from services.cart.settings import CartSettings
from tests.integration.playground.conftest import Running, running, settings_for
from tests.integration.playground.scenes import log_in
from tests.support.browser import close_devices
from tests.support.serving import HttpServer, serving

JWT_KEY, SECRET_KEY = "a key for the tokens of the store's customers", "sk_test_0123456789abcdef0123"
LIVE = "#cart[data-live=true]"
STORE = {
    "name": "Demo",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "secret_keys": [SECRET_KEY],
    "recovery_url": "https://shop.test/{token}",
}


@contextlib.asynccontextmanager
async def replica(dsn: str, listener: socket.socket, *origins: str) -> AsyncIterator[None]:
    """One process of the cart API on a bound socket."""
    store = Store.model_validate(STORE | {"origins": origins})
    settings = CartSettings(mode="local", database_url=dsn, token_secret="t" * 32, stores={"demo": store})
    pool = await open_pool(dsn, size=4)
    rooms = Subscriptions()
    announcer = LivePublisher(pool, rooms)
    app = application(settings, pool, utc_now, announcer.touch, rooms)
    server = HttpServer(app, listener)
    roles = [announcer.run(), Listener(dsn, rooms, announcer.sender).run()]
    tasks = [asyncio.create_task(role) for role in roles]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.stop()
        pool.terminate()


def example(cart_url: str) -> Starlette:
    """A site that serves the page of the client's README."""
    found = re.search(r"```html\n(.*?)```", (FOLDER / "README.md").read_text("utf-8"), re.DOTALL)
    assert found
    html = found[1].replace("https://cart.example.com", cart_url).replace('"shop"', '"demo"')
    return Starlette(routes=[Route("/", lambda _: HTMLResponse(html))])


@dataclass
class World:
    """A shop, a cart service, and a browser."""

    shop: Running
    browser: Browser
    example: str
    complaints: list[str]

    async def device(self, width: int = 1280) -> Page:
        """The shop in a browser of its own."""
        context = await self.browser.new_context(viewport={"width": width, "height": 860}, reduced_motion="reduce")
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return await self.open(await context.new_page())

    async def open(self, page: Page) -> Page:
        await page.goto(str(self.shop.http.base_url) + "/shop")
        await page.wait_for_selector(".product")
        return page

    async def anna(self, width: int = 1280) -> Page:
        """A device on which Ana has logged in, and which is live."""
        page = await self.device(width)
        await log_in(page, "Ana")
        await page.wait_for_selector(LIVE)
        return page


@contextlib.asynccontextmanager
async def a_shop(dsn: str, folder: Path) -> AsyncIterator[tuple[Running, str]]:
    """A shop on a cart service with an empty database, and the page of the client's README, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        cart_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = settings_for(folder, cart_url=cart_url, store_jwt_key=JWT_KEY, store_secret_key=SECRET_KEY)
        async with running(settings) as shop:
            origin = str(shop.http.base_url).rstrip("/")
            async with serving(example(cart_url)) as page, replica(dsn, listener, origin, page):
                yield shop, page


@contextlib.asynccontextmanager
async def a_world(dsn: str, folder: Path, browser: Browser) -> AsyncIterator[World]:
    """A shop, and devices of a browser until the block ends; no script of a page may have failed by then."""
    complaints: list[str] = []
    async with a_shop(dsn, folder) as (shop, page):
        yield World(shop, browser, page, complaints)
        await close_devices(browser)
    assert complaints == []


async def put_in(page: Page, sku: str) -> None:
    await page.click(f"#{sku} button")


async def holds(page: Page, count: int) -> None:
    await page.wait_for_selector(f"#count:text-is('{count}')")


async def stored(page: Page) -> dict[str, str]:
    return dict(json.loads(await page.evaluate("JSON.stringify(localStorage)")))
