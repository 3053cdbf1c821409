"""On the key of a customer's requests no order is promised: whatever comes first, the same is asked for."""

from itertools import permutations

import pytest

from libs.contracts.events import CartEvent, OrderEvent, OrderPlaced
from tests.integration.notifier.conftest import World, reminder


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_requests_that_come_in_any_order_are_the_same_deliveries(world: World, order: tuple[int, ...]):
    requests = [reminder(world.now) for _ in order]
    for place in order:
        await world.receive(requests[place])
    await world.receive(*(requests[place] for place in reversed(order)))  # and again the other way round
    rows = await world.pool.fetch("SELECT reminder_id, state FROM deliveries")
    assert {(row["reminder_id"], row["state"]) for row in rows} == {(one.reminder_id, "pending") for one in requests}


def test_carts_are_not_told_of_by_orders_whose_order_nobody_promises():
    assert not any(
        issubclass(one, CartEvent) for one in (OrderPlaced, OrderEvent)
    )  # the trigger reads cart events only
