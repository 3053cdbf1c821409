"""Levels in bulk, from several places, in any order: what is wrong is told row by row, what crosses is told once."""

import asyncio
import random
from typing import Any

from libs.contracts.events import LevelCrossed, LevelSet
from services.cart.domain.stock.thresholds import ThresholdRule, Thresholds
from tests.integration.cart.shop import OTHER_KEY, Shop, done, refused

WITH_RULES = Thresholds(rules=(ThresholdRule(sku="lamp", threshold=50), ThresholdRule(category="rings", threshold=1)))


async def told(shop: Shop, *levels: Any, **headers: str) -> Any:
    """Tells levels in bulk."""
    return done(await shop.server().ask("POST", "/inventory", {"levels": list(levels)}, **headers))


async def crossings(shop: Shop) -> list[tuple[str, str, str | None, int]]:
    events = [event for event in await shop.events() if isinstance(event, LevelCrossed)]
    return [(e.type.removeprefix("inventory.level_"), e.sku, e.location, e.available) for e in events]


async def levels(shop: Shop) -> dict[str, int]:
    return {row["sku"]: row["available"] for row in await shop.pool.fetch("SELECT sku, available FROM inventory")}


async def test_ten_thousand_levels_come_in_one_call(shop: Shop):
    rows = [{"sku": f"sku-{n}", "available": n} for n in range(10_000)]
    answer = await told(shop, *rows)
    assert answer == {"accepted": 10_000, "changed": 10_000, "stale": 0, "invalid": 0, "rows": []}
    rows[17] |= {"available": 18}
    assert (await told(shop, *rows))["changed"] == 1
    assert await shop.count("outbox") == 10_001
    refused(await shop.server().ask("POST", "/inventory", {"levels": [*rows, rows[0]]}), 422, "invalid-request")


async def test_a_row_that_is_wrong_is_told_and_the_others_are_taken(shop: Shop):
    await told(shop, {"sku": "late", "available": 9, "sequence": 5})
    answer = await told(
        shop,
        {"sku": "tea", "available": 3},
        {"sku": "jam", "available": -1, "note": "x"},
        {"sku": "late", "available": 1, "sequence": 5},
        {"sku": "", "available": 1},
        "tea",
        {"sku": "milk", "available": 4},
    )
    counts = {name: answer[name] for name in ("accepted", "changed", "stale", "invalid")}
    assert counts == {"accepted": 2, "changed": 2, "stale": 1, "invalid": 3}
    assert [(row["index"], row["status"], row["pointer"]) for row in answer["rows"]] == [
        (1, "invalid", "/levels/1/available"),
        (1, "invalid", "/levels/1/note"),
        (2, "stale", "/levels/2/sequence"),
        (3, "invalid", "/levels/3/sku"),
        (4, "invalid", "/levels/4"),
    ]
    assert await levels(shop) == {"late": 9, "tea": 3, "milk": 4}


async def test_where_every_row_is_wrong_nothing_is_taken(shop: Shop):
    body = {"levels": [{"sku": "tea"}, {"sku": "jam", "available": -1}]}
    problem = refused(await shop.server().ask("POST", "/inventory", body), 422, "invalid-request")
    assert [fault["pointer"] for fault in problem["errors"]] == ["/levels/0/available", "/levels/1/available"]
    assert await levels(shop) == {}


async def test_the_same_bulk_call_again_gives_the_same_answer(shop: Shop):
    rows = [{"sku": "tea", "available": 3}, {"sku": "jam", "available": -1}]
    first = await told(shop, *rows, Idempotency_Key="k-1")
    await told(shop, {"sku": "tea", "available": 7})
    assert await told(shop, *rows, Idempotency_Key="k-1") == first
    assert await levels(shop) == {"tea": 7}
    another = {"levels": [rows[0], {"sku": "jam", "available": -2}]}
    answer = await shop.server().ask("POST", "/inventory", another, Idempotency_Key="k-1")
    refused(answer, 422, "idempotency-key-reused")


async def test_locations_add_up_and_carts_see_the_sum(shop: Shop):
    await told(
        shop,
        {"sku": "tea", "available": 2, "location": "warsaw"},
        {"sku": "tea", "available": 3, "location": "berlin"},
    )
    await shop.server().level("tea", 4)
    assert await levels(shop) == {"tea": 9}
    done(await shop.server().ask("PUT", "/inventory/tea", {"available": 0, "location": "berlin"}))
    sums = [event.available for event in await shop.events() if isinstance(event, LevelSet)]
    assert sums == [5, 9, 6]
    await shop.customer().add("tea", 7)
    [notice] = (await shop.customer().cart())["notices"]
    assert (notice["kind"], notice["after"]) == ("low_stock", 6)


async def test_levels_of_many_locations_at_once_add_up(shop: Shop):
    async def moves(number: int) -> None:
        rows = [{"sku": f"sku-{n}", "available": number + 1, "location": f"at-{number}"} for n in range(20)]
        random.Random(number).shuffle(rows)
        done(await shop.server(replica=number % 2).ask("POST", "/inventory", {"levels": rows}))

    await asyncio.gather(*(moves(n) for n in range(8)))
    assert set((await levels(shop)).values()) == {sum(range(1, 9))}
    versions: dict[str, list[int]] = {}
    for event in await shop.events():
        if isinstance(event, LevelSet):
            versions.setdefault(event.sku, []).append(event.level_version)
    assert all(sorted(found) == list(range(1, 9)) for found in versions.values())


async def test_sold_out_a_second_time_is_told_because_the_crossing_re_arms(shop: Shop):
    for available in (9, 5, 4, 6, 5, 0, 8, 2):
        await shop.server().level("tea", available)
        await shop.server().level("tea", available)
    expected = [("low", "tea", None, 5), ("recovered", "tea", None, 8), ("low", "tea", None, 2)]
    assert await crossings(shop) == expected


async def test_one_threshold_for_all_variants_gives_way_to_one_per_sku_category_and_location(shop: Shop):
    shop.change_store(thresholds=WITH_RULES)
    await told(shop, {"sku": "lamp", "available": 90}, {"sku": "ring", "available": 9, "category": "rings"})
    await told(shop, {"sku": "lamp", "available": 50}, {"sku": "ring", "available": 2})
    assert await crossings(shop) == [("low", "lamp", None, 50)]
    await told(shop, {"sku": "ring", "available": 1}, {"sku": "lamp", "available": 60, "location": "warsaw"})
    await told(shop, {"sku": "lamp", "available": 40, "location": "warsaw"})
    assert (await crossings(shop))[1:] == [
        ("recovered", "lamp", None, 110),
        ("low", "ring", None, 1),
        ("low", "lamp", "warsaw", 40),
    ]
    limits = {event.sku: event.threshold for event in await shop.events() if isinstance(event, LevelSet)}
    assert limits == {"lamp": 50, "ring": 1}


async def test_levels_of_one_sku_at_once_cross_once(shop: Shop):
    await shop.server().level("tea", 20)
    rows = [{"sku": "tea", "available": n} for n in (5, 4, 3, 2, 1, 0)]
    calls = [shop.server(replica=n % 2).ask("POST", "/inventory", {"levels": [row]}) for n, row in enumerate(rows)]
    await asyncio.gather(*calls)
    assert [kind for kind, *_ in await crossings(shop)] == ["low"]


async def test_a_crossing_that_is_not_told_is_not_remembered(shop: Shop):
    await shop.server().level("tea", 20)
    await shop.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    refused(await shop.server().ask("PUT", "/inventory/tea", {"available": 2}), 500, "internal-error")
    await shop.pool.execute("ALTER TABLE outbox DROP CONSTRAINT full_disk")
    assert await levels(shop) == {"tea": 20}
    await shop.server().level("tea", 2)
    assert [kind for kind, *_ in await crossings(shop)] == ["low"]


async def test_stores_know_nothing_of_each_other_s_stock(shop: Shop):
    other = shop.server(OTHER_KEY, "other")
    await shop.server().level("tea", 20)
    await other.level("tea", 1)
    assert await crossings(shop) == []
    assert done(await other.ask("PUT", "/inventory/tea", {"available": 1, "sequence": 4}))["stale"] == 0
    assert done(await shop.server().ask("PUT", "/inventory/tea", {"available": 9, "sequence": 1}))["changed"] == 1


async def test_ten_thousand_prices_come_in_one_call_and_late_ones_are_dropped(shop: Shop):
    rows = [{"sku": f"sku-{n}", "price": n, "currency": "EUR", "sequence": 5} for n in range(10_000)]
    answer = done(await shop.server().ask("POST", "/prices", {"prices": rows}))
    assert (answer["changed"], answer["rows"]) == (10_000, [])
    late = [
        {"sku": "sku-1", "price": 100, "currency": "EUR", "sequence": 5},
        {"sku": "sku-2", "price": 100, "currency": "USD", "sequence": 1},
        {"sku": "sku-3", "price": 3, "currency": "EUR", "sequence": 9},
        {"sku": "sku-3", "price": 4, "currency": "EUR", "sequence": 8},
        {"sku": "sku-4", "price": -4, "currency": "EUR"},
        {"sku": "sku-5", "price": 55, "currency": "EUR"},
    ]
    answer = done(await shop.server().ask("POST", "/prices", {"prices": late}))
    assert [(row["index"], row["status"]) for row in answer["rows"]] == [(0, "stale"), (3, "stale"), (4, "invalid")]
    assert (answer["accepted"], answer["changed"]) == (3, 2)
    found = await shop.pool.fetch(
        "SELECT price, version FROM prices WHERE sku = ANY ('{sku-1,sku-3,sku-5}') ORDER BY sku"
    )
    assert [tuple(row) for row in found] == [(1, 1), (3, 1), (55, 2)]
