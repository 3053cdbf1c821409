"""Who has bought an item is told nothing of it, however they bought it."""

from datetime import timedelta
from typing import Any

from libs.contracts.events import OrderCancelled, OrderPlaced
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago
from tests.integration.trigger.test_fan_outs import falls, told
from tests.integration.trigger.test_fan_outs_in_turn import campaign
from tests.unit.trigger.making import added


async def orders(trigger: Trigger, days: float = 0, *, kind: Any = OrderPlaced, **facts: Any) -> None:
    """Customer `a` ordered tea so many days ago, by the phone: the cart stays as it is."""
    said = {"order_id": "o-1", "store_id": "shop", "customer_id": "customer-a", "skus": ("tea", "jam")}
    when = {"event_id": uuid7(), "occurred_at": ago(days=days, seconds=60)}
    await trigger.receive(kind.model_validate(said | when | facts))


async def reasons(trigger: Trigger) -> list[str]:
    return [row["reason"] for row in await trigger.pool.fetch("SELECT reason FROM decisions")]


async def test_who_bought_the_item_since_they_put_it_into_the_cart_is_told_nothing_of_it(trigger: Trigger) -> None:
    """Story: ordered by phone on Monday; on Tuesday "only three left in the shop"."""
    await campaign(trigger, "bought_within: 0s")
    await trigger.receive(added("a", 1, ago(days=20)), added("b", 1, ago(days=20)))
    await orders(trigger, days=19)
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-b"]
    assert sorted(await reasons(trigger)) == ["bought", "low_stock"]


async def test_who_bought_it_not_long_before_is_told_nothing_either(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await orders(trigger, days=29)
    await falls(trigger, 10, 5)
    assert await told(trigger) == []


async def test_who_bought_it_long_ago_or_something_else_is_told(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5), {"tea": 1, "cup": 1}))
    await orders(trigger, days=31)
    await orders(trigger, order_id="o-2", skus=("pot",))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-a"]


async def test_an_order_that_came_to_nothing_bought_nothing(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await orders(trigger, days=1)
    await orders(trigger, kind=OrderCancelled, status="cancelled", occurred_at=ago(hours=2), happened_at=ago(hours=2))
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["customer-a"]


async def test_what_an_order_was_of_is_known_by_its_lines_and_stays(trigger: Trigger) -> None:
    line = {"sku": "pot", "units": 1}
    await orders(trigger, days=1, lines=(line,))
    await orders(trigger, lines=(line | {"sku": "cup"},), occurred_at=ago(hours=1) + timedelta(seconds=1))
    assert await trigger.pool.fetchval("SELECT skus FROM customer_orders") == ["pot"]
