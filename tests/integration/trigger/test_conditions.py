"""Campaigns that go by segments, categories and stock ask the database for all carts at once, and others not at all."""

from pathlib import Path
from typing import Any

import pytest

from libs.postgres.pool import Connection
from services.trigger.db.timers import claim
from services.trigger.handlers.facts import load_facts
from tests.integration.trigger.conftest import Trigger, ago, make_trigger, now
from tests.integration.trigger.kinds.test_orders import placed
from tests.unit.trigger.making import THREE_STEPS, added, level, removed

FILE = """
segments: {vip: {spent: {EUR: 2500}}, repeat: {abandoned: 2}}
campaigns:
  - name: cart
    kind: abandoned_cart
    RULES
    steps: [{delay: 1h, channel: email, template: a, lateness: 12h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    rules = getattr(request, "param", "")
    (tmp_path / "default.yaml").write_text(FILE.replace("RULES", rules) if rules else THREE_STEPS)
    return tmp_path


def rules(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("campaigns_dir", [text], indirect=True)


async def reasons(trigger: Trigger) -> dict[str, str]:
    await trigger.read_until(now())
    await trigger.timers.fire()
    return {
        r["customer_id"]: r["reason"] for r in await trigger.pool.fetch("SELECT customer_id, reason FROM decisions")
    }


@rules("enter: {segment: vip}")
async def test_who_has_spent_enough_is_reminded(trigger: Trigger) -> None:
    await trigger.receive(
        placed(customer_id="customer-a", at=ago(days=3)), placed("o-2", customer_id="customer-b", total=2499)
    )
    await trigger.receive(*(added(name, 1, ago(hours=2)) for name in "abc"))
    assert await reasons(trigger) == {
        "customer-a": "idle",
        "customer-b": "not_in_segment",
        "customer-c": "not_in_segment",
    }


@rules("enter: {segment: repeat}")
async def test_what_was_abandoned_is_counted_in_the_decisions(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=9)))
    assert await reasons(trigger) == {"customer-a": "not_in_segment"}
    await trigger.receive(added("b", 1, ago(hours=2), customer="customer-a"), added("c", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert [(one.customer_id, one.cart_version) for one in await trigger.requested()] == [("customer-a", 1)]


@rules("enter: {category: {any: [shoes]}}\n    continue: {in_stock: any}")
async def test_goods_are_those_of_the_cart_and_of_the_newest_level(trigger: Trigger) -> None:
    await trigger.receive(
        level(0, 1, sku="boot").model_copy(update={"category": "shoes"}),
        level(4, 2, sku="boot").model_copy(update={"category": "shoes"}),
        level(0, 1, sku="sock").model_copy(update={"category": "shoes"}),
        level(0, 1, sku="slipper").model_copy(update={"category": "shoes", "backorder": True}),
    )
    await trigger.receive(level(0, 1, sku="boot").model_copy(update={"category": "old"}))
    for name, sku in (("a", "boot"), ("b", "sock"), ("c", "tea"), ("d", "slipper")):
        await trigger.receive(added(name, 1, ago(hours=2), {sku: 1}))
    assert await reasons(trigger) == {
        "customer-a": "idle",
        "customer-b": "out_of_stock",
        "customer-c": "category_not_listed",
        "customer-d": "idle",
    }


@rules("enter: {category: {any: [shoes]}}")
async def test_a_step_that_a_later_change_overtook_goes_by_what_was_in_the_cart_then(trigger: Trigger) -> None:
    await trigger.receive(level(4, 1, sku="boot").model_copy(update={"category": "shoes"}))
    full, less = added("a", 1, ago(hours=5), {"boot": 1}), removed("a", 2, ago(hours=2), {"tea": 1})
    await trigger.receive(full, less)
    await trigger.receive(added("b", 1, ago(hours=5), {"boot": 1}))
    await trigger.receive(removed("b", 2, ago(hours=2), {"tea": 1}))
    assert {one.customer_id for one in await trigger.requested()} == {"customer-a", "customer-b"}


class Counted:
    """A connection that counts statements."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.statements = connection, 0

    def __getattr__(self, name: str) -> Any:
        self.statements += 1
        return getattr(self._connection, name)


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("enter: {total: {EUR: 1}}", 0),
        ("enter: {segment: vip}", 1),
        ("enter: {segment: vip, not_segment: [repeat]}", 2),
        ("enter: {segment: vip, not_segment: [repeat]}\n    continue: {in_stock: all}", 4),
    ],
)
async def test_facts_are_loaded_for_all_carts_at_once_and_only_where_a_campaign_goes_by_them(
    trigger_dsn: str, pool: Any, tmp_path: Path, text: str, statements: int
) -> None:
    (tmp_path / "default.yaml").write_text(FILE.replace("RULES", text))
    trigger = await make_trigger(trigger_dsn, pool, tmp_path)
    await trigger.receive(*(added(name, 1, ago(hours=2)) for name in "abcde"))
    async with pool.acquire() as connection, connection.transaction():
        await trigger.read_until(now())
        carts = [one.state for one in await claim(connection, 10)]
        counted = Counted(connection)
        await load_facts(counted, carts, trigger.campaigns.of)  # type: ignore[arg-type]
    assert (len(carts), counted.statements) == (5, statements)
