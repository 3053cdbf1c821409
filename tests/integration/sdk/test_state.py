"""What the client shows when states of a cart reach it in another order than that in which they came about."""

import asyncio

import pytest
from playwright.async_api import APIResponse, BrowserContext, Route

from tests.integration.sdk.conftest import Site, Window, jwt_of
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
HEARD = """async ([url, during]) => {
    const { CartState } = await import(`${url}/sdk/state.js`);
    const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    const state = new CartState(storage, "told.", "demo", { all: () => [] }, { owner: null, known: true });
    const cart = (version, ...lines) => ({ id: "one", version, lines, customer_id: null });
    const mug = { line_id: "1", sku: "mug" };
    state.streamed(cart(1, mug), "e1");
    state.begin();
    if (during) state.streamed(cart(1, mug), "late");
    state.answered(cart(2), "e2");
    state.end();
    if (!during) state.streamed(cart(1, mug), "late");
    const overtaken = [state.shown.lines.length, state.etag];
    state.streamed(cart(3, mug), "e3");
    return [overtaken, [state.shown.lines.length, state.etag]];
}"""
LEFT = """async ([url, told]) => {
    const { CartState } = await import(`${url}/sdk/state.js`);
    const kept = {};
    const storage = { getItem: (at) => kept[at] ?? null, setItem: (at, value) => { kept[at] = value; } };
    const shopper = { owner: null, known: true };
    const state = new CartState(storage, "told.", "demo", { all: () => [] }, shopper);
    const cart = (version) => ({ id: "one", version, lines: [{ line_id: "1", sku: "mug" }], customer_id: null });
    state.answered(cart(1), "e1");
    const seen = [state.shown.lines.length];
    const { known } = state;
    for (const at of Object.keys(kept)) delete kept[at];
    shopper.known = false;
    ({
        stream: () => state.streamed(cart(2), "e2"),
        look: () => state.looked(cart(2), "e2", known),
        answer: () => state.answered(cart(2), "e2"),
        failure: () => { state.begin(); state.streamed(cart(2), "e2"); state.end(); },
        storage: () => { kept["told.cart"] = JSON.stringify({ cart: cart(2), etag: "e2" }); state.load(); },
    })[told]();
    return [...seen, state.shown.lines.length, Object.keys(kept).length];
}"""
WATCH = (
    "() => { window.seen = []; cart.subscribe(({ cart: { units } }) => units !== seen.at(-1) && seen.push(units)); }"
)
"""How many units the page showed, one after the other."""


class Late:
    """The first answer on a path: it tells what was true when it was asked for, and comes when it is let go."""

    def __init__(self, context: BrowserContext, path: str):
        self.context, self.path = context, path
        self.asked, self.let_go = asyncio.Event(), asyncio.Event()

    async def __aenter__(self) -> "Late":
        await self.context.route(self.path, self._hold)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.let_go.set()

    async def _hold(self, route: Route) -> None:
        if self.asked.is_set():
            await route.continue_()
            return
        told = await route.fetch(url=route.request.url.removesuffix("/stream"))
        self.asked.set()
        await self.let_go.wait()
        if route.request.url.endswith("/stream"):
            await route.fulfill(
                status=200, headers=told.headers | {"content-type": "text/event-stream"}, body=await event_of(told)
            )
        else:
            await route.fulfill(response=told)


async def event_of(told: APIResponse) -> str:
    return f"event: cart\nid: {told.headers['etag']}\ndata: {await told.text()}\n\n"


async def watched(site: Site, context: BrowserContext) -> Window:
    window = await site.window(context, token=jwt_of("ana"))
    await window.run(WATCH)
    return window


@pytest.mark.parametrize("during", [True, False], ids=["while the command is under way", "after its answer"])
async def test_a_state_of_the_stream_that_an_answer_overtook_brings_nothing_back(site: Site, during: bool):
    """Story: a line that was taken out stood in the cart again for a moment, and the offer to undo it was gone."""
    window = await site.window(token=None)
    overtaken, newest = await window.run(HEARD, site.cart_url, during)
    assert overtaken == [0, "e2"]
    assert newest == [1, "e3"]


@pytest.mark.parametrize("told", ["stream", "look", "answer", "failure", "storage"])
async def test_a_guests_cart_that_left_with_a_log_in_is_not_brought_back_by_what_comes_late(site: Site, told: str):
    window = await site.window(token=None)
    before, after, kept = await window.run(LEFT, site.cart_url, told)
    assert (before, after) == (1, 0)
    assert kept == (told == "storage")


async def test_what_is_put_in_stays_while_the_stream_tells_that_there_was_no_cart(site: Site):
    """Story: what was half typed in a shop was lost, for its line was gone for the moment in which the stream began."""
    context = await site.device()
    async with Late(context, "**/cart/stream") as stream:
        window = await watched(site, context)
        await stream.asked.wait()
        await window.add("mug")
        await window.settled()
    await window.until("cart.live")
    assert await window.run("cart.refresh().then(() => seen)") == [0, 1]


async def test_what_is_put_in_stays_while_a_look_from_before_comes_in(site: Site):
    context = await site.device()
    window = await watched(site, context)
    async with Late(context, "**/cart") as look:
        await window.run("window.read = cart.refresh(); 1")
        await look.asked.wait()
        await window.add("mug")
        await window.settled()
    assert await window.run("read.then(() => seen)") == [0, 1]


async def test_what_is_under_way_does_not_count_twice_in_a_look(site: Site):
    context = await site.device()
    window = await watched(site, context)
    async with Late(context, "**/cart/lines") as answer:
        await window.add("mug")
        await answer.asked.wait()
        await window.run("cart.refresh()")
    await window.settled()
    assert await window.run("seen") == [0, 1]


async def test_a_cart_from_elsewhere_is_shown_also_where_it_cannot_be_asked_for(site: Site):
    """The stream tells of another cart than the one that is known: which is the newer one only the service can say."""
    context = await site.device()
    window = await watched(site, context)
    await window.add("mug")
    await window.settled()
    await window.until("cart.live")
    cart = await window.run("cart.cart.id")
    await context.route("**/cart", lambda route: route.abort())
    await site.tell("POST", "/orders", {"order_id": "o1", "cart_id": cart})
    await window.until("cart.cart.units === 0")
    assert await window.run("seen") == [0, 1, 0]


async def test_a_look_of_whoever_has_left_shows_nobody_the_cart(site: Site):
    context = await site.device()
    window = await watched(site, context)
    await window.add("mug")
    await window.settled()
    async with Late(context, "**/cart") as look:
        await window.run("window.read = cart.refresh(); 1")
        await look.asked.wait()
        await window.run("window.jwt = null; cart.logout().then(() => null)")
        await window.run("cart.login(null)")
    assert await window.run("read.then(() => [seen, cart.cart.customer_id])") == [[0, 1, 0], None]
    assert await window.stored() == {}
