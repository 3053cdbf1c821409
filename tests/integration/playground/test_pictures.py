"""The shop's picture in the README can be taken anew: EVERCART_PICTURES=deploy/docs pytest <this file>."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import ViewportSize

from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import World, a_world, holds, put_in
from tests.integration.playground.scenes import sent
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
SIZE = ViewportSize(width=1200, height=760)


@pytest_asyncio.fixture(loop_scope="module")
async def world(make_database, tmp_path, browser) -> AsyncIterator[World]:
    async with a_world(make_database(MIGRATIONS), tmp_path, browser) as found:
        yield found


async def test_the_shop_on_the_laptop_shows_what_was_put_in_on_the_phone(world: World, tmp_path: Path):
    phone = await world.anna(390)
    for sku in ("lantern", "blanket", "mug"):
        await put_in(phone, sku)
    await phone.click("#cart [aria-label='Save for later: Enamel mug']")
    await sent(phone)
    laptop = await world.anna(SIZE["width"])
    await laptop.set_viewport_size(SIZE)
    await laptop.click(".notice >> text=Dismiss")
    await holds(laptop, 2)
    picture = Path(os.environ.get("EVERCART_PICTURES", tmp_path)) / "shop.png"
    await laptop.screenshot(path=picture)
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize("width", [320, 390, 820, 1200])
async def test_nothing_is_wider_than_the_screen(world: World, width: int):
    page = await world.anna(width)
    for sku in ("lantern", "blanket", "mug"):
        await put_in(page, sku)
    await page.click("#cart [aria-label='Save for later: Enamel mug']")
    await sent(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    line = page.locator("#cart .lines:not(.saved) li").first
    assert await line.locator("button").count() == 4
    for button in await page.locator("#cart button:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
