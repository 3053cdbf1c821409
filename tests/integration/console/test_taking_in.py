"""Events become rows and sums: each once, whatever the order."""

import random

from libs.contracts import events as e
from tests.integration.console.conftest import Console
from tests.unit.console.making import at, cart, clicked, decided, message, named, placed, returned, sent, store

SUMS = """
SELECT to_jsonb(t) - 'day' FROM {} AS t ORDER BY 1
"""
EVERY = ("touch_sums", "reason_sums", "credit_sums", "order_sums", "people_sums")


async def sums(console: Console) -> dict[str, list[tuple[object, ...]]]:
    await console.sums.round()
    queries = {table: f"SELECT to_jsonb(t)::text FROM {table} AS t ORDER BY 1" for table in EVERY}
    by = {"touches": await console.rows("SELECT reminder_id, provider FROM touches ORDER BY 1")}
    return by | {table: await console.rows(query) for table, query in queries.items()}


def story() -> list[e.Event]:
    """Anna is reminded, clicks and orders, and sends some of it back; Ben is held out and orders all the same."""
    return [
        store(),
        cart("anna", 1, at(hours=-1)),
        decided("1", at(), arm="treatment"),
        sent("1", at(seconds=2), provider="smtp"),
        message(e.MessageDelivered, "1", at(seconds=5), provider="ses"),
        clicked("1", at(minutes=5)),
        placed("A1", at(minutes=20)),
        returned("A1", at(days=3), status="delivered", total=1500, goods={"tea-100": 1}),
        decided("2", at(), customer_id="ben", cart_id=named("b"), outcome="skipped", reason="holdout", arm="holdout"),
        placed("B1", at(hours=2), customer_id="ben", total=900),
        decided("3", at(days=1), step=2, outcome="skipped", reason="ordered", arm="treatment"),
    ]


async def test_an_order_is_credited_to_the_click_that_led_to_it(console: Console) -> None:
    await console.receive(*story())
    assert (named("1"), "smtp") in (await sums(console))["touches"]
    assert await console.rows("SELECT order_id, credited_to, gross, net, in_store FROM orders ORDER BY 1") == [
        ("A1", named("1"), 2000, 1500, 1500),
        ("B1", None, 900, 900, 900),
    ]
    assert await console.rows(
        "SELECT decided, held_out, asked, sent, delivered, clicked FROM touch_sums ORDER BY 1, 2, 3"
    ) == [
        (1, 0, 0, 0, 0, 0),
        (1, 0, 1, 1, 1, 1),
        (1, 1, 0, 0, 0, 0),
    ]
    assert await console.rows("SELECT arm, spent, people, ordered FROM people_sums ORDER BY 1") == [
        ("holdout", 900, 1, 1),
        ("treatment", 1500, 1, 1),
    ]
    assert await console.rows("SELECT stage, reason, number FROM reason_sums") == [("skipped", "ordered", 1)]
    assert await console.rows("SELECT campaign, orders, net, in_store FROM credit_sums") == [("cart", 1, 1500, 1500)]


async def test_the_order_of_events_and_how_often_they_come_change_nothing(console: Console) -> None:
    told = story()
    await console.receive(*told)
    first = await sums(console)
    await console.receive(*told)
    assert await sums(console) == first


async def test_events_one_by_one_in_any_order_come_to_the_same(console: Console, make_database) -> None:
    told = story()
    await console.receive(*told)
    first = await sums(console)
    await console.pool.execute(f"TRUNCATE touches, orders, order_events, carts, stores, stale_days, {', '.join(EVERY)}")
    shuffled = told * 2
    random.Random(7).shuffle(shuffled)
    for event in shuffled:
        await console.receive(event)
        await console.sums.round()
    assert await sums(console) == first
