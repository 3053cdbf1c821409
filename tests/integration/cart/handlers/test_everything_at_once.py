"""Whatever devices, log-ins, orders and retries do at once: nothing is lost, and the events tell what happened."""

import asyncio
import random
from collections import defaultdict
from typing import Any

import asyncpg
import pytest

from tests.integration.cart.shop import LINE, Shop, Visitor, held
from tests.integration.cart.stories import stories_of, tells_truly

SKUS = ("tea", "milk", "jam")
FATES = {"cart.merged_away": "merged", "cart.ordered": "ordered"}


async def shops(shop: Shop, who: Visitor, guest: Visitor, number: int, dice: random.Random) -> None:
    """Some minutes of one person's devices, in no particular order."""
    for step in range(12):
        at = shop.elsewhere(dice.choice((who, guest)), dice.randrange(2))
        key = f"{number}-{step}"
        match dice.randrange(8):
            case 0 | 1 | 2:
                body = LINE | {"sku": dice.choice(SKUS), "quantity": dice.randint(1, 3)}
                again = dice.randint(1, 2)
                await asyncio.gather(*(tries(at, "POST", "/cart/lines", body, key) for _ in range(again)))
            case 3:
                cart = await at.cart()
                for line in cart["lines"][:1]:
                    await tries(at, "PUT", f"/cart/lines/{line['line_id']}", {"quantity": dice.randint(0, 5)}, key)
            case 4:
                cart = await at.cart()
                for line in cart["lines"][-1:]:
                    await tries(at, "DELETE", f"/cart/lines/{line['line_id']}", None, key)
            case 5:
                await tries(at, "DELETE", "/cart/lines", None, key)
            case 6:
                await shop.elsewhere(who, 1).claim(guest)
            case 7:
                order = {"order_id": key, "customer_id": f"customer-{number}"}
                await tries(shop.server(replica=1), "POST", "/orders", order, key)


async def tries(who: Visitor, method: str, path: str, body: Any, key: str) -> None:
    """A call that may be refused, as long as it is a refusal."""
    answer = await who.ask(method, path, body, Idempotency_Key=key)
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("seed", range(4))
async def test_the_events_of_each_cart_tell_its_whole_story(shop: Shop, seed: int):
    dice = random.Random(seed)
    people = [(shop.customer(f"customer-{n}"), await shop.guest(), n) for n in range(4)]
    devices = [shops(shop, who, guest, n, random.Random(dice.random())) for who, guest, n in people for _ in range(3)]
    await asyncio.gather(*devices)
    stories = stories_of(await shop.events())
    rows = {row["cart_id"]: row for row in await shop.pool.fetch("SELECT * FROM carts")}
    assert set(stories) == set(rows)
    for cart_id, story in stories.items():
        tells_truly(story)
        last, row = story[-1], rows[cart_id]
        assert (last.cart_version, last.customer_id) == (row["version"], row["customer_id"])
        assert row["status"] == FATES.get(last.type, "active")
        assert last.units == (row["units"] if row["status"] == "active" else 0)


async def test_adds_are_never_lost_whatever_races_with_them(shop: Shop):
    """A ledger of what was answered: each unit is in the customer's cart, in the guest's, in an order, or merged."""
    dice = random.Random(7)
    guest, anna = await shop.guest(), shop.customer("anna")

    async def adds(device: Visitor, sku: str) -> None:
        for _ in range(10):
            await shop.elsewhere(device, dice.randrange(2)).add(sku)

    async def orders() -> None:
        for number in range(4):
            await shop.server(replica=1).order(f"o-{number}", customer_id="anna")

    await asyncio.gather(adds(anna, "tea"), adds(anna, "milk"), adds(guest, "jam"), orders())
    rows = await shop.pool.fetch(
        "SELECT line ->> 'sku' AS sku, line -> 'quantity' AS n FROM carts, jsonb_array_elements(lines) line"
    )
    ledger: dict[str, int] = defaultdict(int)
    for row in rows:
        ledger[row["sku"]] += int(row["n"])
    assert ledger == {"tea": 10, "milk": 10, "jam": 10}


async def test_a_database_that_drops_every_connection_loses_and_repeats_nothing(shop: Shop, dsn: str):
    """Devices repeat a call with its key until it is answered, while the server ends all sessions again and again."""
    unavailable = 0

    async def insists(number: int) -> None:
        nonlocal unavailable
        device = shop.customer(f"customer-{number % 4}", replica=number % 2)
        answer = await device.ask("POST", "/cart/lines", LINE, Idempotency_Key=f"k-{number}")
        while answer.status_code != 200:
            assert answer.status_code in {409, 503}, answer.text
            unavailable += answer.status_code == 503
            answer = await device.ask("POST", "/cart/lines", LINE, Idempotency_Key=f"k-{number}")

    async def trips(done: asyncio.Event) -> None:
        admin = await asyncpg.connect(dsn)
        while not done.is_set():
            await admin.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
            """)
            if unavailable:
                done.set()
        await admin.close()

    async def works(done: asyncio.Event) -> int:
        count = 0
        while not done.is_set() or count < 40:
            await asyncio.gather(*(insists(n) for n in range(count, count + 20)))
            count += 20
        return count

    done = asyncio.Event()
    count, _ = await asyncio.gather(works(done), trips(done))
    carts = [held(await shop.customer(f"customer-{n}").cart()) for n in range(4)]
    assert carts == [{"tea": count // 4}] * 4
    assert await shop.count("outbox") == await shop.count("keys") == count
