"""Two spellings of one name are one line, one level, one price, one order, by whichever door they come; blank is none.

Story: the warehouse's system ran on a Mac and told the stock of `thé` in two characters more than the shop sold; a file
from a spreadsheet ended its skus in a blank. The shop never learned that either was sold out.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from libs.contracts.codec import UnreadableError
from libs.inbox.consumer import Received
from libs.postgres.pool import Pool
from services.cart.domain.stock.thresholds import Thresholds
from services.cart.feeds.inventory import InventoryFeed, read_inventory_record
from services.cart.feeds.records import read_order_record
from tests.integration.cart.shop import Shop, done, held
from tests.integration.cart.stores.test_stores_apart import CASES, ids_of
from tests.integration.cart.two_stores import World
from tests.integration.doors.attacks import _resolved
from tests.integration.doors.test_every_door import document

SPELLINGS = ("thé", "the\u0301", " thé\u00a0", "the\u0301\t")
A, B, C, D = SPELLINGS
NAMES = ("sku", "location", "category")
AT = datetime(2026, 3, 14, tzinfo=UTC)


async def test_two_spellings_are_one_line(shop: Shop):
    guest, anna = await shop.guest(), shop.customer()
    for sku in SPELLINGS:
        await guest.add(sku, more={"options": {"se\u0301rie ": " e\u0301", "size": "M"}})
    await anna.add(B, more={"options": {"série": "é", "size": "M"}})
    await anna.claim(guest, "sum")
    cart = await anna.cart()
    assert held(cart) == {A: 5}
    assert [line["options"] for line in cart["lines"]] == [{"série": "é", "size": "M"}]


async def test_two_spellings_are_one_level_and_one_price(shop: Shop):
    server = shop.server()
    for number, sku in enumerate(SPELLINGS):
        at = quote(sku, safe="")
        done(await server.ask("PUT", f"/inventory/{at}", {"available": 40 + number, "location": "Gdan\u0301sk"}))
        done(await server.ask("PUT", f"/prices/{at}", {"price": 500 + number, "currency": "EUR"}))
    levels = [{"sku": sku, "available": 7, "location": "Gdańsk ", "category": "e\u0301"} for sku in SPELLINGS]
    assert done(await server.ask("POST", "/inventory", {"levels": levels}))["changed"] == 1
    prices = [{"sku": sku, "price": 700, "currency": "EUR"} for sku in SPELLINGS]
    assert done(await server.ask("POST", "/prices", {"prices": prices}))["changed"] == 1
    rows = await shop.pool.fetch("SELECT sku, available, category FROM inventory")
    assert [tuple(row) for row in rows] == [(A, 7, "é")]
    places = await shop.pool.fetch("SELECT sku, location, available FROM inventory_locations")
    assert [tuple(row) for row in places] == [(A, "Gdańsk", 7)]
    assert [tuple(row) for row in await shop.pool.fetch("SELECT sku, price FROM prices")] == [(A, 700)]


async def test_two_spellings_are_one_order(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await anna.add(A, 3)
    answer = await server.order("1", customer_id="anna", lines=[{"sku": B, "quantity": 1}, {"sku": C, "quantity": 1}])
    assert answer["mismatches"] == []
    assert held(await anna.cart()) == {A: 1}
    shipped = {"type": "shipped", "lines": [{"sku": D, "quantity": 2}]}
    assert done(await server.ask("POST", "/orders/1/events", shipped), 201)
    history = done(await server.ask("GET", "/orders/1"))
    assert (history["status"], history["lines"]) == ("shipped", [{"sku": A, "quantity": 2}])
    assert history["events"][0]["mismatch"] is None


async def test_the_feeds_spell_as_the_api_does(shop: Shop):
    feed = InventoryFeed(shop.pool, shop.books[0], shop.clock, lambda *_: None)
    told = [{"store_id": "shop", "sku": sku, "available": 4, "price": 9, "currency": "EUR"} for sku in SPELLINGS]
    records = [read_inventory_record(json.dumps(one).encode()) for one in told]
    await feed.handle([Received(one, "inventory.feed", 0, number, AT) for number, one in enumerate(records)])
    assert await shop.pool.fetchval("SELECT array_agg(sku) FROM inventory") == [A]
    assert await shop.pool.fetchval("SELECT array_agg(sku) FROM prices") == [A]
    order = {"store_id": "shop", "order_id": "1", "occurred_at": "2026-03-14T15:09:26Z"}
    for kind in ("placed", "shipped"):
        lines = [{"sku": sku, "quantity": 1} for sku in SPELLINGS]
        record = read_order_record(json.dumps({**order, "type": kind, "lines": lines}).encode())
        assert record.units() == {A: 4}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("blank", ["", " ", "\u2003\ufeff"])
def test_blank_in_a_feed_is_a_dead_letter(name: str, blank: str):
    goods = {"store_id": "shop", "sku": "tea", "available": 1, name: blank}
    with pytest.raises(UnreadableError, match=f"{name}: string_too_short"):
        read_inventory_record(json.dumps(goods).encode())
    if name == "sku":
        order = {"type": "placed", "store_id": "shop", "order_id": "1", "occurred_at": "2026-03-14T15:09:26Z"}
        with pytest.raises(UnreadableError, match="lines: string_too_short"):
            read_order_record(json.dumps({**order, "lines": [{"sku": blank, "quantity": 1}]}).encode())


def test_a_rule_of_the_store_finds_its_goods_however_they_are_spelled():
    rules = Thresholds.model_validate({"rules": [{"sku": B, "threshold": 9}, {"category": " e\u0301", "threshold": 8}]})
    assert rules.limit(A, None, None).threshold == 9
    assert rules.limit("tea", "é", None).threshold == 8


async def test_a_cart_that_was_stored_before_is_spelled_when_it_changes(shop: Shop):
    anna = shop.customer()
    await anna.add("tea", 2)
    await shop.pool.execute("UPDATE carts SET lines = replace(lines::text, 'tea', $1)::jsonb", B)
    elsewhere = shop.elsewhere(anna)
    assert held(await elsewhere.add(A)) == {A: 3}


def bodies(found: dict[str, Any], operation: dict[str, Any], body: Any) -> Iterator[tuple[str, Any]]:
    """The body with each name of goods in it blank in turn, in rows, too; a name that it does not give is added."""
    schema = _resolved(found, operation["requestBody"]["content"]["application/json"]["schema"])
    for field, kind in schema.get("properties", {}).items():
        if field in NAMES:
            yield field, {**body, field: " "}
        if field == "options":
            yield "options", {**body, "options": {" ": "M"}}
            yield "options", {**body, "options": {"size": "\u2003"}}
        if kind.get("type") == "array" and "$ref" in kind["items"] and body.get(field):
            for name in _resolved(found, kind["items"])["properties"]:
                if name in (*NAMES, "options"):
                    blank = {"size": " "} if name == "options" else " "
                    yield f"{field}/{name}", {**body, field: [{**body[field][0], name: blank}]}


async def test_blank_is_refused_at_every_door_of_the_api(pool: Pool):
    world, found, doors = await World.begun(pool), document("cart"), set[tuple[str, str]]()
    ids = {"store_id": "near", **ids_of(world.near)}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            case = CASES[method.upper(), path]
            tries = [("path", path.format(**{**ids, "sku": "%20"}), case.body(ids))] if "{sku}" in path else []
            if "requestBody" in operation:
                tries += [(at, path.format(**ids), body) for at, body in bodies(found, operation, case.body(ids))]
            for at, url, body in tries:
                doors.add((f"{method.upper()} {path.removeprefix('/v1/stores/{store_id}')}", at))
                headers = case.who(world.near).headers
                answer = await world.near.http.request(method, url, content=json.dumps(body), headers=headers)
                assert answer.status_code == 422, (method, url, body, answer.text)
    await world.near.http.aclose()
    assert doors >= {
        ("POST /cart/lines", "sku"),
        ("POST /cart/lines", "options"),
        ("POST /orders", "lines/sku"),
        ("PUT /inventory/{sku}", "path"),
        ("PUT /inventory/{sku}", "location"),
        ("POST /inventory", "levels/sku"),
        ("POST /inventory", "levels/category"),
        ("PUT /prices/{sku}", "path"),
        ("POST /prices", "prices/sku"),
    }
