"""The two pages in a real browser."""

import asyncio

from playwright.async_api import Page, Route

from tests.integration.playground.conftest import an_email
from tests.integration.playground.scenes import Scene, log_in, sent
from tests.support.browser import IN_A_BROWSER
from tests.support.serving import serving

pytestmark = IN_A_BROWSER
ATTACK = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
LETTER = f"""<html><head></head><body>{ATTACK}<p onclick="document.title='hacked'">Hello</p>
<a id="script" href="javascript:document.title='hacked'">bad</a>
<a id="cart" href="BASE/shop?recover=token">cart</a><img src="BEACON/beacon.png"></body></html>"""


async def test_what_is_put_in_the_cart_on_the_phone_is_there_on_the_laptop(scene):
    phone, laptop = await scene.shopper(390), await scene.shopper()
    await phone.click("#lantern button")
    await phone.click("#mug button")
    await phone.wait_for_selector("#count:text-is('2')")
    await log_in(phone, "Ana")
    await log_in(laptop, "Ana")
    await laptop.wait_for_selector("#cart .lines li:nth-child(2)")
    assert "added on the phone" in await laptop.inner_text("#cart .lines")
    await laptop.click("#cart [aria-label='One more: Storm lantern']")
    await phone.wait_for_selector("#count:text-is('3')")


async def test_after_logging_out_the_device_starts_clean(scene):
    page = await scene.shopper()
    await page.click("#mug button")
    await page.wait_for_selector("#count:text-is('1')")
    await log_in(page, "Ana")
    await page.click("text=Log out")
    await page.wait_for_selector("#count:text-is('0')")
    assert await page.evaluate("localStorage.length") == 0
    await log_in(page, "Jonas")
    assert await page.inner_text("#count") == "0"


async def test_a_log_in_never_fails_over_a_cart_and_the_cart_follows(scene):
    page = await scene.shopper()
    await page.click("#mug button")
    await page.wait_for_selector("#count:text-is('1')")
    scene.fake.claims = False
    await log_in(page, "Ana")
    await page.wait_for_selector("#toast:has-text('Not now.')")
    assert "Ana" in await page.inner_text("#account")
    scene.fake.claims = True
    await page.wait_for_selector(".notice:has-text('is in yours now')")
    await page.wait_for_selector("#count:text-is('1')")
    assert scene.fake.carts["ana"]["units"] == 1


async def test_a_typed_name_agrees_to_letters_in_the_form(scene):
    page = await scene.shopper()
    await page.click("#account button")
    await page.fill("#login-name", "Mira")
    await page.press("#login-name", "Enter")
    await page.click("text=Mira")
    await page.fill("#p-email", "mira@example.com")
    await page.check("[name=email_consent]")
    await page.click("#profile-form button")
    await page.wait_for_selector("#profile", state="hidden")
    profile = scene.fake.profiles["mira"]
    assert (profile["email"], profile["email_consent"], profile["sms_consent"]) == ("mira@example.com", True, False)


async def test_an_order_empties_the_cart_and_lowers_the_stock(scene):
    page = await scene.shopper()
    await page.click("summary")
    await page.fill("#stock-lamp", "2")
    await page.press("#stock-lamp", "Enter")
    await page.wait_for_selector("#lamp:has-text('only 2 left')")
    for units in (1, 2):
        await page.click("#lamp button")
        await page.wait_for_selector(f"#count:text-is('{units}')")
    await page.click("text=Place the order")
    await page.wait_for_selector(".notice:has-text('is placed')")
    await page.wait_for_selector("#lamp:has-text('Sold out')")
    await page.wait_for_selector("#count:text-is('0')")
    assert scene.fake.orders[0]["total"] == 17800
    assert scene.fake.levels["lamp"] == 0


async def test_a_recovery_link_shows_the_cart_and_logs_nobody_in(scene):
    phone = await scene.shopper(390)
    await phone.click("#lantern button")
    await log_in(phone, "Ana")
    await sent(phone)
    scene.fake.recoverable["token"] = scene.fake.carts["ana"]
    third = await scene.open(await scene.device(), "/shop?recover=token", "#recovered .lines")
    assert "Storm lantern" in await third.inner_text("#recovered")
    assert await third.inner_text("#account") == "Log in"
    assert await third.evaluate("localStorage.length") == 0
    await third.click("text=Log in to continue")
    await third.click("#people button:has-text('Ana')")
    await third.wait_for_selector("#recovered", state="hidden")
    await third.wait_for_selector("#count:text-is('1')")


async def test_a_recovery_link_that_leads_nowhere_says_so(scene):
    page = await scene.open(await scene.device(), "/shop?recover=old", "#recovered h2")
    assert "no longer opens a cart" in await page.inner_text("#recovered")


async def test_titles_names_and_messages_with_markup_are_text(scene):
    page = await scene.shopper()
    await page.click("#account button")
    await page.fill("#login-name", f"Eve {ATTACK}")
    await page.press("#login-name", "Enter")
    await page.wait_for_selector("text=Welcome, Eve")
    [owner] = await page.evaluate("[JSON.parse(localStorage['evercart.person']).customer_id]")
    line = {"sku": "x", "title": ATTACK, "price": 1, "quantity": 1, "line_id": "1", "device": ATTACK}
    scene.fake.save(owner, [line | {"image_url": "javascript:alert(1)", "url": "javascript:alert(1)"}])
    await page.wait_for_selector("#cart .title")
    assert await page.inner_text("#cart .title") == ATTACK
    await scene.shop.text(Body=ATTACK)
    await scene.shop.send(an_email(subject=ATTACK, text=ATTACK))
    inbox = await scene.open(await scene.device(), "/inbox", "#messages .sms")
    await inbox.click("#messages .sms a")
    assert await inbox.inner_text(".bubbles p") == ATTACK
    await inbox.click("#messages .email a")
    await inbox.click(".letter-head >> text=Text")
    assert (await inbox.inner_text("pre.letter")).strip() == ATTACK
    await inbox.click(".letter-head >> text=Raw")
    await inbox.wait_for_selector("pre.letter:has-text('Return-Path')")
    assert "hacked" not in (await page.title(), await inbox.title())


async def test_a_letter_runs_no_script_loads_nothing_foreign_and_its_links_work(scene):
    async with serving(scene.fake.app()) as stranger:
        await scene.shop.send(an_email(html=LETTER.replace("BASE", scene.base).replace("BEACON", stranger)))
        inbox = await scene.open(await scene.device(), "/inbox", "#messages .email")
        await inbox.click("#messages .email a")
        await try_the_letter(scene, inbox)


async def try_the_letter(scene: Scene, inbox: Page) -> None:
    letter = inbox.frame_locator("iframe")
    await letter.locator("p").click()
    async with inbox.context.expect_page() as opened:
        await letter.locator("#cart").click()
    shop = await opened.value
    await shop.wait_for_selector("#recovered h2")
    assert shop.url == f"{scene.base}/shop?recover=token"
    titles = [await frame.title() for frame in inbox.frames]
    assert len(titles) == 2
    assert "hacked" not in titles


async def test_messages_appear_by_themselves_and_can_be_read_without_a_mouse(scene):
    inbox = await scene.open(await scene.device(), "/inbox", "#nothing:not([hidden])")
    await scene.shop.send(an_email(subject="First"))
    await scene.shop.send(an_email(subject="Second", message_id="<2@shop>"), to="bob@example.com")
    await inbox.wait_for_selector("#messages li:nth-child(2)")
    await inbox.select_option("#recipient", "ana@example.com")
    assert await inbox.locator("#messages li").count() == 1
    await inbox.focus("#messages a")
    await inbox.keyboard.press("Enter")
    await inbox.wait_for_selector("h2:has-text('First')")
    assert await inbox.evaluate("document.activeElement.id") == "view"
    await scene.shop.send(an_email(subject="Third", message_id="<3@shop>"))
    await inbox.wait_for_selector("#messages li:nth-child(2)")
    assert "First" in await inbox.inner_text("#messages a[aria-current=true]")


async def test_a_customer_answers_a_text_with_stop(scene):
    await scene.shop.text()
    inbox = await scene.open(await scene.device(390), "/inbox", "#messages .sms")
    await inbox.click("#messages .sms a")
    await inbox.fill(".reply input", "STOP")
    await inbox.press(".reply input", "Enter")
    await inbox.wait_for_selector(".bubbles .mine:has-text('STOP')")
    assert (await scene.shop.text()).json()["code"] == 21610


async def test_texts_that_come_late_do_not_cover_what_was_chosen_since(scene):
    await scene.shop.text()
    await scene.shop.send(an_email(subject="Chosen since"))
    inbox = await scene.open(await scene.device(), "/inbox", "#messages li:nth-child(2)")
    asked, let = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        asked.set()
        await let.wait()
        await route.continue_()

    await inbox.route("**/api/messages?channel=sms**", late)
    text = (await inbox.get_attribute("#messages .sms a", "href") or "").removeprefix("#")
    await inbox.click("#messages .sms a")
    await asked.wait()
    await inbox.click("#messages .email a")
    await inbox.wait_for_selector("h2:has-text('Chosen since')")
    async with inbox.expect_response(f"**/api/messages/{text}") as answered:
        let.set()
    await (await answered.value).finished()
    await inbox.evaluate("fetch('/api/messages').then((answer) => answer.json())")
    assert await inbox.inner_text("#view h2") == "Chosen since"


async def test_everything_that_can_be_pressed_or_filled_in_has_a_name(scene):
    await scene.shop.text()
    nameless = """[...document.querySelectorAll("a, button, input, select, iframe")]
        .filter((one) => !(one.labels?.length || one.ariaLabel || one.title || one.textContent.trim()))
        .map((one) => one.outerHTML)"""
    shop = await scene.shopper()
    await shop.click("#mug button")
    await shop.wait_for_selector("#cart .lines")
    inbox = await scene.open(await scene.device(), "/inbox", "#messages .sms")
    await inbox.click("#messages .sms a")
    await inbox.wait_for_selector(".phone")
    for page in (shop, inbox):
        assert await page.evaluate(nameless) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
