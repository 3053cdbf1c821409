"""What runs low and what was told about items, out of what was read."""

from typing import Any
from uuid import uuid4

import pytest

from libs.contracts import events as e
from services.console.domain.stock import Level, LowItem, Told
from services.console.handlers import stock
from services.console.handlers.stock import Stock
from tests.integration.console.conftest import Console
from tests.unit.console.making import at, clicked, decided, placed, returned, sent, store


def crossed(sku: str, version: int, minutes: int, *, low: bool = True, **more: Any) -> e.LevelCrossed:
    """The level of an item crossed its threshold, so many minutes after noon."""
    said = {"event_id": uuid4(), "occurred_at": at(minutes=minutes), "store_id": "shop", "sku": sku}
    said |= {"available": 3, "level_version": version, "threshold": 5, "rearm_above": 3}
    kind = e.LevelLow if low else e.LevelRecovered
    return kind.model_validate(said | more)


def reads(console: Console) -> Stock:
    return Stock(console.pool, lambda: at(days=1))


async def test_what_runs_low_is_an_item_a_row_the_newest_first_and_goes_when_it_is_restored(console: Console) -> None:
    await console.receive(store(), crossed("tea", 1, 0), crossed("tea-2", 1, 5), crossed("cup", 1, 9, store_id="other"))
    await console.receive(crossed("cup", 1, 1, location="berlin", available=2), crossed("cup", 4, 2, location="wien"))
    await console.receive(crossed("bowl", 1, 3), crossed("bowl", 2, 7, low=False, available=9))
    await console.receive(crossed("tea", 2, 8, available=0, location="berlin"))
    found = await reads(console).low("shop", "")
    assert (found.in_all, found.after) == (3, None)
    assert found.rows == (
        LowItem("tea", at(minutes=8), 3, 5, ("berlin",)),
        LowItem("tea-2", at(minutes=5), 3, 5, ()),
        LowItem("cup", at(minutes=2), 2, 5, ("berlin", "wien")),
    ), "over all before any place"
    assert [one.sku for one in (await reads(console).low("shop", "tea")).rows] == ["tea", "tea-2"]
    assert (await reads(console).low("shop", "te_")).in_all == 0, "signs are taken as they are"
    assert await reads(console).levels("shop", "bowl") == [Level("bowl", "", 9, 5, False, at(minutes=7))]
    assert await reads(console).levels("other", "bowl") == []


async def test_it_comes_page_by_page(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stock, "PAGE", 2)
    await console.receive(store(), *(crossed(f"s{n}", 1, 5) for n in range(5)))
    pages, after = list[str](), ""
    while True:
        found = await reads(console).low("shop", "", after)
        pages += [one.sku for one in found.rows]
        if (after := found.after or "") == "":
            break
    assert pages == ["s4", "s3", "s2", "s1", "s0"]
    assert [one.sku for one in (await reads(console).low("shop", "", "nonsense")).rows] == ["s4", "s3"]


async def test_what_was_told_about_an_item_counts_messages_people_clicks_and_orders(console: Console) -> None:
    about: dict[str, Any] = {"campaign": "low", "kind": "low_stock", "sku": "tea", "cart_id": None}
    await console.receive(store())
    for name, who in (("a", "anna"), ("a2", "anna"), ("b", "ben"), ("c", "cleo")):
        await console.receive(decided(name, at(), **about | {"cart_version": None}, customer_id=who))
        if name != "c":
            await console.receive(sent(name, at(minutes=1), **about, customer_id=who))
    back = about | {"campaign": "back", "kind": "back_in_stock"}
    await console.receive(sent("d", at(minutes=1), **back), sent("e", at(minutes=1), **back | {"sku": "cup"}))
    await console.receive(sent("cart", at(minutes=1), sku="tea"), sent("old", at(days=-9), **about))
    await console.receive(clicked("a", at(minutes=2), **about), clicked("b", at(minutes=2), **about, suspected="head"))
    await console.receive(placed("1", at(minutes=3)), placed("2", at(minutes=4)), placed("3", at(minutes=5)))
    await console.receive(returned("3", at(minutes=6)))
    while await console.sums.round():
        pass
    found = await reads(console).told("shop", ["tea", "none"], 7, "UTC")
    assert sorted(found, key=lambda one: one.kind) == [
        Told("tea", "back_in_stock", 1, 1, 0, 0),
        Told("tea", "low_stock", 3, 2, 1, 2),
    ], "what was returned as a whole is no order"
    assert await reads(console).told("shop", [], 7, "UTC") == []
    assert await reads(console).told("other", ["tea"], 7, "UTC") == []
    early = Stock(console.pool, lambda: at(days=6))
    assert len(await early.told("shop", ["tea"], 7, "UTC")) == 2, "today, and six days before"
    assert await early.told("shop", ["tea"], 6, "UTC") == []
