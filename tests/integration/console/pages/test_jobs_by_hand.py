"""What people undo, cancel and end by hand, done in real browsers: Chromium, and Firefox for what differs there."""

import pytest

from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import PASSWORD, Console, Desk, a_console
from tests.integration.console.pages.fake_services import MERGE_ID, REPLY
from tests.integration.console.pages.test_jobs import TEXT, in_firefox, shows
from tests.integration.playground.firefox import Firefox, a_firefox
from tests.support.browser import in_chromium
from tests.support.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@in_chromium
async def test_support_undoes_a_merge_on_a_phone_without_a_script(desk: Desk):
    page = await desk.logged_in("support", width=390, java_script_enabled=False)
    await page.goto(desk.at("customer?id=anna"))
    await page.locator(".time").get_by_role("link", name="Undo").click()
    await page.wait_for_selector("main:has-text('Green tea')")
    await page.get_by_role("button", name="Undo this merge").click()
    await page.wait_for_url("**/customer?id=anna&done=unmerged")
    assert "The merge is undone" in await page.inner_text(".note.good")
    assert desk.console.fake.calls == [("POST", f"/customers/anna/merges/{MERGE_ID}/undo", "")]


@in_chromium
async def test_ops_cancel_what_comes_next_on_a_phone_without_a_script(desk: Desk):
    page = await desk.logged_in("ops", width=390, java_script_enabled=False)
    await page.goto(desk.at("upcoming"))
    await page.get_by_role("link", name="Cancel it").first.click()
    await page.get_by_role("button", name="Cancel cart · offer").click()
    await page.wait_for_url("**/upcoming?done=cancelled")
    assert "not sent" in await page.inner_text(".note.good")
    assert [call[0] for call in desk.console.fake.calls] == ["POST"]


async def cancels_what_is_next(firefox: Firefox, base: str, console: Console) -> None:
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/upcoming")
    await firefox.click("main a[href*='cancel?cart']")
    await shows(firefox, f"{TEXT}.includes('Cancel cart · offer')")
    await firefox.click("main button.danger")
    await shows(firefox, f"{TEXT}.includes('It is cancelled')")
    assert console.fake.calls.pop()[1].endswith("/cancel")


@in_chromium
async def test_a_marketer_ends_an_experiment_with_a_winner_without_a_script(desk: Desk):
    page = await desk.logged_in("marketer", java_script_enabled=False)
    await page.goto(desk.at("experiments"))
    await page.get_by_role("link", name="End with a winner").first.click()
    await page.locator("main").get_by_role("link", name="reminded").click()
    await page.fill("#typed", "cart")
    await page.get_by_role("button", name="win").click()
    await page.wait_for_url("**/experiments?done=ended")
    assert [call[1] for call in desk.console.fake.calls] == ["/campaigns?dry_run", "/campaigns"]


async def sends_a_test(firefox: Firefox, base: str, console: Console) -> None:
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/test?template=browse")
    await shows(firefox, "document.querySelector('#to')")
    await firefox.click("main button.main")
    await shows(firefox, f"{TEXT}.includes('It is on its way')")
    assert console.fake.calls.pop()[1] == "/preview/send"


@in_chromium
async def test_a_marketer_sends_a_test_from_templates_on_a_phone(desk: Desk):
    page = await desk.logged_in("marketer", width=390, java_script_enabled=False)
    await page.goto(desk.at("templates?template=browse&language=pl"))
    await page.get_by_role("link", name="Send a test").click()
    assert await page.input_value("#template") == "browse"
    await page.get_by_role("button", name="Send the test").click()
    assert "It is on its way" in await page.inner_text(".note.good")
    (call,) = desk.console.fake.calls
    assert call[2] == {"template": "browse", "language": "pl", "channel": "email", "to": "marketer@shop.example"}


@in_chromium
async def test_support_says_what_a_reply_wants_on_a_phone_without_a_script(desk: Desk):
    page = await desk.logged_in("support", width=390, java_script_enabled=False)
    await page.goto(desk.at("replies"))
    await page.get_by_role("button", name=f"Reply {REPLY['message_sid']}: they want no more messages").click()
    await page.wait_for_url("**/replies?done=read_stop")
    assert "Nothing is sent there any more" in await page.inner_text(".note.good")
    assert [call[1] for call in desk.console.fake.calls] == [f"/replies/{REPLY['message_sid']}/read"]


async def says_what_a_reply_wants(firefox: Firefox, base: str, console: Console) -> None:
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/replies")
    await shows(firefox, "document.querySelector('button[value=other]')")
    await firefox.click("button[value=other]")
    await shows(firefox, f"{TEXT}.includes('It is noted that this reply is no stop')")
    assert console.fake.calls.pop()[2]["read_as"] == "other"


async def ends_an_experiment(firefox: Firefox, base: str, console: Console) -> None:
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/experiments/end?campaign=cart&arm=treatment")
    await shows(firefox, "document.querySelector('#typed')")
    await firefox.run("document.querySelector(arguments[0]).value = arguments[1]", "#typed", "cart")
    await firefox.click("main button.main")
    await shows(firefox, f"{TEXT}.includes('The winner gets everybody')")
    assert console.fake.calls.pop()[:2] == ("PUT", "/campaigns")


async def tries_a_draft(firefox: Firefox, base: str, console: Console) -> None:
    """It is under way when the page is there, and what it came to stands in its place without another look."""
    console.fake.backtests.state, console.fake.backtests.events = "running", 0
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/campaigns/edit")
    await shows(firefox, "document.querySelector('#text')")
    await firefox.run("document.querySelector(arguments[0]).value = arguments[1]", "#text", "campaigns: []")
    await firefox.click("button[formaction$=backtests][value='30']")
    await shows(firefox, f"{TEXT}.includes('It is under way')")
    assert console.fake.calls.pop() == ("POST", "/backtests", "campaigns: []")
    console.fake.backtests.state, console.fake.backtests.events = "done", 4100
    await shows(firefox, f"{TEXT}.includes('Held back: by the shop')")
    await shows(firefox, "!document.querySelector('form[action$=cancel]')")


async def undoes_a_merge(firefox: Firefox, base: str, console: Console) -> None:
    await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/customer?id=anna")
    await shows(firefox, f"{TEXT}.includes('Carts merged at a log-in')")
    await firefox.click(".time a[href*=merges]")
    await shows(firefox, f"{TEXT}.includes('Undo this merge')")
    await firefox.click("main button.main")
    await shows(firefox, f"{TEXT}.includes('The merge is undone')")
    assert console.fake.calls.pop()[1] == f"/customers/anna/merges/{MERGE_ID}/undo"


@in_firefox
async def test_in_firefox_an_owner_does_each_of_it(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await console.person("owner")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/log-in")
        fill = "document.querySelector(arguments[0]).value = arguments[1]"
        await firefox.run(fill, "#email", "owner@shop.example")
        await firefox.run(fill, "#password", PASSWORD)
        await firefox.click("button.main")
        await shows(firefox, f"{TEXT}.includes('157 orders came back')")
        await undoes_a_merge(firefox, base, console)
        await says_what_a_reply_wants(firefox, base, console)
        await cancels_what_is_next(firefox, base, console)
        await ends_an_experiment(firefox, base, console)
        await sends_a_test(firefox, base, console)
        await tries_a_draft(firefox, base, console)
