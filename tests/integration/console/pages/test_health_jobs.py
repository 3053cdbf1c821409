"""The job of Health, done in real browsers: ops, by night and on a phone, see what is broken and what to do."""

import pytest

from services.console.db import faults
from services.console.domain.faults import Fault
from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import Desk, a_console
from tests.integration.console.pages.fake_senders import FOUND, MANY, senders
from tests.integration.console.pages.test_browser import findings
from tests.integration.console.pages.test_jobs import TEXT, in_firefox, logged_in, shows
from tests.integration.playground.firefox import a_firefox
from tests.support.browser import in_chromium
from tests.support.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@in_chromium
async def test_ops_follow_a_fault_of_the_dns_by_keyboard_to_the_record(desk: Desk):
    desk.console.fake.senders = senders(*FOUND, MANY)
    async with desk.console.pool.acquire() as connection:
        await faults.see(connection, [Fault("dns", "shop", f"SPF: {MANY.detail}", 1.0)], desk.console.clock())
    page = await desk.logged_in("ops", width=390, scheme="dark")
    await page.goto(desk.at("health"))
    await page.focus("a[href='#sender']")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/health#sender")
    await page.focus(".breaks summary >> nth=0")
    await page.keyboard.press("Enter")
    assert await page.is_visible("text=v=spf1 include:spf.relay.shop -all")
    assert "Put all of it into one record" in await page.inner_text("section[aria-labelledby=sender]")
    assert await findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@in_firefox
async def test_in_firefox_ops_see_what_is_broken_and_what_to_do(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        console.fake.senders = senders(MANY)
        await console.person("ops")
        await logged_in(firefox, base, "ops@shop.example")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/health")
        await shows(firefox, f"{TEXT}.includes('Put all of it into one record')")
