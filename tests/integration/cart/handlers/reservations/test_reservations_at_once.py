"""Reservations, changes, log-ins, orders and what becomes of these, at once: no unit is held twice, and none leaks."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.cart.shop import LINE, Shop, Visitor

LEVEL = 6
OVERHELD = """
SELECT sku, reservations.units, lines FROM reservations JOIN carts USING (cart_id)
WHERE NOT ordered AND status = 'active' AND reservations.units > coalesce((
    SELECT sum((line ->> 'quantity')::int) FROM jsonb_array_elements(lines) AS line WHERE line ->> 'sku' = sku), 0)
"""
HELD = """
SELECT coalesce(sum(reservations.units), 0) FROM reservations JOIN carts USING (cart_id)
WHERE sku = 'tea' AND (ordered OR status = 'active')
"""


async def tries(who: Visitor, method: str, path: str, body: Any = None) -> None:
    """A call that may be refused, as long as it is a refusal."""
    answer = await who.ask(method, path, body)
    assert answer.status_code < 500, answer.text


async def shops(shop: Shop, number: int, guest: Visitor, dice: random.Random) -> None:
    """One person's devices and their orders, in no particular order."""
    who, orders = shop.customer(f"customer-{number}"), list[str]()
    for step in range(16):
        shop.clock.forward(timedelta(seconds=1))
        at = shop.elsewhere(dice.choice((who, who, guest)), dice.randrange(2))
        server = shop.server(replica=dice.randrange(2))
        match dice.randrange(9):
            case 0 | 1:
                await tries(at, "POST", "/cart/lines", LINE | {"quantity": dice.randint(1, 3)})
            case 2 | 3:
                await tries(at, "POST", "/cart/reservation")
            case 4:
                for line in (await at.cart())["lines"]:
                    await tries(at, "PUT", f"/cart/lines/{line['line_id']}", {"quantity": dice.randint(0, 2)})
            case 5:
                await who.claim(guest)
            case 6:
                orders.append(f"{number}-{step}")
                lines = dice.choice(([], [{"sku": "tea", "quantity": dice.randint(1, 3)}]))
                body = {"order_id": orders[-1], "customer_id": f"customer-{number}", "lines": lines}
                await tries(server, "POST", "/orders", body)
            case 7 if orders:
                kind = dice.choice(("payment_failed", "cancelled"))
                fact = {"type": kind} | ({"reopen": dice.random() < 0.5} if kind == "cancelled" else {})
                await tries(server, "POST", f"/orders/{dice.choice(orders)}/events", fact)
            case 8 if orders:
                again = {"order_id": dice.choice(orders), "customer_id": f"customer-{number}"}
                await tries(server, "POST", "/orders", again)


async def tells_the_same(shop: Shop, ended: asyncio.Event) -> None:
    """The shop's systems, which tell the same level again and again, and those of another place."""
    for sequence in range(1, 1000):
        if ended.is_set():
            break
        level = {"available": LEVEL, "sequence": sequence}
        await tries(shop.server(), "PUT", "/inventory/tea", level)


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_held_twice_and_nothing_leaks(shop: Shop, seed: int):
    shop.change_store(reservation_minutes=15)
    dice, server = random.Random(seed), shop.server()
    await server.level("tea", LEVEL)
    people = [(n, await shop.guest(), random.Random(dice.random())) for n in range(3) for _ in range(2)]
    ended = asyncio.Event()
    telling = asyncio.create_task(tells_the_same(shop, ended))
    await asyncio.gather(*(shops(shop, *one) for one in people))
    ended.set()
    await telling
    assert await shop.pool.fetch(OVERHELD) == []
    assert 0 <= await shop.pool.fetchval(HELD) <= LEVEL
    shop.clock.forward(timedelta(minutes=1))
    for order in await shop.pool.fetch("SELECT order_id FROM orders"):
        await tries(server, "POST", f"/orders/{order['order_id']}/events", {"type": "cancelled"})
    for visitor in [shop.customer(f"customer-{n}") for n in range(3)] + [guest for _, guest, _ in people]:
        await tries(visitor, "DELETE", "/cart/lines")
    assert await shop.pool.fetchval(HELD) == 0
    await shop.customer("ben").add("tea", LEVEL + 1)
    cart = await shop.customer("ben").cart()
    assert (await server.look(cart["id"]))["inventory"] == {"tea": LEVEL}
