"""What happens in one store concerns nobody's cart in another, though customers and goods go by the same names."""

from typing import TypeVar

from libs.contracts.events import Event
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_fan_outs import falls, states, told
from tests.unit.trigger.making import STORE, added, level

OTHER = "other"
E = TypeVar("E", bound=Event)


def elsewhere(event: E) -> E:
    """The same in the other store."""
    return event.model_copy(update={"store_id": OTHER})


async def test_goods_that_run_out_in_one_store_are_told_to_its_holders_alone(trigger: Trigger) -> None:
    await trigger.receive(
        added("a", 1, ago(minutes=5), customer="anna"), elsewhere(added("b", 1, ago(minutes=4), customer="anna"))
    )
    await falls(trigger, 10, 5)
    assert await told(trigger) == ["anna"]
    assert {request.store_id for request in await trigger.requested()} == {STORE}


async def test_levels_of_one_store_neither_cross_nor_arm_in_another(trigger: Trigger) -> None:
    await trigger.receive(elsewhere(added("b", 1, ago(minutes=4))))
    await trigger.receive(level(10, 1, ago(seconds=30)), elsewhere(level(5, 2, ago(seconds=20))), partition=3)
    await trigger.read_until(now())
    assert await told(trigger) == []
    assert await states(trigger) == []
    await trigger.receive(elsewhere(level(9, 3, ago(seconds=10))), elsewhere(level(4, 4, ago(seconds=9))), partition=3)
    assert await told(trigger) == ["customer-b"]


async def test_equal_customers_of_two_stores_have_reminders_of_their_own(trigger: Trigger) -> None:
    carts = added("a", 1, ago(hours=2), customer="anna"), elsewhere(added("b", 1, ago(hours=2), customer="anna"))
    await trigger.receive(*carts)
    await trigger.read_until(ago(minutes=30))
    while await trigger.timers.fire():
        continue
    requests = await trigger.requested()
    assert {(request.store_id, request.cart_id) for request in requests} == {(c.store_id, c.cart_id) for c in carts}
    assert len({request.reminder_id for request in requests}) == len(requests)
