"""A product that is sold out: its page offers to tell when it is back, and says what became of that."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page

from services.cart.main import MIGRATIONS
from tests.integration.playground import devices
from tests.integration.playground.devices import LIVE, World, a_world, put_in, stored
from tests.integration.playground.scenes import log_in
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
OFFER, UNDO = "#product .waiting button:text-is('Tell me when it is back')", "#product .waiting button:text-is('Undo')"
ASKED, PROBLEM = "#product .waiting.asked:has-text('We will tell you once')", "#watch-problem"


@pytest_asyncio.fixture(loop_scope="module")
async def world(make_database, tmp_path, monkeypatch, browser) -> AsyncIterator[World]:
    monkeypatch.setitem(devices.STORE, "guest_contacts", "double_opt_in")
    async with a_world(make_database(MIGRATIONS), tmp_path, browser) as found:
        yield found


async def stock(world: World, units: int) -> None:
    await world.shop.http.put("/shop/api/stock/mug", json={"available": units})


async def looks(world: World, page: Page) -> Page:
    """The product's page, sold out."""
    await stock(world, 0)
    await page.goto(f"{world.shop.http.base_url}/shop/products/mug")
    await page.wait_for_selector(f"#product form, {LIVE}")
    return page


async def comes_back_to(page: Page) -> None:
    """Whoever looks at the page again is shown how it is."""
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def picture(name: str, width: int) -> Path | None:
    folder = os.environ.get("PICTURES")
    return Path(folder) / f"{name}-{width}.png" if folder else None


async def shown(page: Page, name: str, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if path := picture(name, width):
        await page.screenshot(path=path)


async def told(world: World) -> None:
    """Ends what Ana waits for, as the service does once she was told."""
    headers = {"Authorization": f"Bearer {devices.SECRET_KEY}", "Idempotency-Key": "told-once"}
    url = f"{world.shop.settings.cart_url}/v1/stores/demo"
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as server:
        (await server.delete("/customers/ana/watches")).raise_for_status()


@pytest.mark.parametrize("width", [390, 1280])
async def test_who_is_logged_in_asks_with_one_click_and_takes_it_back_with_another(world: World, width: int):
    page = await looks(world, await world.anna(width))
    await shown(page, "offer", width)
    await page.click(OFFER)
    await page.wait_for_selector(ASKED)
    await page.wait_for_selector("#toast:has-text('We will tell you once')")
    assert await page.evaluate("document.activeElement.textContent") == "Undo"
    undo, toast = [
        await page.eval_on_selector(one, "(one) => one.getBoundingClientRect().toJSON()") for one in (UNDO, "#toast")
    ]
    assert undo["bottom"] <= toast["top"] or undo["top"] >= toast["bottom"] or undo["left"] >= toast["right"]
    await shown(page, "asked", width)
    other = await looks(world, await world.anna(width))
    await other.wait_for_selector(ASKED)
    await page.click(UNDO)
    await page.wait_for_selector(OFFER)
    await comes_back_to(other)
    await other.wait_for_selector("#product .waiting.told")


async def test_who_was_told_reads_that_it_is_back_and_may_ask_again_when_it_is_not(world: World):
    page = await looks(world, await world.anna())
    await page.click(OFFER)
    await page.wait_for_selector(ASKED)
    await told(world)
    await comes_back_to(page)
    await page.wait_for_selector("#product .waiting:has-text('It is sold out again') button:text-is('Tell me again')")
    assert await page.inner_text("#toast") == ""
    await shown(page, "told", 1280)
    await stock(world, 9)
    await page.reload()
    await page.wait_for_selector("#product .waiting:has-text('You asked us to tell you: it is back.')")
    await shown(page, "back", 1280)
    await page.click("#product .waiting button:text-is('Dismiss')")
    await page.wait_for_selector("#product .waiting", state="detached")
    await page.reload()
    await page.wait_for_selector(LIVE)
    assert not await page.query_selector("#product .waiting")


async def test_what_was_ordered_or_left_behind_at_a_log_out_is_spoken_of_no_more(world: World):
    page = await looks(world, await world.anna())
    await page.click(OFFER)
    await page.wait_for_selector(ASKED)
    await stock(world, 9)
    await page.goto(f"{world.shop.http.base_url}/shop")
    await put_in(page, "mug")
    await page.click("text=Place the order")
    await page.wait_for_selector(".notice:has-text('is placed')")
    await page.goto(f"{world.shop.http.base_url}/shop/products/mug")
    await page.wait_for_selector(LIVE)
    await comes_back_to(page)
    assert not await page.query_selector("#product .waiting")
    page = await looks(world, page)
    await page.click(OFFER)
    await page.wait_for_selector(ASKED)
    await page.click("#account button:has-text('Log out')")
    await page.wait_for_selector(OFFER)
    assert "evercart.asked" not in await stored(page)


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_guest_leaves_an_address_once_and_takes_it_along_at_a_log_in(world: World, width: int):
    page = await looks(world, await world.device(width))
    await page.click(OFFER)
    await page.wait_for_selector("#watch[open]")
    box = await page.eval_on_selector("#watch", "(one) => one.getBoundingClientRect().toJSON()")
    assert (box["left"] >= 0, box["right"] <= width) == (True, True)
    await shown(page, "form", width)
    await page.fill("#w-email", "guest@mail.test")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(ASKED)
    await page.wait_for_selector("#toast:has-text('say yes in it')")
    assert "guest@mail.test" not in str(await stored(page))
    await page.reload()
    await page.wait_for_selector(ASKED)
    await log_in(page, "Ana")
    await page.wait_for_selector("#account button:has-text('Ana')")
    other = await looks(world, await world.anna(width))
    await other.wait_for_selector(ASKED)
    await page.wait_for_selector(ASKED)


async def test_what_is_wrong_with_an_address_is_said_in_the_form(world: World):
    page = await looks(world, await world.device())
    await page.click(OFFER)
    await page.fill("#w-email", "a@b")
    await page.click("#watch-form button")
    await page.wait_for_selector(f"{PROBLEM}:has-text('email')")
    assert await page.is_visible("#watch")


async def test_where_guests_leave_no_address_they_are_told_to_log_in(make_database, tmp_path, browser):
    async with a_world(make_database(MIGRATIONS), tmp_path, browser) as world:
        page = await looks(world, await world.device())
        await page.click(OFFER)
        await page.fill("#w-email", "guest@mail.test")
        await page.click("#watch-form button")
        await page.wait_for_selector(f"{PROBLEM}:has-text('Log in, and ask again.')")
