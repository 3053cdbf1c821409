"""A guest without an account leaves an address in the shop: a form, a question, and nothing before the button."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Page

from services.cart.main import MIGRATIONS
from tests.integration.playground import devices
from tests.integration.playground.devices import World, a_world, holds, put_in, stored
from tests.integration.playground.scenes import log_in, sent
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
OPEN, BUTTON, PROBLEM = "#cart .remind", "#contact-form button", "#contact-problem"


@pytest_asyncio.fixture(loop_scope="module")
async def world(make_database, tmp_path, monkeypatch, browser) -> AsyncIterator[World]:
    monkeypatch.setitem(devices.STORE, "guest_contacts", "double_opt_in")
    async with a_world(make_database(MIGRATIONS), tmp_path, browser) as found:
        yield found


async def asked(world: World, width: int = 1280) -> Page:
    """A guest who has put something in and opened the form."""
    page = await world.device(width)
    await put_in(page, "mug")
    await holds(page, 1)
    await sent(page)
    await page.click(OPEN)
    await page.wait_for_selector("#contact[open]")
    return page


async def contacts(world: World, page: Page) -> list[tuple[str | None, str | None, bool]]:
    """What the service knows of the guest of this page."""
    token = (await stored(page))["evercart.demo.guest"]
    settings = world.shop.settings
    async with httpx.AsyncClient(base_url=f"{settings.cart_url}/v1/stores/demo", timeout=60) as client:
        cart = (await client.get("/cart", headers={"X-Cart-Token": token})).raise_for_status().json()
        server = {"Authorization": f"Bearer {devices.SECRET_KEY}"}
        look = (await client.get(f"/carts/{cart['id']}", headers=server)).raise_for_status().json()
        if look["recipient_id"] is None:
            return []
        path = f"/customers/{look['recipient_id']}/profile"
        known = (await client.get(path, headers=server)).raise_for_status().json()
    return [(known["email"], known["phone"], known["email_consent"])]


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_guest_leaves_an_address_and_is_told_what_comes(world: World, width: int):
    page = await asked(world, width)
    box = await page.eval_on_selector("#contact", "(one) => one.getBoundingClientRect().toJSON()")
    assert box["left"] >= 0
    assert box["right"] <= width
    await page.fill("#c-email", "anna@mail.test")
    assert await contacts(world, page) == []
    await page.check("[name=remind_email]")
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=Path(folder) / f"contact-{width}.png")
    await page.click(BUTTON + ":not([data-close])")
    await page.wait_for_selector("#toast:has-text('say yes in it')")
    assert await contacts(world, page) == [("anna@mail.test", None, False)]
    assert not await page.is_visible("#contact")
    assert "anna@mail.test" not in str(await stored(page))


async def test_what_is_missing_or_wrong_is_said_in_the_form(world: World):
    page = await asked(world)
    await page.click(BUTTON)
    assert await page.inner_text(PROBLEM) == "Leave an e-mail address or a mobile number."
    await page.fill("#c-email", "anna@mail.test")
    await page.check("[name=remind_sms]")
    await page.click(BUTTON)
    assert await page.inner_text(PROBLEM) == "We need a mobile number to text to."
    await page.fill("#c-phone", "12")
    await page.click(BUTTON)
    await page.wait_for_selector(f"{PROBLEM}:has-text('/phone')")
    assert await contacts(world, page) == []


async def test_whoever_is_logged_in_is_not_asked(world: World):
    page = await world.device()
    await put_in(page, "mug")
    await holds(page, 1)
    assert await page.is_visible(OPEN)
    await log_in(page, "Ana")
    await page.wait_for_selector("#account button:has-text('Ana')")
    await page.wait_for_function("!document.querySelector('#cart .remind')")
