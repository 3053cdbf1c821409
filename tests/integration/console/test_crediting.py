"""Orders of a day come some at a time, each with all of its clicks."""

import tracemalloc

import pytest

from services.console.db import crediting
from tests.integration.console.conftest import Console
from tests.unit.console.making import at, clicked, decided, placed

DAY = (at(hours=-12), at(hours=12))
MANY = """
INSERT INTO orders (store_id, order_id, placed_at, currency, gross, net, status)
SELECT store_id, order_id || '-' || n, placed_at, currency, gross, net, status
FROM orders CROSS JOIN generate_series($1::int, $2::int) AS n WHERE order_id = 'A1'
"""


async def test_clicks_of_an_order_stay_together_wherever_a_page_ends(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    for reminder in "123":
        await console.receive(decided(reminder, at()), clicked(reminder, at(minutes=5)))
    for order in ("A1", "A2", "A3"):
        await console.receive(placed(order, at(minutes=20)))
    monkeypatch.setattr(crediting, "PAGE", 2)
    async with console.pool.acquire() as connection, connection.transaction():
        found = [order async for order in crediting.orders(connection, "shop", *DAY)]
    assert [(one.order_id, len(one.clicks)) for one in found] == [("A1", 3), ("A2", 3), ("A3", 3)]


async def test_a_day_with_many_orders_takes_no_more_memory(console: Console) -> None:
    await console.receive(placed("A1", at(minutes=20), customer_id=None, cart_id=None))
    await console.pool.execute(MANY, 1, 1_000)
    few = await _most(console)
    await console.pool.execute(MANY, 1_001, 10_000)
    assert await _most(console) < 2 * few


async def _most(console: Console) -> int:
    """Bytes held at the most while a day's orders are gone through."""
    async with console.pool.acquire() as connection, connection.transaction():
        tracemalloc.start()
        try:
            number = 0
            async for _order in crediting.orders(connection, "shop", *DAY):
                number += 1
            assert number > 1_000
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
