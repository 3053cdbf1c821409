"""The job of each page, done in real browsers by who opens it: Chromium, and Firefox for what differs there."""

import re

import pytest

from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import FIRST_LINK, PASSWORD, Desk, a_console
from tests.integration.playground.firefox import FIREFOX, Firefox, a_firefox
from tests.support.browser import in_chromium
from tests.support.eventually import eventually
from tests.support.serving import serving

in_firefox = pytest.mark.skipif(FIREFOX is None, reason="no firefox on the PATH and FIREFOX is not set")
pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = "document.body?.textContent"
FILL = "document.querySelector(arguments[0]).value = arguments[1]"


@in_chromium
async def test_the_first_person_comes_by_the_link_and_is_at_today(desk: Desk):
    page = await (await desk.device()).new_page()
    await page.goto(f"{desk.base}/come/{FIRST_LINK}")
    for field, value in (("email", "olga@shop.example"), ("name", "Olga"), ("password", PASSWORD)):
        await page.fill(f"#{field}", value)
    await page.click("button.main")
    await page.wait_for_url("**/stores/shop/today")
    assert "157 orders came back" in await page.inner_text(".answer")


@in_chromium
async def test_figures_move_in_place_while_one_looks(desk: Desk):
    page = await desk.logged_in("viewer")
    await page.wait_for_selector("[sse-swap] .figures")
    desk.console.figures.sent = 204
    await page.wait_for_selector(".figures >> text='204'")


@in_chromium
async def test_ops_pause_by_one_key_and_let_go_again(desk: Desk):
    page = await desk.logged_in("ops")
    await page.keyboard.press("p")
    await page.wait_for_url("**/pause")
    await page.wait_for_selector("#why:focus")
    await page.keyboard.type("the coupon does not work")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/campaigns?done=paused")
    assert "3 messages wait for it" in await page.inner_text(".note.warn")
    await page.click("text=Let them go")
    await page.wait_for_url("**done=resumed**")
    assert "3 messages go out now" in await page.inner_text(".note.good")


@in_chromium
async def test_a_marketer_sees_faults_while_typing_and_changes_a_campaign(desk: Desk):
    page = await desk.logged_in("marketer")
    await page.goto(desk.at("campaigns/edit"))
    at, unknown = "/campaigns/0/steps/0/template", "the store has no template named nudge"
    faults = [
        {"pointer": "/campaigns/0/kind", "detail": "there is no such kind", "line": 2},
        {"pointer": at, "detail": unknown, "line": 3},
    ]
    desk.console.fake.refuses["/campaigns"] = (422, {"detail": "faults", "errors": faults})
    async with page.expect_response("**/campaigns/check"):
        await page.fill("#text", "campaigns:\n- kind: x\n")
    await page.wait_for_selector("#check .note.bad")
    told = await page.inner_text("#check")
    assert "line 2" in told
    assert "line 3" in told
    assert unknown in told
    desk.console.fake.refuses.clear()
    await page.fill("#text", "campaigns: []\n")
    await page.wait_for_selector("#check .change")
    await page.get_by_role("button", name="Check", exact=True).click()
    await page.get_by_role("button", name="Put in force").click()
    await page.wait_for_url("**/campaigns?done=changed")
    assert [call for call in desk.console.fake.calls if call[:2] == ("PUT", "/campaigns")] == [
        ("PUT", "/campaigns", "campaigns: []\r\n")
    ]


@in_chromium
async def test_support_finds_a_customer_by_a_key_and_sees_why(desk: Desk):
    page = await desk.logged_in("support", width=390)
    await page.click("text=Menu")
    await page.click("nav >> text=Customers")
    await page.fill("#who", "anna@shop.example")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/customer?id=anna")
    assert "anna@shop.example" not in await page.content()
    await page.get_by_role("button", name="Show", exact=True).click()
    await page.wait_for_selector("text=Anna Example")
    await page.click(".time summary >> nth=0")
    assert await page.is_visible(".time .facts >> nth=0")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@in_chromium
async def test_an_owner_lets_somebody_in_who_comes_by_the_link(desk: Desk):
    owner = await desk.logged_in("owner")
    await owner.goto(desk.at("people"))
    await owner.fill("#email", "mia@shop.example")
    await owner.select_option("#role", "marketer")
    await owner.click("text=Make a link")
    link = re.search(r"/come/[\w-]+", await owner.inner_text(".note.good"))
    assert link is not None
    mia = await (await desk.device()).new_page()
    await mia.goto(desk.base + link.group())
    await mia.fill("#name", "Mia")
    await mia.fill("#password", PASSWORD)
    await mia.click("button.main")
    await mia.wait_for_url("**/today")
    assert await mia.locator(".wide-nav >> text=Customers").count() == 0


@in_chromium
async def test_everything_can_be_read_without_a_script(desk: Desk):
    page = await desk.logged_in("owner", width=390, java_script_enabled=False)
    await page.click("text=Menu")
    await page.click("nav >> text=Campaigns")
    await page.wait_for_selector("main:has-text('Carts went quiet')")


async def shows(firefox: Firefox, expression: str) -> None:
    """Returns once it holds in the page, whichever page that is by then."""
    await eventually(lambda: firefox.run(f"return Boolean({expression})"), despite=AssertionError)


async def logged_in(firefox: Firefox, base: str, email: str) -> None:
    """Somebody logs in by the form, and is at Today."""
    await firefox.ask("WebDriver:Navigate", url=f"{base}/log-in")
    await firefox.run(FILL, "#email", email)
    await firefox.run(FILL, "#password", PASSWORD)
    await firefox.click("button.main")
    await shows(firefox, f"{TEXT}.includes('157 orders came back')")


@in_firefox
async def test_in_firefox_one_logs_in_pauses_and_lets_go(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await console.person("ops")
        await logged_in(firefox, base, "ops@shop.example")
        console.figures.sent = 204
        await shows(firefox, "document.querySelector('.figures').textContent.includes('204')")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/pause")
        await shows(firefox, "document.querySelector('#why')")
        await firefox.run(FILL, "#why", "a test")
        await firefox.click("button.main")
        await shows(firefox, f"{TEXT}.includes('3 messages wait for it')")
        await firefox.click("form[action$=resume] button")
        await shows(firefox, f"{TEXT}.includes('3 messages go out now')")
        assert [call[:2] for call in console.fake.calls] == [("PUT", "/pauses"), ("DELETE", "/pauses")]


@in_chromium
async def test_a_marketer_writes_a_message_sees_it_beside_and_saves_a_version(desk: Desk):
    page = await desk.logged_in("marketer")
    await page.goto(desk.at("templates"))
    await page.click("text=Make your own copy")
    await page.wait_for_url("**/templates/edit**")
    async with page.expect_response("**/templates/check**"):
        await page.get_by_label("Heading", exact=True).fill("Come back soon")
    letter = page.frame_locator("#check .letters iframe").locator("h1")
    await letter.filter(has_text="Come back soon").wait_for()
    assert "Your cart waits" in await page.inner_text("#check .change .before")
    assert await page.evaluate("document.activeElement.name") == "words.heading", "typing goes on where it was"
    await page.get_by_role("button", name="Save as a new version").click()
    await page.wait_for_url("**done=template**")
    (said,) = desk.console.fake.templates.versions["abandoned_cart_1"]
    assert said["words"]["en"]["heading"] == "Come back soon"
    await page.click("text=Versions")
    await page.wait_for_selector("main:has-text('Version 1')")


@in_chromium
async def test_a_message_is_written_without_a_script_as_well(desk: Desk):
    page = await desk.logged_in("marketer", width=390, java_script_enabled=False)
    await page.goto(desk.at("templates/edit?template=abandoned_cart_1&language=en"))
    await page.get_by_label("Heading", exact=True).fill("By hand")
    await page.get_by_role("button", name="Check", exact=True).click()
    assert "By hand" in await page.inner_text("#check .change")
    await page.select_option("#other", "de")
    await page.get_by_role("button", name="Go to this language").click()
    await page.wait_for_url("**language=de")
    assert await page.get_by_label("Heading", exact=True).input_value() == "Ihr Warenkorb wartet"
    await page.get_by_role("button", name="Save as a new version").click()
    await page.wait_for_url("**done=template**")


@in_firefox
async def test_in_firefox_a_message_is_seen_while_one_writes_it(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await console.person("marketer")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/log-in")
        fill = (
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true}))"
        )
        await firefox.run(fill, "email", "marketer@shop.example")
        await firefox.run(fill, "password", PASSWORD)
        await firefox.click("button.main")
        await shows(firefox, f"{TEXT}.includes('157 orders came back')")
        at = f"{base}/stores/shop/templates/edit?template=abandoned_cart_1&language=en"
        await firefox.ask("WebDriver:Navigate", url=at)
        await shows(firefox, "document.getElementById('words.heading')")
        await firefox.run(fill, "words.heading", "In Firefox")
        await shows(firefox, "document.querySelector('#check .change').textContent.includes('In Firefox')")
        await firefox.click("button[value=say]")
        await shows(firefox, f"{TEXT}.includes('The new version is in force')")
        (said,) = console.fake.templates.versions["abandoned_cart_1"]
        assert said["words"]["en"]["heading"] == "In Firefox"


@in_chromium
async def test_a_marketer_tries_a_draft_and_sees_it_done_in_place(desk: Desk):
    page = await desk.logged_in("marketer")
    desk.console.fake.backtests.state, desk.console.fake.backtests.events = "running", 0
    await page.goto(desk.at("campaigns/edit"))
    await page.fill("#text", "campaigns: []\n")
    await page.get_by_role("button", name="Try on the last 7 days").click()
    await page.wait_for_url("**/campaigns/backtests/**")
    desk.console.fake.backtests.events = 1234
    await page.wait_for_selector("text=1,234 events read")
    desk.console.fake.backtests.state = "done"
    await page.wait_for_selector("text=17 messages would be others")
    assert await page.locator("svg rect.bar").count() == 4
    await page.get_by_role("button", name="Stop it").wait_for(state="detached")
    await page.click("text=Back to the draft")
    assert await page.input_value("#text") == "campaigns: []\n"
