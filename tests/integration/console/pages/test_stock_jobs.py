"""The job of Stock, done in a real browser: support sees what runs low, and asks who holds it."""

import pytest

from services.console.main import MIGRATIONS
from tests.integration.console.pages import test_stock
from tests.integration.console.pages.conftest import Desk, a_console
from tests.integration.console.pages.test_jobs import TEXT, in_firefox, logged_in, shows
from tests.integration.playground.firefox import a_firefox
from tests.support.browser import in_chromium
from tests.support.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@in_chromium
async def test_support_sees_what_runs_low_and_asks_who_holds_it_and_for_their_names(desk: Desk):
    await test_stock.levels(desk.console)
    page = await desk.logged_in("support", width=390)
    await page.click("text=Menu")
    await page.click("nav >> text=Stock")
    await page.wait_for_selector(".answer:has-text('2 items run low')")
    await page.fill("#sku", "te")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/stock?sku=te**")
    await page.click("#low >> xpath=.. >> text=tea")
    await page.click("text=Show customers")
    await page.wait_for_selector("text=ben 7/x")
    assert "Anna Example" not in await page.content()
    await page.click("text=Show their names")
    await page.wait_for_selector("text=Anna Example")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.click("table >> text=anna")
    await page.wait_for_url("**/customer?id=anna")


@in_firefox
async def test_in_firefox_one_sees_what_runs_low_and_who_holds_it(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await test_stock.levels(console)
        await console.person("support")
        await logged_in(firefox, base, "support@shop.example")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/stock")
        await shows(firefox, f"{TEXT}.includes('2 items run low')")
        await firefox.click("table a")
        await shows(firefox, "document.querySelector('form[action$=people]')")
        await firefox.click("form[action$=people] button")
        await shows(firefox, f"{TEXT}.includes('Show their names')")
        assert ("items.people", "item:tea") in await console.audited()
