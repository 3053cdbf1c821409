"""A cart service that stops, or is exchanged, while people shop: nothing is lost, and they come back one by one."""

import json
import socket
import subprocess
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.cart.api.routes.sdk import FOLDER
from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import replica
from tests.integration.playground.fake_cart import FakeCart
from tests.integration.sdk.conftest import Window, a_site, jwt_of
from tests.integration.sdk.test_package import NODE
from tests.support.browser import in_chromium
from tests.support.serving import serving

IN_NODE = pytest.mark.skipif(not NODE, reason="no node on the PATH")
ADDS = 60
SHOP_ON = """([adds]) => new Promise((done) => {
    let left = adds;
    const timer = setInterval(() => {
        cart.add({ sku: "mug", title: "Mug", price: 500, currency: "EUR" });
        if (--left === 0) { clearInterval(timer); done(); }
    }, 20);
    window.halfway = () => left < adds / 2;
})"""
BACK_OFF = """
const { backOff } = await import(process.argv[1] + "/http.js");
const spread = ([attempt, atLeastMs]) => [0, 0.999999].map((random) => {
    Math.random = () => random;
    return Math.round(backOff(attempt, atLeastMs));
});
console.log(JSON.stringify([[0, 0], [2, 0], [99, 0], [0, 1000], [9, 1000], [0, 60_000]].map(spread)));
"""
STREAM = """
const { Live } = await import(process.argv[1] + "/live.js");
const [lasts, random] = [Number(process.argv[2]), Number(process.argv[3])];
const pauses = [], told = [], soon = setTimeout;
let now = 0;
Date.now = () => now;
Math.random = () => random;
globalThis.setTimeout = (work, ms) => { pauses.push(ms); return 0; };
globalThis.clearTimeout = () => {};
const parts = ["retry: 3000\\n: hello\\n\\n", "id: 1\\nevent: cart\\ndata: {}\\n\\n"];
globalThis.fetch = async () => new Response(new ReadableStream({
    pull(stream) {
        const part = parts.shift();
        if (part) return stream.enqueue(new TextEncoder().encode(part));
        now += lasts;
        stream.close();
    },
}, { highWaterMark: 0 }));
const live = new Live(async () => ({ url: "http://cart", headers: {} }), {
    state: (cart, etag) => told.push(etag),
    open: (open) => told.push(open),
    problem: (problem) => told.push(problem.slug),
});
live.start();
soon(() => console.log(JSON.stringify([told, pauses.filter((ms) => ms !== 40_000)])), 100);
"""


class Draining:
    """In front of an application: while it drains every call is answered 503, and the connection closed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.drains, self.turned_away = app, False, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.drains or scope["method"] == "OPTIONS" or scope["path"].startswith("/sdk/"):
            await self.app(scope, receive, send)
            return
        self.turned_away += 1
        headers = {"Connection": "close", "Retry-After": "1", "Access-Control-Allow-Origin": "*"}
        await JSONResponse({"type": "urn:evercart:problem:unavailable"}, 503, headers)(scope, receive, send)


def node(script: str, *arguments: object) -> Any:
    command = [NODE, "--input-type=module", "-e", script, FOLDER.as_uri(), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@in_chromium
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_put_in_while_the_service_is_exchanged_arrives_once(make_database, browser):
    """A rolling release: calls in flight are answered, cut off or refused, and streams end."""
    dsn = make_database(MIGRATIONS)
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    async with a_site(listener, browser) as site:
        async with replica(dsn, listener, site.origin):
            ana, laptop = [await site.window(token=jwt_of("ana")) for _ in range(2)]
            await ana.until("cart.live")
            await ana.run(f"window.shopping = ({SHOP_ON})([{ADDS}]), true")
            await ana.until("halfway()")
        await ana.until("!cart.live")
        with socket.create_server(address) as again:
            async with replica(dsn, again, site.origin):
                await ana.run("window.shopping")
                assert await ana.settled() == {"mug": ADDS}
                assert await site.customer_holds("ana") == {"mug": ADDS}
                await laptop.until(f"cart.live && cart.cart.units === {ADDS}")
                assert await ana.told("refused") == []


@in_chromium
@pytest.mark.asyncio(loop_scope="module")
async def test_a_service_that_says_it_is_draining_is_asked_again(browser):
    service = Draining(FakeCart().app())
    with socket.create_server(("127.0.0.1", 0)) as unused:
        async with a_site(unused, browser) as site, serving(service) as cart_url:
            site.cart_url = cart_url
            shop: Window = await site.window()
            await shop.add("mug")
            assert await shop.settled() == {"mug": 1}
            service.drains = True
            await shop.add("mug")
            await shop.add("mug")
            await shop.until("told.some(({ type }) => type === 'waiting')")
            assert await shop.run("[cart.pending, cart.cart.units]") == [2, 3]
            service.drains = False
            assert await shop.settled() == {"mug": 3}
            assert (service.turned_away > 0, await shop.told("refused")) == (True, [])


@IN_NODE
def test_pauses_are_spread_also_where_the_service_says_how_long_to_wait():
    """`Retry-After` is the same for everybody: who goes by it alone comes back in one wave."""
    assert node(BACK_OFF) == [
        [200, 400],
        [800, 1600],
        [15_000, 30_000],
        [1000, 1500],
        [1000, 31_000],
        [60_000, 90_000],
    ]


@IN_NODE
@pytest.mark.parametrize(("lasts", "random", "pause"), [(6000, 0.25, 750), (6000, 0.75, 2250), (100, 0.5, 600)])
def test_streams_that_end_together_come_back_one_by_one(lasts: int, random: float, pause: int):
    """One that lasted is opened again within the `retry` that the service tells; one that did not, later and later."""
    assert node(STREAM, lasts, random) == [[True, "1", False], [pause]]
