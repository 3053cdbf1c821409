"""Two browsers at once on the real cart service: live, offline, refused, logged out."""

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest_asyncio

from services.cart.api.routes.sdk import FOLDER
from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import LIVE, SECRET_KEY, World, a_world, holds, put_in, stored
from tests.integration.playground.scenes import log_in, sent
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
MEMBERS = """async (url) => {
    const { createCart } = await import(`${url}/sdk/evercart.js`);
    const cart = createCart({ baseUrl: url, store: "other" });
    const names = new Set();
    for (let one = Object.getPrototypeOf(cart); one !== EventTarget.prototype; one = Object.getPrototypeOf(one)) {
        for (const name of Object.getOwnPropertyNames(one)) names.add(name);
    }
    cart.close();
    names.delete("constructor");
    return [...names];
}"""
MOVED = "#cart .notice:has-text('costs €15.00 now, not €14.00')"
PRICE = """([url, key]) => fetch(`${url}/v1/stores/demo/prices/mug`, {
    method: "PUT", body: JSON.stringify({ price: 1500, currency: "EUR" }), headers: { Authorization: `Bearer ${key}` },
})"""

ORDER = """([url, key, customer]) => fetch(`${url}/v1/stores/demo/orders`, {
    method: "POST", headers: { Authorization: `Bearer ${key}` },
    body: JSON.stringify({ order_id: "1", customer_id: customer,
        lines: [{ sku: "mug", quantity: 1 }, { sku: "lantern", quantity: 1 }] }),
})"""


@pytest_asyncio.fixture(loop_scope="module")
async def world(make_database, tmp_path, browser) -> AsyncIterator[World]:
    async with a_world(make_database(MIGRATIONS), tmp_path, browser) as found:
        yield found


async def test_a_change_on_one_device_is_on_the_other_by_itself(world: World):
    phone, laptop = await world.anna(390), await world.anna()
    await put_in(phone, "lantern")
    await holds(laptop, 1)
    await laptop.click("#cart [aria-label='One more: Storm lantern']")
    await holds(phone, 2)
    await phone.click("#cart [aria-label='Remove Storm lantern']")
    await holds(laptop, 0)


async def test_a_device_that_was_offline_ends_in_the_same_cart(world: World):
    phone, laptop = await world.anna(390), await world.anna()
    await put_in(phone, "mug")
    await holds(laptop, 1)
    await phone.context.set_offline(True)
    await put_in(phone, "lantern")
    await put_in(phone, "lantern")
    await holds(phone, 3)
    await phone.click("#cart [aria-label='One more: Enamel mug']")
    await holds(phone, 4)
    await phone.wait_for_selector("#cart-status:has-text('3 changes wait')")
    await put_in(laptop, "lantern")
    await put_in(laptop, "kettle")
    await holds(laptop, 3)
    await phone.context.set_offline(False)
    for page in (phone, laptop):
        await holds(page, 6)
        await sent(page)
    shown = [await page.inner_text("#total") for page in (phone, laptop)]
    assert shown[0] == shown[1]


async def test_what_a_device_had_queued_and_was_bought_meanwhile_does_not_come_back(world: World):
    phone, laptop = await world.anna(390), await world.anna()
    await put_in(phone, "mug")
    await holds(laptop, 1)
    await phone.context.set_offline(True)
    await put_in(phone, "lantern")
    await put_in(phone, "kettle")
    await holds(phone, 3)
    customer = (await stored(laptop))["evercart.demo.owner"]
    await laptop.evaluate(ORDER, [world.shop.settings.cart_url, SECRET_KEY, customer])
    await holds(laptop, 0)
    await phone.context.set_offline(False)
    for page in (phone, laptop):
        await page.wait_for_selector("#cart:has-text('Kettle')")
        await sent(page)
        await holds(page, 1)


async def test_what_was_put_in_offline_survives_a_closed_tab(world: World):
    phone = await world.anna(390)
    await phone.context.set_offline(True)
    await put_in(phone, "mug")
    await holds(phone, 1)
    context = phone.context
    await phone.close()
    await context.set_offline(False)
    again = await world.open(await context.new_page())
    await holds(again, 1)
    await sent(again)
    laptop = await world.anna()
    await holds(laptop, 1)


async def test_a_refused_change_is_rolled_back_and_told(world: World):
    page = await world.anna()
    await put_in(page, "mug")
    await sent(page)
    await page.route("**/cart/lines", refuse)
    await put_in(page, "lantern")
    await page.wait_for_selector("#toast:has-text('A cart holds 500 lines')")
    await holds(page, 1)
    assert await page.locator("#cart .lines li").count() == 1
    await page.unroute("**/cart/lines")
    await put_in(page, "lantern")
    await holds(page, 2)


async def refuse(route) -> None:
    problem = {"type": "urn:evercart:problem:limit-reached", "title": "Limit", "detail": "A cart holds 500 lines."}
    if route.request.method != "POST":
        await route.fallback()
        return
    headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "application/problem+json"}
    await route.fulfill(status=409, headers=headers, body=json.dumps(problem))


async def test_an_answer_lost_on_the_way_does_not_count_twice(world: World):
    page = await world.anna()
    lost = asyncio.Event()

    async def lose(route) -> None:
        if lost.is_set():
            await route.fallback()
            return
        await route.fetch()  # it arrives, and its answer does not
        lost.set()
        await route.abort()

    await page.route("**/cart/lines", lose)
    await put_in(page, "mug")
    await lost.wait()
    await sent(page)
    await holds(page, 1)


async def test_after_log_out_nothing_of_the_customer_is_on_the_device(world: World):
    page, other = await world.anna(), await world.anna()
    await put_in(page, "mug")
    await holds(other, 1)
    await page.click("text=Log out")
    await holds(page, 0)
    assert await stored(page) == {}
    await put_in(page, "lantern")
    await sent(page)
    await log_in(page, "Jonas")
    await page.wait_for_selector("#cart [aria-label='Remove Storm lantern']")
    await holds(page, 1)
    await holds(other, 1)


async def test_tabs_share_one_stream_and_the_queue(world: World):
    first = await world.anna()
    second = await world.open(await first.context.new_page())
    await second.wait_for_selector(LIVE)
    await put_in(first, "mug")
    await holds(second, 1)
    await put_in(second, "mug")
    await holds(first, 2)
    await first.close()
    await put_in(second, "mug")
    await holds(second, 3)
    await second.wait_for_selector(LIVE)


async def test_a_guests_cart_goes_along_with_the_log_in_and_is_live_elsewhere(world: World):
    laptop = await world.anna()
    phone = await world.device(390)
    await put_in(phone, "lantern")
    await sent(phone)
    await log_in(phone, "Ana")
    await phone.wait_for_selector(".notice:has-text('is in yours now')")
    await holds(laptop, 1)
    assert "added on the phone" in await laptop.inner_text("#cart .lines")


async def test_a_line_saved_for_later_is_aside_on_every_device_and_comes_back(world: World):
    phone, laptop = await world.anna(390), await world.anna()
    await put_in(phone, "mug")
    await put_in(phone, "lantern")
    await holds(laptop, 2)
    await phone.click("#cart [aria-label='Save for later: Storm lantern']")
    await laptop.wait_for_selector(".saved:has-text('Storm lantern')")
    await holds(laptop, 1)
    await laptop.focus("#cart [aria-label='Back into the cart: Storm lantern']")
    await laptop.keyboard.press("Enter")
    await holds(phone, 2)
    await phone.wait_for_selector(".saved", state="detached")


async def test_a_price_that_moved_is_told_until_it_was_seen_on_this_device(world: World):
    phone, laptop = await world.anna(390), await world.anna()
    await put_in(phone, "mug")
    await holds(laptop, 1)
    await phone.evaluate(PRICE, [world.shop.settings.cart_url, SECRET_KEY])
    for page in (phone, laptop):
        await page.wait_for_selector(MOVED)
    await phone.click("text=I have seen it")
    await phone.wait_for_selector("#cart .notice", state="detached")
    await sent(phone)
    await phone.reload()
    await phone.wait_for_selector(LIVE)
    assert await phone.locator("#cart .notice").count() == 0
    assert await laptop.locator("#cart .notice").count() == 1


async def test_what_was_told_stays_over_a_change_and_goes_with_its_line(world: World):
    page = await world.anna()
    await put_in(page, "mug")
    await sent(page)
    await page.evaluate(PRICE, [world.shop.settings.cart_url, SECRET_KEY])
    await page.wait_for_selector(MOVED)
    await page.route("**/cart/stream", lambda route: route.abort())
    await page.reload()  # nothing is told on this page any more, but in answers
    await page.wait_for_selector("#cart[data-live=false]")
    await put_in(page, "lantern")
    await sent(page)
    assert await page.locator(MOVED).count() == 1
    await page.click("#cart [aria-label='Remove Enamel mug']")
    await sent(page)
    assert await page.locator("#cart-body .notice").count() == 0
    await put_in(page, "mug")
    await sent(page)
    await page.unroute("**/cart/stream")
    await page.wait_for_selector(LIVE, timeout=60_000)  # after many tries in vain it rests for half a minute
    await holds(page, 2)


async def test_a_merge_can_be_undone_where_it_is_told(world: World):
    laptop = await world.anna()
    await put_in(laptop, "mug")
    await sent(laptop)
    phone = await world.device(390)
    await put_in(phone, "lantern")
    await sent(phone)
    await log_in(phone, "Ana")
    await holds(laptop, 2)
    await phone.click(".notice >> text=Undo")
    await holds(laptop, 1)
    await holds(phone, 1)


async def test_the_example_of_the_readme_is_a_page_that_works(world: World):
    page = await world.device()
    await page.goto(world.example)
    await page.click("#add")
    await page.click("#add")
    await page.wait_for_selector("li:text-is('2 \u00d7 Tea')")
    await page.wait_for_selector("#status:text-is('live')")


async def test_the_types_name_everything_that_the_client_can_do(world: World):
    types = (FOLDER / "evercart.d.ts").read_text("utf-8")
    page = await world.device()
    members = await page.evaluate(MEMBERS, world.shop.settings.cart_url)
    missing = [name for name in members if not re.search(rf"^  (readonly )?{name}\b", types, re.MULTILINE)]
    assert sorted(missing) == ["ask", "open", "perform"]  # for the client's own parts
