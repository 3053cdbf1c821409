"""Support with a customer on the phone changes the cart, in real browsers: Chromium on a phone without a script, by
the keyboard and clicked twice, and Firefox.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import Desk, a_console
from tests.integration.console.pages.fake_carts import JAM_LINE, TEA_LINE, FakeCarts
from tests.integration.console.pages.test_browser import findings
from tests.integration.console.pages.test_jobs import FILL, TEXT, in_firefox, logged_in, shows
from tests.integration.playground.firefox import a_firefox
from tests.support.browser import close_devices, in_chromium
from tests.support.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


def held(carts: FakeCarts) -> dict[str, int]:
    """Units by line."""
    return {line_id: line["quantity"] for line_id, line in (carts.lines or {}).items()}


@pytest_asyncio.fixture(loop_scope="module")
async def desk(make_database, browser: Browser) -> AsyncIterator[Desk]:
    complaints: list[str] = []
    async with a_console(make_database(MIGRATIONS)) as console, serving(console.app) as base:
        yield Desk(console, base, browser, complaints)
        await close_devices(browser)
    assert [told for told in complaints if "422" not in told] == [], "a form with a fault is answered 422"


@in_chromium
async def test_support_changes_a_cart_on_a_phone_without_a_script(desk: Desk):
    page = await desk.logged_in("support", width=390, java_script_enabled=False)
    await page.goto(desk.at("customer?id=anna"))
    await page.get_by_label("Item (SKU)").fill("jam")
    await page.get_by_role("button", name="Put in", exact=True).click()
    await page.wait_for_url("**/customer?id=anna&done=cart_changed#carts")
    assert "The cart is changed" in await page.inner_text(".note.good")
    await page.get_by_label("Quantity Plum jam").fill("3")
    await page.get_by_role("button", name="Change Plum jam").click()
    await page.get_by_role("button", name="Take out Green tea").click()
    await page.get_by_text("Green tea 450").wait_for(state="detached")
    assert held(desk.console.fake.carts) == {JAM_LINE: 3}


@in_chromium
async def test_what_is_wrong_stands_at_the_form_and_can_be_put_right_by_the_keyboard(desk: Desk):
    page = await desk.logged_in("support", width=390, scheme="dark")
    await page.goto(desk.at("customer?id=anna"))
    await page.get_by_label("Item (SKU)").fill("cup")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("form.add [role=alert]")
    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await page.get_by_label("Item (SKU)").input_value() == "cup"
    described = await page.get_by_label("Name", exact=True).get_attribute("aria-describedby")
    assert "in none of this customer's carts" in await page.inner_text(f"#{described}")
    await page.get_by_label("Name", exact=True).fill("Blue cup")
    await page.get_by_label("Price of one, EUR").fill("12.50")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/customer?id=anna&done=cart_changed#carts")
    assert "Blue cup" in await page.inner_text("main")


@in_chromium
async def test_support_puts_in_the_kind_that_the_customer_asks_for(desk: Desk):
    page = await desk.logged_in("support", width=390)
    await page.goto(desk.at("customer?id=anna"))
    await page.get_by_label("Item (SKU)").fill("jam")
    await page.get_by_text("Name, price and options").click()
    await page.get_by_label("Options as the shop names them").fill("size: 200 g")
    await page.get_by_role("button", name="Put in", exact=True).click()
    await page.wait_for_selector("form.add [role=alert]")
    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_label("Name", exact=True).fill("Plum jam")
    await page.get_by_label("Price of one, EUR").fill("2.90")
    await page.get_by_role("button", name="Put in", exact=True).click()
    await page.wait_for_url("**/customer?id=anna&done=cart_changed#carts")
    assert "size: 200 g" in await page.inner_text("main")


@in_chromium
async def test_two_clicks_put_one_in_and_an_older_cart_is_not_written_over(desk: Desk):
    page = await desk.logged_in("support")
    await page.goto(desk.at("customer?id=anna"))
    await page.get_by_label("Item (SKU)").fill("jam")
    await page.get_by_role("button", name="Put in", exact=True).dblclick()
    await page.wait_for_url("**/customer?id=anna&done=cart_changed#carts")
    assert held(desk.console.fake.carts) == {TEA_LINE: 2, JAM_LINE: 1}
    desk.console.fake.carts.version += 1
    await page.get_by_label("Quantity Green tea").fill("9")
    await page.get_by_role("button", name="Change Green tea").click()
    await page.wait_for_selector("[role=alert]")
    assert "The cart changed meanwhile" in await page.inner_text("[role=alert]")
    assert held(desk.console.fake.carts) == {TEA_LINE: 2, JAM_LINE: 1}


@in_firefox
async def test_in_firefox_support_puts_in_and_takes_out(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await console.person("support")
        await logged_in(firefox, base, "support@shop.example")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/customer?id=anna")
        await shows(firefox, "document.querySelector('#sku')")
        await firefox.run(FILL, "#sku", "jam")
        await firefox.click("form.add button.main")
        await shows(firefox, f"{TEXT}.includes('The cart is changed')")
        assert held(console.fake.carts) == {TEA_LINE: 2, JAM_LINE: 1}
        await firefox.click("button[value=remove]")
        await shows(firefox, f"!{TEXT}.includes('Green tea tea')")
        assert held(console.fake.carts) == {JAM_LINE: 1}
