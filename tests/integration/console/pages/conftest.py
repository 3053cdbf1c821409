import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, ConsoleMessage, Page
from pydantic import SecretStr
from starlette.types import ASGIApp

from libs.postgres.pool import Pool, open_pool
from libs.runtime.ids import uuid7
from services.console.auth.passwords import Passwords
from services.console.clients.cart import Cart
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceClient
from services.console.clients.services import OtherServices
from services.console.clients.trigger import Trigger
from services.console.db import people
from services.console.domain.people import Person
from services.console.domain.roles import Role
from services.console.main import MIGRATIONS
from services.console.settings import ConsoleSettings
from services.console.web.app import application
from services.console.web.deps import Services
from services.console.web.house import House
from services.console.web.opening import open_house
from tests.integration.console.pages.fake_figures import BusyDay
from tests.integration.console.pages.fake_letters import FakeLetters
from tests.integration.console.pages.fake_services import FakeServices
from tests.support.browser import close_devices
from tests.support.serving import serving

FIRST_LINK = "a-first-link-that-nobody-guesses"
KEY = "a-key-of-the-console-for-the-shop"
BASE = "http://console.test"
PASSWORD = "rain on a tin roof"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As secure hashes take their time; these are of nobody."""
TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')


class Clock:
    """A clock that tests set on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 12, 1, 10, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)


def others_of(fake: FakeServices, http: httpx.AsyncClient) -> OtherServices:
    """Clients of stand-ins, each at a host of its own name."""
    keys = {"*": SecretStr(KEY)}
    cart, trigger, notifier = (
        ServiceClient(name, f"http://{name}", keys, http) for name in ("cart", "trigger", "notifier")
    )
    relay = ServiceClient("cart-relay", "http://cart-relay", keys, http)
    processes = {"cart-api": cart, "cart-relay": relay, "trigger": trigger, "notifier-web": notifier}
    return OtherServices(Cart(cart), Trigger(trigger), Notifier(notifier), processes)


@dataclass
class Browser:
    """Somebody at a browser: cookies, pages, and forms that are sent as the page has them."""

    http: httpx.AsyncClient
    page: str = ""

    async def get(self, path: str, **query: Any) -> httpx.Response:
        answer = await self.http.get(path, params=query or None)
        self.page = answer.text
        return answer

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        """Sends a form with the token of the page that was seen last."""
        found = TOKEN.search(self.page)
        form = {"token": found.group(1) if found else ""} | fields
        return await self.http.post(path, data=form, headers={"Origin": BASE} | (headers or {}))

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        await self.get("/log-in")
        return await self.post("/log-in", email=email, password=password)


@dataclass
class Console:
    """A console on a database, and stand-ins of all that it asks."""

    app: ASGIApp
    house: House
    pool: Pool
    clock: Clock
    fake: FakeServices
    figures: BusyDay
    letters: FakeLetters

    def browser(self) -> Browser:
        transport = httpx.ASGITransport(app=self.app)
        return Browser(httpx.AsyncClient(transport=transport, base_url=BASE, timeout=30))

    async def person(self, role: Role, stores: tuple[str, ...] = ("*",), name: str = "") -> Person:
        """Somebody with the password of all."""
        called = name or role
        someone = Person(uuid7(), f"{called}@shop.example", called.capitalize(), role, frozenset(stores))
        async with self.pool.acquire() as connection:
            await people.add(connection, someone, QUICK.hash(PASSWORD))
        return someone

    async def somebody(self, role: Role) -> Browser:
        """A browser in which somebody of a role has logged in."""
        person, browser = await self.person(role), self.browser()
        async with self.pool.acquire() as connection, connection.transaction():
            token = await self.house.log_in.begin(connection, person)
        browser.http.cookies.set("evercart_console", token, domain="console.test")
        return browser

    async def audited(self) -> list[tuple[str, str]]:
        """What was written down, the oldest first: action and subject."""
        rows = await self.pool.fetch("SELECT action, subject FROM audit ORDER BY audit_id")
        return [(row["action"], row["subject"]) for row in rows]


async def add_store(pool: Pool, store_id: str = "shop", name: str = "Lantern & Loom") -> None:
    await pool.execute(
        "INSERT INTO stores (store_id, version, name, locale, time_zone, currency)"
        " VALUES ($1, 1, $2, 'en', 'Europe/Berlin', 'EUR') ON CONFLICT (store_id) DO NOTHING",
        store_id,
        name,
    )


@asynccontextmanager
async def a_console(dsn: str, **settings: Any) -> AsyncIterator[Console]:
    """A console on a database of its own, until the block ends."""
    pool = await open_pool(dsn, size=4)
    await add_store(pool)
    fake, clock, figures, letters = FakeServices(), Clock(), BusyDay(), FakeLetters()
    given: dict[str, Any] = {
        "mode": "local",
        "first_link": FIRST_LINK,
        "idle_hours": 2,
        "kafka_bootstrap": "127.0.0.1:9",
    } | settings
    async with httpx.AsyncClient(transport=httpx.MockTransport(fake.answer)) as http:
        house = open_house(
            ConsoleSettings(database_url=dsn, **given),
            pool,
            clock,
            others_of(fake, http),
            lambda: False,
            figures=figures,
            letters=letters,
            passwords=Passwords(QUICK),
        )
        app = application(Services(pool, {}, clock), {}, house)
        yield Console(app, house, pool, clock, fake, figures, letters)
    await pool.close()


@pytest.fixture
async def console(make_database) -> AsyncIterator[Console]:
    async with a_console(make_database(MIGRATIONS)) as made:
        yield made


class Desk:
    """A console that is served, and browsers at it that complain."""

    def __init__(self, console: Console, base: str, browser: Chromium, complaints: list[str]) -> None:
        self.console, self.base, self.browser, self.complaints = console, base, browser, complaints

    async def device(
        self, width: int = 1280, scheme: Any = "light", locale: str = "en-GB", **more: Any
    ) -> BrowserContext:
        context = await self.browser.new_context(
            viewport={"width": width, "height": 844 if width < 900 else 800},
            color_scheme=scheme,
            reduced_motion="reduce",
            locale=locale,
            **more,
        )
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._hear)
        return context

    def _hear(self, told: ConsoleMessage) -> None:
        if told.type == "error":
            self.complaints.append(told.text)

    async def logged_in(self, role: Any = "owner", **device: Any) -> Page:
        """A window in which somebody has logged in by the form."""
        context = await self.device(**device)
        page = await context.new_page()
        people = {one.email for one in await self.console.house.people.all()}
        if f"{role}@shop.example" not in people:
            await self.console.person(role)
        await page.goto(f"{self.base}/log-in")
        await page.fill("#email", f"{role}@shop.example")
        await page.fill("#password", PASSWORD)
        await page.click("button.main")
        await page.wait_for_url("**/today")
        return page

    def at(self, path: str) -> str:
        return f"{self.base}/stores/shop/{path}"


@pytest_asyncio.fixture(loop_scope="module")
async def desk(make_database, browser: Chromium) -> AsyncIterator[Desk]:
    complaints: list[str] = []
    async with a_console(make_database(MIGRATIONS)) as console, serving(console.app) as base:
        yield Desk(console, base, browser, complaints)
        await close_devices(browser)
    assert complaints == []
