"""A browser's storage that is full, emptied or forbidden: what a shopper puts in gets to the service nevertheless."""

from playwright.async_api import Browser

from tests.integration.playground.fake_cart import FakeCart
from tests.integration.sdk.conftest import Site, blank
from tests.support.browser import IN_A_BROWSER
from tests.support.serving import serving

pytestmark = IN_A_BROWSER
FILL = """([left]) => {
    let size = 1 << 20;
    for (let place = 0; size >= 1;) {
        try { localStorage.setItem(`junk.${place}`, "x".repeat(size)); place += 1; } catch { size >>= 1; }
    }
    localStorage.setItem("junk.0", "x".repeat((1 << 20) - left));
}"""
FREE = 'for (const at of Object.keys(localStorage)) if (at.startsWith("junk.")) localStorage.removeItem(at)'
FORBID = (
    """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError"); } })"""
)
REVOKE = """for (const name of ["getItem", "setItem", "removeItem", "key"]) {
    Storage.prototype[name] = () => { throw new DOMException("no", "SecurityError"); };
}
true"""
FRAME = """([url]) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    window.addEventListener("message", (event) => { window.heard = event.data; });
    frame.srcdoc = `<script type="module">
        import { createCart } from "${url}/sdk/evercart.js";
        const cart = createCart({ baseUrl: "${url}", store: "demo" });
        cart.on("storage", (told) => { window.told = told; });
        await cart.add({ sku: "mug", title: "Mug", price: 500, currency: "EUR" });
        parent.postMessage({ units: cart.cart.units, durable: cart.durable, told: window.told }, "*");
    </scr` + "ipt>";
    document.body.append(frame);
}"""
ROOM_FOR_A_PROBE = 40
FULL, KEPT = (
    {"type": "storage", "durable": False, "reason": "full"},
    {"type": "storage", "durable": True, "reason": None},
)


def queued(stored: dict[str, str]) -> int:
    return len([at for at in stored if at.startswith("q.")])


async def test_a_full_storage_loses_nothing_and_says_so(site: Site):
    """A probe of one byte passes where a command of 500 does not fit any more."""
    shop = await site.window()
    await shop.run(FILL, ROOM_FOR_A_PROBE)
    await shop.page.context.set_offline(True)
    await shop.add("mug")
    await shop.add("mug")
    await shop.add("lantern", 3)
    assert await shop.run("[cart.pending, cart.cart.units, cart.durable]") == [3, 5, False]
    assert await shop.told("storage") == [FULL]
    await shop.page.context.set_offline(False)
    assert await shop.settled() == {"mug": 2, "lantern": 3}
    assert await site.holds(await shop.headers()) == {"mug": 2, "lantern": 3}


async def test_what_was_held_in_memory_is_written_when_there_is_room_again(site: Site):
    shop = await site.window()
    await shop.page.context.set_offline(True)
    await shop.add("mug")
    await shop.run(FILL, ROOM_FOR_A_PROBE)
    await shop.add("lantern")
    assert (queued(await shop.stored()), await shop.told("storage")) == (1, [FULL])
    await shop.run(FREE)
    await shop.add("kettle")
    assert (queued(await shop.stored()), await shop.told("storage")) == (3, [FULL, KEPT])
    await shop.page.close()
    await shop.page.context.set_offline(False)
    again = await site.window(shop.page.context)
    assert await again.settled() == {"mug": 1, "lantern": 1, "kettle": 1}


async def test_tabs_share_what_a_full_storage_does_not_take(site: Site):
    """The first tab leads no more, or is closed: what it could not write is in the others as well."""
    first = await site.window()
    await first.run(FILL, ROOM_FOR_A_PROBE)
    second = await site.window(first.page.context)
    await first.page.context.set_offline(True)
    await first.add("mug")
    await second.until("cart.pending === 1")
    await second.add("lantern")
    await first.until("cart.pending === 2")
    await first.page.close()
    await second.page.context.set_offline(False)
    assert await second.settled() == {"mug": 1, "lantern": 1}
    late = await site.window(second.page.context)
    await late.until("cart.cart.units === 2 && cart.pending === 0")
    assert await late.headers() == await second.headers()


async def test_a_storage_that_somebody_clears_loses_nothing_of_an_open_page(site: Site):
    shop = await site.window()
    await shop.add("mug")
    await shop.settled()
    guest = await shop.headers()
    await shop.page.context.set_offline(True)
    await shop.add("lantern")
    await shop.run("localStorage.clear()")
    assert await shop.run("[cart.pending, cart.cart.units]") == [1, 2]
    await shop.add("kettle")
    assert queued(await shop.stored()) == 2
    await shop.page.context.set_offline(False)
    assert await shop.settled() == {"mug": 1, "lantern": 1, "kettle": 1}
    assert await shop.headers() == guest


async def test_a_storage_that_another_tab_clears_is_told(site: Site):
    shop = await site.window()
    other = await site.window(shop.page.context)
    await shop.page.context.set_offline(True)
    await shop.add("mug")
    await other.run("localStorage.clear()")
    await shop.until("told.some(({ type, reason }) => type === 'storage' && reason === 'cleared')")
    await shop.page.context.set_offline(False)
    await shop.add("mug")
    assert await shop.settled() == {"mug": 2}
    assert await shop.run("cart.durable")


async def test_a_storage_that_is_forbidden_from_the_start_or_later_is_told(site: Site):
    forbidden = await site.device()
    await forbidden.add_init_script(FORBID)
    blocked = {"type": "storage", "durable": False, "reason": "blocked"}
    first = await site.window(forbidden)
    await first.add("mug")
    assert await first.settled() == {"mug": 1}
    assert await first.told("storage") == [blocked]
    second = await site.window()
    await second.run(REVOKE)
    await second.add("mug")
    await second.add("lantern")
    assert await second.told("storage") == [blocked]
    assert await second.settled() == {"mug": 1, "lantern": 1}


async def test_a_frame_that_may_have_no_storage_locks_or_channel_still_shops(browser: Browser):
    """Web Locks are refused there: asking for them again and again would never end."""
    fake = FakeCart()
    async with serving(fake.app()) as cart_url, serving(blank()) as origin:
        page = await browser.new_page()
        await page.goto(origin)
        await page.evaluate(FRAME, [cart_url])
        await page.wait_for_function("window.heard")
        told = {"durable": False, "reason": "blocked"}
        assert await page.evaluate("window.heard") == {"units": 1, "durable": False, "told": told}
        await page.close()
