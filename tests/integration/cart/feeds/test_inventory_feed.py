"""`inventory.feed`: malformed, duplicated, reordered and late records, and crashes, end in the stock that was told."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from libs.contracts.events import LevelCrossed, LevelSet
from libs.inbox.consumer import Received
from services.cart.feeds import consumer
from services.cart.feeds.inventory import Goods, InventoryFeed
from tests.integration.cart.feeding import Feeding
from tests.integration.cart.shop import Shop

FEED = "inventory.feed"
AT = datetime(2026, 3, 14, tzinfo=UTC)


def level(sku: str, available: int, **more: Any) -> dict[str, Any]:
    return {"store_id": "shop", "sku": sku, "available": available} | more


def intake(shop: Shop) -> InventoryFeed:
    return InventoryFeed(shop.pool, shop.books[0], shop.clock, lambda *_: None)


def batch(*records: dict[str, Any], first: int = 0, at: datetime = AT) -> list[Received[Goods]]:
    return [
        Received(Goods.model_validate(record), FEED, 0, first + number, at) for number, record in enumerate(records)
    ]


async def stock(shop: Shop, store: str = "shop") -> dict[str, int]:
    rows = await shop.pool.fetch("SELECT sku, available FROM inventory WHERE store_id = $1 ORDER BY sku", store)
    return {row["sku"]: row["available"] for row in rows}


async def crossings(shop: Shop) -> list[str]:
    return [event.type for event in await shop.events() if isinstance(event, LevelCrossed)]


async def test_levels_and_prices_by_feed_are_those_of_the_shop(shop: Shop, feed: Feeding):
    await shop.customer().add("tea", 9)
    shop.clock.forward(timedelta(minutes=1))
    records = [
        level("tea", 20),
        level("tea", 4, price=650, currency="EUR"),
        {"store_id": "shop", "sku": "jam", "price": 300, "currency": "EUR"},
        level("tea", 2, location="warsaw", category="drinks", colour="green"),
        {"store_id": "other", "sku": "tea", "available": 1},
    ]
    assert await feed.read(shop, FEED, *records) == []
    assert (await stock(shop), await stock(shop, "other")) == ({"tea": 6}, {"tea": 1})
    assert {e.available for e in await shop.events() if isinstance(e, LevelSet)} == {1, 6}
    kinds = {(n["kind"], n["before"], n["after"]) for n in (await shop.customer().cart())["notices"]}
    assert kinds == {("low_stock", 9, 6), ("price_changed", 500, 650)}


async def test_malformed_records_are_put_aside_and_stop_nobody(shop: Shop, feed: Feeding):
    junk = [b"{poison", None, b"[]", {}, level("tea", -1), level("tea", 1) | {"store_id": "nowhere"}]
    junk += [{"store_id": "shop", "sku": "tea"}, {"store_id": "shop", "sku": "tea", "price": 1}]
    dead = await feed.read(shop, FEED, *junk, level("tea", 7))
    assert len(dead) == len(junk)
    assert "store_id: there is no such store" in [reason for _, reason in dead]
    assert await stock(shop) == {"tea": 7}


async def test_duplicated_reordered_and_late_records_end_in_the_newest_level(shop: Shop):
    dice = random.Random(7)
    records = [level(f"sku-{n % 5}", dice.randrange(20), sequence=n) for n in range(40)]
    newest = {record["sku"]: record["available"] for record in records}
    mixed = [*records, *records]
    dice.shuffle(mixed)
    for start in range(0, len(mixed), 9):
        await intake(shop).handle(batch(*mixed[start : start + 9], first=start))
    assert await stock(shop) == newest
    before = await shop.count("outbox")
    await intake(shop).handle(batch(*mixed, first=1000))
    assert (await stock(shop), await shop.count("outbox")) == (newest, before)


async def test_a_batch_that_comes_again_crosses_nothing_twice_even_without_sequences(shop: Shop):
    falls = batch(level("tea", 20), level("tea", 3), first=5)
    rises = batch(level("tea", 30), first=7)
    await intake(shop).handle(falls[:1])
    await intake(shop).handle(falls)
    await intake(shop).handle(rises)
    for again in (falls, rises, [*falls, *rises]):
        await intake(shop).handle(again)
    assert await stock(shop) == {"tea": 30}
    assert await crossings(shop) == ["inventory.level_low", "inventory.level_recovered"]


async def test_a_crash_between_the_commit_and_the_offset_has_no_second_effect(
    shop: Shop, feed: Feeding, monkeypatch: pytest.MonkeyPatch
):
    await feed.write(FEED, level("tea", 20), level("tea", 3), level("tea", 20))
    async with feed.reading(shop) as running:
        await feed.settled(running, FEED)
    before = await shop.told()
    # another group has no offsets: it reads everything from the start, as who died before committing them does
    monkeypatch.setattr(consumer, "GROUP", "risen")
    async with feed.reading(shop) as running:
        await feed.settled(running, FEED)
    assert await shop.told() == before
    assert await stock(shop) == {"tea": 20}


async def test_what_could_not_be_told_is_taken_in_when_it_comes_again(shop: Shop):
    await intake(shop).handle(batch(level("tea", 20)))
    await shop.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    falls = batch(level("tea", 3), first=1)
    for _ in range(2):
        with pytest.raises(asyncpg.CheckViolationError):
            await intake(shop).handle(falls)
    await shop.pool.execute("ALTER TABLE outbox DROP CONSTRAINT full_disk")
    await intake(shop).handle(falls)
    assert (await stock(shop), await crossings(shop)) == ({"tea": 3}, ["inventory.level_low"])


async def test_a_topic_that_was_made_anew_is_read_from_its_start(shop: Shop):
    await intake(shop).handle(batch(level("tea", 20), first=900))
    later = AT.replace(year=2027)
    await intake(shop).handle(batch(level("tea", 9), first=0, at=later))
    await intake(shop).handle(batch(level("tea", 7), first=1, at=later))
    assert await stock(shop) == {"tea": 7}


async def test_feed_and_api_at_once_agree_on_the_newest(shop: Shop):
    async def by_api(number: int) -> None:
        rows = [{"sku": f"sku-{n}", "available": number, "sequence": number} for n in range(30)]
        await shop.server(replica=number % 2).ask("POST", "/inventory", {"levels": rows})

    async def by_feed(number: int) -> None:
        rows = [level(f"sku-{n}", number, sequence=number) for n in reversed(range(30))]
        await intake(shop).handle(
            [Received(Goods.model_validate(row), FEED, number, n, AT) for n, row in enumerate(rows)]
        )

    await asyncio.gather(*(by_api(n) if n % 2 else by_feed(n) for n in range(8)))
    assert set((await stock(shop)).values()) == {7}
