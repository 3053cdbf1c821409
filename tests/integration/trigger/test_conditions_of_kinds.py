"""Whom campaigns on items and after orders are for, over a real database: facts, reach, totals, origins are found."""

from pathlib import Path
from typing import Any

import pytest

from libs.contracts.events import OrderPlaced
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.unit.trigger.making import added, costs, level, prices, reached

FILE = """
segments: {vip: {spent: {EUR: 5000}, within: 30d}}
campaigns:
  - name: one
    kind: KIND
    RULES
    steps: [{STEP channel: email, template: t}]
"""


async def running(trigger_dsn: str, pool: Any, folder: Path, kind: str, rules: str, step: str = "") -> Trigger:
    said = FILE.replace("KIND", kind).replace("RULES", rules).replace("STEP", step)
    (folder / "default.yaml").write_text(said)
    return await make_trigger(trigger_dsn, pool, folder)


def bought(total: int = 6000, customer: str = "customer-a", order_id: str = "o-1", **more: Any) -> OrderPlaced:
    told = {"event_id": uuid7(), "occurred_at": ago(hours=2), "order_id": order_id, "store_id": "shop"}
    return OrderPlaced.model_validate(told | {"customer_id": customer, "currency": "EUR", "total": total} | more)


async def decided(trigger: Trigger) -> dict[str, str]:
    """Works on all that is open and due; why each customer was or was not to be told, by name."""
    await trigger.read_until(now())
    while await trigger.timers.fan_out():
        continue
    await trigger.timers.fire_occasions()
    rows = await trigger.pool.fetch("SELECT customer_id, reason FROM decisions ORDER BY decided_at")
    return {row["customer_id"].removeprefix("customer-"): row["reason"] for row in rows}


async def happens(trigger: Trigger, kind: str) -> None:
    """An item runs low, comes back, or costs less."""
    if kind == "price_drop":
        await trigger.receive(prices(1, costs(800, 1000), at=ago(seconds=20)), partition=3)
        return
    for version, available in enumerate((10, 5) if kind == "low_stock" else (0, 5), start=1):
        at = ago(minutes=2) if version == 1 else ago(seconds=20)
        await trigger.receive(level(available, version, at).model_copy(update={"category": "tea"}), partition=3)


@pytest.mark.parametrize("kind", ["low_stock", "back_in_stock", "price_drop"])
async def test_holders_are_asked_of_by_what_is_known_of_them_and_of_their_carts(
    trigger_dsn: str, pool: Any, tmp_path: Path, kind: str
) -> None:
    rules = """enter: {total: {EUR: [1000, 8000]}, not_segment: [vip]}
    recipients: reachable"""
    trigger = await running(trigger_dsn, pool, tmp_path, kind, rules)
    await trigger.receive(bought(customer="customer-b"), *(reached(f"customer-{name}") for name in "abce"))
    await trigger.receive(reached("customer-e", 2, email=False))
    totals = {"a": 1000, "b": 2000, "c": 9000, "d": 2000, "e": 2000}
    await trigger.receive(*(added(name, 1, ago(minutes=9), total=total) for name, total in totals.items()))
    await happens(trigger, kind)
    assert await decided(trigger) == {
        "a": kind,
        "b": "in_segment",
        "c": "above_maximum",
        "d": "unreachable",
        "e": "unreachable",
    }
    assert [one.customer_id for one in await trigger.requested()] == ["customer-a"]


@pytest.mark.parametrize(("rules", "reason"), [("any: [tea]", "low_stock"), ("none: [tea]", "category_excluded")])
async def test_the_category_of_the_item_is_asked_of(
    trigger_dsn: str, pool: Any, tmp_path: Path, rules: str, reason: str
) -> None:
    trigger = await running(trigger_dsn, pool, tmp_path, "low_stock", f"enter: {{category: {{{rules}}}}}")
    await trigger.receive(added("a", 1, ago(minutes=9)))
    await happens(trigger, "low_stock")
    assert await decided(trigger) == {"a": reason}


async def test_what_staff_hold_is_told_only_where_the_campaign_says_so(
    trigger_dsn: str, pool: Any, tmp_path: Path
) -> None:
    trigger = await running(trigger_dsn, pool, tmp_path, "low_stock", "enter: {origin: {none: [bot, import]}}")
    carts = (added(name, 1, ago(minutes=9)) for name in "abc")
    origins = ("staff", "bot", None)
    filled = (one.model_copy(update={"origin": origin}) for one, origin in zip(carts, origins, strict=True))
    await trigger.receive(*filled)
    await happens(trigger, "low_stock")
    assert await decided(trigger) == {"a": "low_stock", "c": "low_stock"}


async def test_an_order_is_asked_of_by_its_total_its_goods_and_who_placed_it(
    trigger_dsn: str, pool: Any, tmp_path: Path
) -> None:
    rules = "enter: {total: {EUR: 1000}, category: {any: [tea]}, not_segment: [vip]}"
    trigger = await running(trigger_dsn, pool, tmp_path, "post_purchase", rules, "delay: 1h,")
    await trigger.receive(level(5, 1).model_copy(update={"category": "tea"}), partition=3)
    await trigger.receive(reached("customer-d", email=False), reached("customer-a"))
    await trigger.receive(
        bought(1000, "customer-a", "o-a", skus=["cup", "tea"]),
        bought(999, "customer-b", "o-b", skus=["tea"]),
        bought(2000, "customer-c", "o-c", skus=["cup"]),
        bought(2000, "customer-d", "o-d", skus=["tea"]),
        bought(5000, "customer-e", "o-e", skus=["tea"]),
    )
    assert await decided(trigger) == {
        "a": "post_purchase",
        "b": "below_minimum",
        "c": "category_not_listed",
        "d": "unreachable",
        "e": "in_segment",
    }


async def test_what_is_decided_in_passing_is_asked_of_the_same(trigger_dsn: str, pool: Any, tmp_path: Path) -> None:
    rules = "enter: {segment: vip}"
    trigger = await running(trigger_dsn, pool, tmp_path, "win_back", rules, "delay: 1h,")
    await trigger.receive(bought(6000, "customer-a", "o-1"), bought(10, "customer-b", "o-2"))
    again = {"occurred_at": ago(minutes=1)}
    await trigger.receive(
        bought(10, "customer-a", "o-3").model_copy(update=again),
        bought(10, "customer-b", "o-4").model_copy(update=again),
    )
    rows = await trigger.pool.fetch("SELECT customer_id, reason FROM decisions ORDER BY customer_id")
    assert [(row["customer_id"], row["reason"]) for row in rows] == [
        ("customer-a", "win_back"),
        ("customer-b", "not_in_segment"),
    ]
