"""The jobs of Settings, done in real browsers by an owner: changing the store, and making and ending a key."""

import pytest

from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import Desk, a_console
from tests.integration.console.pages.fake_services import KEY_ID, SECRET
from tests.integration.console.pages.test_jobs import FILL, TEXT, in_firefox, logged_in, shows
from tests.integration.playground.firefox import a_firefox
from tests.support.browser import in_chromium
from tests.support.serving import serving

pytestmark = pytest.mark.asyncio(loop_scope="module")


@in_chromium
async def test_an_owner_sees_faults_while_typing_and_changes_the_store(desk: Desk):
    page = await desk.logged_in("owner")
    await page.click(".wide-nav >> text=Settings")
    await page.click("text=Edit the store")
    fault = {"pointer": "/currency", "detail": "is no currency"}
    desk.console.fake.refuses["PUT "] = (422, {"detail": "faults", "errors": [fault]})
    async with page.expect_response("**/settings/check"):
        await page.fill("#text", "currency: ZZZ\n")
    await page.wait_for_selector("#check >> text=is no currency")
    desk.console.fake.refuses.clear()
    await page.fill("#text", "name: New name\n")
    await page.wait_for_selector("#check >> text=New name")
    await page.get_by_role("button", name="Check", exact=True).click()
    await page.get_by_role("button", name="Put in force").click()
    await page.wait_for_url("**/settings?done=store")
    assert desk.console.fake.calls[-1] == ("PUT", "", {"name": "New name"})


@in_chromium
async def test_an_owner_makes_a_key_that_is_shown_once_and_ends_it(desk: Desk):
    page = await desk.logged_in("owner", width=390, java_script_enabled=False)
    await page.goto(desk.at("settings/keys"))
    await page.fill("#name", "till")
    await page.check("[name='scope.orders:write']")
    await page.click("text=Make it")
    assert await page.inner_text("#secret") == SECRET
    await page.goto(desk.at("settings/keys"))
    assert SECRET not in await page.content()
    await page.click("text=Revoke till")
    await page.fill("#typed", "till")
    await page.click("text=Revoke till for good")
    await page.wait_for_url("**/keys?done=revoked")
    assert desk.console.fake.calls[-1] == ("DELETE", f"/keys/{KEY_ID}", "")


@in_chromium
async def test_an_owner_gives_a_key_another_secret_by_keyboard(desk: Desk):
    page = await desk.logged_in("owner", width=390, scheme="dark", java_script_enabled=False)
    await page.goto(desk.at("settings/keys"))
    await page.focus("text=Rotate till")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/rotate?**")
    await page.select_option("#grace", "168")
    await page.focus("#typed")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#secret")
    assert await page.inner_text("#secret") == SECRET
    assert "goes on for 1 week" in await page.inner_text(".note.good")
    assert desk.console.fake.calls == [("POST", f"/keys/{KEY_ID}/rotate", {"grace_hours": 168})]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


@in_firefox
async def test_in_firefox_an_owner_makes_a_key_and_rotates_one(make_database, tmp_path):
    async with (
        a_console(make_database(MIGRATIONS)) as console,
        serving(console.app) as base,
        a_firefox(tmp_path / "profile") as firefox,
    ):
        await console.person("owner")
        await logged_in(firefox, base, "owner@shop.example")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/settings")
        await shows(firefox, f"{TEXT}.includes('postmark/events')")
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/settings/keys")
        await shows(firefox, "document.querySelector('#name')")
        await firefox.run(FILL, "#name", "till")
        await firefox.click("input[type=checkbox]")
        await firefox.click("form[action$=make] button")
        await shows(firefox, "document.querySelector('#secret')")
        assert [call[:2] for call in console.fake.calls] == [("POST", "/keys")]
        await firefox.ask("WebDriver:Navigate", url=f"{base}/stores/shop/settings/keys/rotate?key={KEY_ID}")
        await shows(firefox, "document.querySelector('#grace')")
        await firefox.click("form[action$=rotate] button.main")
        await shows(firefox, f"{TEXT}.includes('goes on for 1 day')")
        assert console.fake.calls[-1] == ("POST", f"/keys/{KEY_ID}/rotate", {"grace_hours": 24})
