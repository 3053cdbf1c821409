"""Several windows of one browser, in which not everybody is the same shopper."""

import uuid

import pytest
import pytest_asyncio
from playwright.async_api import Route

from tests.integration.playground import devices
from tests.integration.sdk.conftest import Site, Window, jwt_of
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
NO_LOCKS = """
Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
const plain = setTimeout;
window.setTimeout = (work, ms, ...more) => plain(work, ms === 250 ? 3000 : ms, ...more);
"""
"""Without locks windows are given 250 ms to answer, which one on a machine that is busy may not be able to keep."""
NO_LOCK = "navigator.locks.query().then(({ held, pending }) => held.length + pending.length === 0)"
REFUSED = "window.added.then(() => null, ({ status, slug, message }) => ({ status, slug, message }))"
ASKED = "([call, line, value]) => cart[call](line, value).then(() => null, ({ status, slug }) => [status, slug])"
ELSEWHERE = """([kind]) => new Promise((heard) => {
    if (told.some(({ type }) => type === kind)) heard();
    cart.on(kind, heard);
})"""


async def abort(route: Route) -> None:
    await route.abort()


@pytest_asyncio.fixture(loop_scope="module", params=["locks", "no locks"])
async def ana(request, site: Site) -> Window:
    """A window in which Ana has logged in, with something in her cart; also in a browser that has no Web Locks."""
    context = await site.device()
    if request.param == "no locks":
        await context.add_init_script(NO_LOCKS)
    window = await site.window(context, token=jwt_of("ana"))
    await window.add("mug")
    await window.settled()
    await window.until("cart.live")
    return window


async def test_a_guests_window_takes_neither_stream_nor_adds_from_the_one_that_is_logged_in(site: Site, ana: Window):
    """Two windows, one logged in: the other used to drop what waited, and the stream with it."""
    context = ana.page.context
    await context.route("**/cart/lines", abort)
    await ana.add("lantern")
    guest = await site.window(context, token=None)
    assert await guest.run("[cart.customer, cart.pending, cart.cart.units]") == [None, 0, 0]
    assert await ana.run("[cart.customer, cart.pending, cart.live]") == ["ana", 1, True]
    await context.unroute("**/cart/lines")
    await guest.add("kettle")
    assert await guest.settled() == {"kettle": 1}
    await ana.add("kettle", 2)
    assert await ana.settled() == {"mug": 1, "lantern": 1, "kettle": 2}
    assert await site.customer_holds("ana") == {"mug": 1, "lantern": 1, "kettle": 2}
    assert await site.holds(await guest.headers()) == {"kettle": 1}
    assert (await ana.told("dropped"), await guest.told("dropped")) == ([], [])
    laptop = await site.window(token=jwt_of("ana"))
    await laptop.add("mug")
    await ana.until("cart.live && cart.cart.units === 5")
    assert await guest.run("cart.cart.units") == 1


async def test_what_a_guest_does_not_know_stays_after_the_window_is_loaded_anew(site: Site, ana: Window):
    context = ana.page.context
    guest = await site.window(context, token=None)
    await guest.run("cart.logout()")
    await ana.open(token=jwt_of("ana"))
    await ana.until("cart.live && cart.cart.units === 1")
    assert (await ana.stored())["owner"] == "ana"


async def test_a_customer_who_is_in_no_window_any_more_leaves_nothing_to_a_guest(site: Site):
    context = await site.device()
    ana = await site.window(context, token=jwt_of("ana"))
    await context.route("**/cart/lines", abort)
    await ana.add("mug")
    bystander = await context.new_page()
    await bystander.goto(site.origin)
    await ana.page.close()
    await bystander.wait_for_function(NO_LOCK)  # the browser lets go of what a page held after the page is closed
    guest = await site.window(context, token=None)
    assert await guest.run("[cart.customer, cart.pending, cart.cart.units]") == [None, 0, 0]
    assert await guest.stored() == {}
    assert [command["item"]["sku"] for told in await guest.told("dropped") for command in told["commands"]] == ["mug"]


async def test_a_log_in_that_ended_in_another_window_is_told_at_once(site: Site, ana: Window):
    """Also to whoever waits for a command there."""
    context = ana.page.context
    other = await site.window(context, token=jwt_of("ana"))
    await context.route("**/cart/lines", abort)
    await other.add("lantern")
    await ana.run("cart.logout(0).then(() => null)")
    await other.run(ELSEWHERE, "customer")
    assert await other.told("customer") == [{"type": "customer", "customer": None, "before": "ana", "elsewhere": True}]
    assert await other.run(REFUSED) == {"status": 0, "slug": "logged-out", "message": "Logged out."}
    assert await other.run("[cart.customer, cart.pending, cart.cart.units, cart.live]") == [None, 0, 0, False]
    await other.until("localStorage.length === 0")


async def test_a_log_in_in_another_window_is_told_and_shared(site: Site):
    """By a page that leaves it to the device who shops, and by one whose session knows of it; not by others."""
    context = await site.device()
    device, session, apart = [await site.window(context, **given) for given in ({}, {"token": None}, {"token": None})]
    await device.add("mug")
    await device.settled()
    await session.run("([jwt]) => { window.jwt = jwt; }", jwt_of("ana"))
    window = await site.window(context, token=jwt_of("ana"))
    for one in (device, session):
        await one.run(ELSEWHERE, "customer")
        await one.until("cart.customer === 'ana' && cart.cart.units === 1")
        assert await one.told("customer") == [
            {"type": "customer", "customer": "ana", "before": None, "elsewhere": True}
        ]
    await device.add("lantern")
    assert await device.settled() == {"mug": 1, "lantern": 1}
    assert await window.settled() == {"mug": 1, "lantern": 1}
    await apart.until("cart.cart.units === 0")
    assert await apart.run("cart.customer") is None
    await apart.add("kettle")
    assert await apart.settled() == {"kettle": 1}
    assert await site.customer_holds("ana") == {"mug": 1, "lantern": 1}


async def test_two_customers_in_two_windows_are_two_carts(site: Site, ana: Window):
    jonas = await site.window(ana.page.context, token=jwt_of("jonas"))
    await jonas.add("kettle")
    await ana.add("lantern")
    assert (await jonas.settled(), await ana.settled()) == ({"kettle": 1}, {"mug": 1, "lantern": 1})
    await jonas.run("cart.logout().then(() => null)")
    await ana.add("lantern")
    assert await ana.settled() == {"mug": 1, "lantern": 2}
    await ana.until("localStorage.getItem('evercart.demo.owner') === 'ana'")
    await ana.until("!JSON.stringify(localStorage).includes('jonas')")


async def test_a_token_that_the_page_cannot_give_just_now_drops_nothing(site: Site, ana: Window):
    """The store's own server answers 500 for a moment: the command waits instead of being refused."""
    await ana.run("cart.login(() => (window.jwt ? window.jwt : Promise.reject(new Error('500')))).then(() => null)")
    token = await ana.run("() => { const { jwt } = window; window.jwt = null; return jwt; }")
    await ana.add("lantern")
    await ana.run(ELSEWHERE, "waiting")
    assert {told["problem"] is not None for told in await ana.told("waiting")} == {True}  # at each attempt
    assert (await ana.told("refused"), await ana.run("cart.pending")) == ([], 1)
    await ana.run("([jwt]) => { window.jwt = jwt; }", token)
    assert await ana.settled() == {"mug": 1, "lantern": 1}


async def test_a_line_that_is_not_there_is_told_and_not_passed_over(site: Site):
    shop = await site.window()
    await shop.add("mug")
    await shop.settled()
    for line in ("no such line", str(uuid.uuid4()), {"line_id": "pending-1", "sku": "tea", "options": {}}):
        for call, value in (("set", 2), ("note", "as a gift"), ("save", None), ("restore", None)):
            assert await shop.run(ASKED, call, line, value) == [404, "unknown-line"], (line, call)
        for call, value in (("set", 0), ("remove", None), ("discard", None)):
            assert await shop.run(ASKED, call, line, value) is None, (line, call)
    assert len(await shop.told("refused")) == 12
    assert await shop.settled() == {"mug": 1}


async def test_a_line_that_only_the_service_knows_is_changed(site: Site):
    """A page may know a line from its own server before the client has read the cart."""
    shop = await site.window()
    await shop.add("mug")
    await shop.settled()
    line = await shop.run("cart.cart.lines[0].line_id")
    await shop.page.route("**/cart/stream", abort)
    await shop.run("localStorage.removeItem('evercart.demo.cart')")
    await shop.open()
    assert await shop.run("cart.cart.lines.length") == 0
    assert await shop.run(ASKED, "set", line, 3) is None
    assert await shop.settled() == {"mug": 3}


async def test_what_the_service_made_of_a_price_is_told_once(site: Site):
    """An answer to a command may tell what it did to it; the next look at the cart does not."""
    shop = await site.window()
    notice = {"notice_id": "n1", "kind": "price_taken", "line_id": "l1", "sku": "mug", "title": "mug", "before": 500}

    async def priced(route: Route) -> None:
        answer = await route.fetch()
        told = {"notices": [notice]} if route.request.method == "POST" else {}
        await route.fulfill(response=answer, json=await answer.json() | told)

    await shop.page.route("**/cart/lines", priced)
    await shop.add("mug")
    assert await shop.settled() == {"mug": 1}
    assert await shop.told("noticed") == [{"type": "noticed", "notices": [notice]}]


async def test_a_line_that_is_being_saved_says_in_which_currency_it_is(site: Site):
    shop = await site.window()
    await shop.add("mug")
    await shop.settled()
    await shop.page.context.set_offline(True)
    await shop.run("cart.save(cart.cart.lines[0]), true")
    assert await shop.run("cart.cart.saved.map(({ sku, currency }) => [sku, currency])") == [["mug", "EUR"]]
    await shop.run('cart.add({ sku: "tee", title: "Tee", price: 100, currency: "RSD" }), true')
    await shop.run("cart.restore(cart.cart.saved[0]), true")
    seen = "[cart.cart.currency, cart.cart.exponent, cart.cart.total, cart.cart.saved.length]"
    assert await shop.run(seen) == ["RSD", None, 100, 1]


async def test_what_is_in_the_cart_is_held_back_and_let_go(site: Site):
    shop = await site.window()
    await shop.add("mug", 3)
    await shop.settled()
    await site.tell("PUT", "/inventory/mug", {"available": 2})
    held = await shop.run("cart.reserve()")
    assert [(line["sku"], line["reserved"], line["short"]) for line in held["lines"]] == [("mug", 2, 1)]
    assert held["expires_at"] is not None
    assert await shop.run("cart.release()") is None


@pytest.fixture(autouse=True)
def reserving(monkeypatch) -> None:
    monkeypatch.setitem(devices.STORE, "reservation_minutes", 10)
