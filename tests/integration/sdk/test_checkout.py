"""A page that tells, by the client, that its shopper begins to pay; by a real cart service."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path

import asyncpg

from services.cart.main import MIGRATIONS
from tests.integration.playground.devices import replica
from tests.integration.sdk.test_draining import IN_NODE, node

PAYS = """
const { createCart } = await import(process.argv[1] + "/evercart.js");
const cart = createCart({ baseUrl: process.argv[2], store: "demo" });
await cart.add({ sku: "mug", title: "Mug", price: 500, currency: "EUR" });
const waiting = cart.startCheckout();
const shown = cart.cart.units;
const first = await waiting, again = await cart.startCheckout();
console.log(JSON.stringify([shown, first.version, again.version, cart.pending]));
cart.close();
"""


@IN_NODE
async def test_a_page_tells_of_the_checkout_once_for_the_same_goods(make_database: Callable[[Path], str]):
    dsn = make_database(MIGRATIONS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with replica(dsn, listener):
            told = await asyncio.to_thread(node, PAYS, url)
    connection = await asyncpg.connect(dsn)
    try:
        headers = [
            json.loads(row["headers"]) for row in await connection.fetch("SELECT headers FROM outbox ORDER BY id")
        ]
    finally:
        await connection.close()
    assert [one["ce_type"] for one in headers] == ["cart.line_added", "checkout.started"]
    assert told == [1, 2, 2, 0]
