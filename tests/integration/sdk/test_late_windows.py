"""Without Web Locks windows ask each other who shops there, and wait for 250 ms: one that is busy, or that the browser
has put to sleep, answers later.
"""

import asyncio

import pytest
from playwright.async_api import Route

from tests.integration.sdk.conftest import Site, jwt_of
from tests.integration.sdk.test_state import Late
from tests.integration.sdk.test_windows import abort
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
LATE_STORAGE = """
window.missed = [];
addEventListener("storage", (event) => {
    if (!window.asleep) return;
    event.stopImmediatePropagation();
    const { key, oldValue, newValue } = event;
    missed.push(() => dispatchEvent(new StorageEvent("storage", { key, oldValue, newValue })));
}, true);
"""
SLOW = (
    LATE_STORAGE
    + """
Object.defineProperty(Navigator.prototype, "locks", { value: undefined });
window.BroadcastChannel = class extends BroadcastChannel {
    set onmessage(hear) {
        super.onmessage = (event) => window.asleep ? missed.push(() => hear(event)) : hear(event);
    }
};
"""
)
"""Without locks, in a window that is `asleep` until `WAKE`: what comes meanwhile it hears late, in its order."""
WAKE = "window.asleep = false; for (const work of missed.splice(0)) work();"
BEHIND = (
    LATE_STORAGE
    + """
const { getItem, key } = Storage.prototype;
const there = Object.getOwnPropertyDescriptor(Storage.prototype, "length").get;
const seen = () => window.stale && Object.keys(window.stale);
Storage.prototype.getItem = function (at) { return window.stale ? window.stale[at] ?? null : getItem.call(this, at); };
Storage.prototype.key = function (place) { return seen() ? seen()[place] ?? null : key.call(this, place); };
Object.defineProperty(Storage.prototype, "length", { get() { return seen() ? seen().length : there.call(this); } });
window.heard = [];
window.BroadcastChannel = class extends BroadcastChannel {
    set onmessage(hear) { super.onmessage = (event) => { hear(event); heard.push(event.data.type); }; }
};
"""
)
"""Browsers bring what is stored and what is said in another window by roads of their own: here the first is behind."""
FALL_BEHIND = "window.asleep = true; window.stale = { ...localStorage }; 1"
CATCH_UP = f"window.stale = null; {WAKE}"


@pytest.mark.parametrize("token", [jwt_of("jonas"), None], ids=["a customer", "a guest"])
async def test_a_window_that_answers_late_keeps_what_waits_there(site: Site, token: str | None):
    """Without locks, who did not answer within 250 ms was taken for gone, and what was to be sent for it removed."""
    context = await site.device()
    await context.add_init_script(SLOW)
    ana = await site.window(context, token=jwt_of("ana"))
    late = await site.window(context, token=token)
    await late.add("mug")
    await late.settled()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def held(route: Route) -> None:
        begun.set()
        await go_on.wait()
        await route.continue_()

    await context.route("**/cart/lines", held)
    for sku in ("kettle", "lantern"):
        await late.add(sku)
    await begun.wait()  # whoever is asleep looks at nothing, and this one only waits for the service
    await late.run("window.asleep = true")
    await ana.run("cart.logout().then(() => null)")
    await late.until("!Object.keys(localStorage).some((at) => at.startsWith('evercart.demo.q.'))")
    await late.run(WAKE)
    go_on.set()
    await late.until("cart.pending === 0 && cart.cart.units === 3")  # a guest's are sent by Ana's window, too
    assert await site.holds(await late.headers()) == {"mug": 1, "kettle": 1, "lantern": 1}


async def test_what_a_log_out_removes_stays_removed_where_the_same_customer_hears_of_it_late(site: Site):
    context = await site.device()
    await context.add_init_script(SLOW)
    ana, late = [await site.window(context, token=jwt_of("ana")) for _ in range(2)]
    await context.route("**/cart/lines", abort)
    await late.add("kettle")
    await late.run("window.asleep = true")
    await ana.run("cart.logout().then(() => null)")
    await late.run(WAKE)
    await late.until("cart.customer === null")
    assert await late.run("[cart.pending, cart.cart.units]") == [0, 0]
    await late.until("localStorage.length === 0")


async def test_a_guests_window_lets_go_a_cart_that_left_before_the_storage_says_so(site: Site):
    """Story: a log-in in another window took the cart along, and the guest's window went on showing it."""
    context = await site.device()
    await context.add_init_script(BEHIND)
    guest = await site.window(context, token=None)
    await guest.add("mug")
    await guest.settled()
    await guest.until("cart.live")
    await guest.run(FALL_BEHIND)
    ana = await site.window(context, token=jwt_of("ana"))
    assert await ana.settled() == {"mug": 1}
    await guest.until("heard.includes('claimed')")
    await guest.run(CATCH_UP)
    await guest.until("cart.cart.units === 0 && !cart.live")
    await guest.add("kettle")
    assert await guest.settled() == {"kettle": 1}
    assert await site.customer_holds("ana") == {"mug": 1}


async def test_a_guests_cart_that_left_is_not_brought_back_by_what_the_stream_tells_late(site: Site):
    context = await site.device()
    await context.add_init_script(SLOW)
    first = await site.window(context, token=None)
    await first.add("mug")
    await first.settled()
    await first.page.close()
    async with Late(context, "**/cart/stream") as stream:
        guest = await site.window(context, token=None)
        await stream.asked.wait()
        await guest.run("window.asleep = true")
        ana = await site.window(context, token=jwt_of("ana"))
        assert await ana.settled() == {"mug": 1}
        await guest.until("!Object.keys(localStorage).some((at) => /[.](cart|guest)$/.test(at))")
        await guest.run("window.news = new Promise((told) => cart.on('change', told)); 1")
    await guest.run("news")
    await guest.run(WAKE)
    assert await guest.run("cart.cart.units") == 0
    assert "cart" not in await guest.stored()
    await guest.open(token=None)
    assert await guest.run("cart.cart.units") == 0
