"""A site of a store, the real cart service, and windows of a real browser that have the client and nothing else."""

import contextlib
import json
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from deploy.playground import tokens
from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import JWT_KEY, SECRET_KEY, replica
from tests.support.browser import close_devices
from tests.support.serving import serving

CART = "/v1/stores/demo/cart"
OPEN = """async ([url, options, hasToken]) => {
    const { createCart } = await import(`${url}/sdk/evercart.js`);
    window.told = [];
    window.jwt = options.token ?? null;
    const given = { baseUrl: url, store: "demo", ...options };
    if (hasToken) given.token = () => window.jwt;
    window.cart = createCart(given);
    const events = ["change", "refused", "waiting", "problem", "merged", "noticed", "dropped", "customer", "storage"];
    for (const type of events) cart.on(type, (detail) => type === "change" || told.push({ type, ...detail }));
    await cart.credentials().catch(() => null);
}"""
ADD = """([sku, quantity]) => {
    window.added = cart.add({ sku, quantity, title: sku, price: 500, currency: "EUR" });
    window.added.catch(() => null);
}"""


def jwt_of(customer: str) -> str:
    return tokens.mint(customer, JWT_KEY, time.time())


@dataclass
class Window:
    """A window of a browser, and the client in it."""

    page: Page
    site: "Site"

    async def open(self, **options: Any) -> "Window":
        """Makes the cart; `token` is a JWT or None, which the page has the client ask for by a function."""
        await self.page.goto(self.site.origin)
        await self.page.evaluate(OPEN, [self.site.cart_url, options, "token" in options])
        return self

    async def add(self, sku: str, quantity: int = 1) -> None:
        """Puts something in, without waiting for the service."""
        await self.page.evaluate(ADD, [sku, quantity])

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.page.evaluate(script, list(arguments))

    async def until(self, expression: str) -> None:
        """Returns once the expression holds in the window."""
        await self.page.wait_for_function(expression, polling=20)

    async def settled(self) -> dict[str, int]:
        """Units by sku once nothing waits for the service."""
        lines = await self.run("cart.settled(60000).then((known) => known.lines)")
        return {line["sku"]: line["quantity"] for line in lines}

    async def told(self, kind: str) -> list[dict[str, Any]]:
        """Events of one type, so far."""
        return [event for event in await self.run("told") if event["type"] == kind]

    async def stored(self) -> dict[str, str]:
        """What the client keeps in the storage, by its keys without their prefix."""
        kept = json.loads(await self.run("JSON.stringify(localStorage)"))
        return {at.removeprefix("evercart.demo."): value for at, value in kept.items() if at.startswith("evercart.")}

    async def headers(self) -> dict[str, str]:
        headers: dict[str, str] = await self.run("cart.credentials()")
        return headers


@dataclass
class Site:
    """A page without content on an origin of the store's, and the cart service."""

    browser: Browser
    origin: str
    cart_url: str
    complaints: list[str]

    async def device(self) -> BrowserContext:
        """A browser with a storage of its own."""
        context = await self.browser.new_context()
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        return context

    async def window(self, context: BrowserContext | None = None, **options: Any) -> Window:
        """A window with a cart, in a browser of its own unless told."""
        page = await (context or await self.device()).new_page()
        return await Window(page, self).open(**options)

    async def holds(self, headers: dict[str, str]) -> dict[str, int]:
        """Units by sku, as the service knows them."""
        async with httpx.AsyncClient(base_url=self.cart_url, timeout=60) as client:
            answer = await client.get(CART, headers=headers)
        return {line["sku"]: line["quantity"] for line in answer.raise_for_status().json()["lines"]}

    async def customer_holds(self, customer: str) -> dict[str, int]:
        return await self.holds({"Authorization": f"Bearer {jwt_of(customer)}"})

    async def tell(self, method: str, path: str, body: dict[str, Any]) -> None:
        """A call of the store's own server."""
        async with httpx.AsyncClient(base_url=f"{self.cart_url}/v1/stores/demo", timeout=60) as client:
            answer = await client.request(method, path, json=body, headers={"Authorization": f"Bearer {SECRET_KEY}"})
        answer.raise_for_status()


def blank() -> Starlette:
    return Starlette(routes=[Route("/", lambda _: HTMLResponse("<!doctype html><title>Shop</title>"))])


@contextlib.asynccontextmanager
async def a_site(listener: socket.socket, browser: Browser) -> AsyncIterator[Site]:
    """A site whose cart service is (or will be) at a bound socket; no script of a page may have failed at the end."""
    complaints: list[str] = []
    cart_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with serving(blank()) as origin:
        yield Site(browser, origin, cart_url, complaints)
        await close_devices(browser)
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="module")
async def site(make_database, browser) -> AsyncIterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with a_site(listener, browser) as made, replica(make_database(MIGRATIONS), listener, made.origin):
            yield made
