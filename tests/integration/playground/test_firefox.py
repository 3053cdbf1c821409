"""The client in another browser: two devices at once, one of them offline for a while."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import a_shop
from tests.integration.playground.firefox import FIREFOX, Firefox, a_firefox

pytestmark = pytest.mark.skipif(FIREFOX is None, reason="no firefox on the PATH and FIREFOX is not set")
SENT = "document.querySelector('#cart[aria-busy=false]')"
ANA = "[...document.querySelectorAll('#people button')].find((button) => button.textContent.includes('Ana'))"
LOG_OUT = "[...document.querySelectorAll('#account button')].find((button) => button.textContent === 'Log out')"


async def logged_in(device: Firefox, url: str) -> Firefox:
    """A device on which Ana has logged in, and which is live."""
    await device.ask("WebDriver:Navigate", url=url)
    await device.until("document.querySelector('.product')")
    await device.click("#account button")
    await device.until(ANA)
    await device.run(f"{ANA}.click()")
    await device.until("document.querySelector('#cart[data-live=true]')")
    return device


async def put_in(device: Firefox, sku: str) -> None:
    await device.click(f"#{sku} button")


async def holds(device: Firefox, count: int) -> None:
    await device.until(f"document.getElementById('count').textContent === '{count}'")


@pytest.fixture
async def devices(make_database, tmp_path) -> AsyncIterator[tuple[Firefox, Firefox]]:
    async with contextlib.AsyncExitStack() as stack:
        shop, _ = await stack.enter_async_context(a_shop(make_database(MIGRATIONS), tmp_path))
        phone, laptop = [await stack.enter_async_context(a_firefox(tmp_path / name)) for name in ("phone", "laptop")]
        url = f"{shop.http.base_url}/shop"
        yield await logged_in(phone, url), await logged_in(laptop, url)


async def test_two_firefoxes_show_one_cart_live_also_after_one_was_offline(devices: tuple[Firefox, Firefox]):
    phone, laptop = devices
    await put_in(phone, "mug")
    await holds(laptop, 1)
    await phone.set_offline(offline=True)
    await put_in(phone, "lantern")
    await put_in(phone, "lantern")
    await holds(phone, 3)
    await phone.until("document.getElementById('cart-status').textContent.includes('2 changes wait')")
    await put_in(laptop, "kettle")
    await holds(laptop, 2)
    await phone.set_offline(offline=False)
    for device in devices:
        await holds(device, 4)
        await device.until(SENT)


async def test_a_firefox_that_was_left_holds_nothing_of_the_customer(devices: tuple[Firefox, Firefox]):
    phone, laptop = devices
    await put_in(phone, "mug")
    await holds(laptop, 1)
    await phone.run(f"{LOG_OUT}.click()")
    await holds(phone, 0)
    assert await phone.run("return JSON.stringify(localStorage)") == "{}"
    await holds(laptop, 1)
