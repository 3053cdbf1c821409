"""A page tells what its customer looks at, and nothing of guests."""

import asyncio
import json
import socket
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from services.cart.main import MIGRATIONS
from tests.integration.playground import devices
from tests.integration.sdk.conftest import jwt_of
from tests.integration.sdk.test_draining import IN_NODE, node

LOOKS = """
const { createCart } = await import(process.argv[1] + "/evercart.js");
const [url, jwt] = process.argv[2].split(" ");
const guest = createCart({ baseUrl: url, store: "demo" });
await guest.viewed({ sku: "secret" });
guest.close();
const cart = createCart({ baseUrl: url, store: "demo", token: async () => jwt });
await cart.viewed();
await cart.viewed({ sku: "mug", title: "Stoneware mug" }, { sku: "jug" });
const refused = await cart.viewed({ sku: "" }).catch(({ slug }) => slug);
console.log(JSON.stringify([refused, cart.pending]));
cart.close();
"""


@IN_NODE
async def test_a_page_tells_of_its_customer_and_not_of_a_guest(
    make_database: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(devices.STORE, "views", "kept")
    dsn = make_database(MIGRATIONS)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with devices.replica(dsn, listener):
            told = await asyncio.to_thread(node, LOOKS, f"{url} {jwt_of('anna')}")
    connection = await asyncpg.connect(dsn)
    try:
        values = [json.loads(row["value"]) for row in await connection.fetch("SELECT value FROM outbox ORDER BY id")]
        kept = [tuple(row) for row in await connection.fetch("SELECT customer_id, sku, title FROM views ORDER BY sku")]
    finally:
        await connection.close()
    assert [(one["customer_id"], one["skus"]) for one in values] == [("anna", ["mug", "jug"])]
    assert kept == [("anna", "jug", None), ("anna", "mug", "Stoneware mug")]
    assert told == ["invalid-request", 0]
