"""Soak: day after day the same traffic, and no table grows any more once its rows have reached their age."""

import asyncio
from datetime import timedelta

from libs.postgres.pool import Pool
from services.cart.domain.retention import Lifetime, Spans
from services.cart.jobs.expire_carts import CartExpiry
from services.cart.jobs.housekeeping import Housekeeping
from services.cart.jobs.retention import RetentionJob
from tests.integration.cart.shop import Shop, done

DAYS, WARM_UP = 12, 6
CUSTOMERS, GUESTS = 6, 6
DAY = timedelta(days=1)
SPANS = Spans(orders=2 * DAY, audit=2 * DAY, erasures=2 * DAY)
KEPT = Lifetime(customer=2 * DAY, guest=2 * DAY, empty=DAY, closed=2 * DAY)
PAGE = 8192
ROOM = 8 * PAGE
"""Of a table with its indexes: PostgreSQL gives pages back when it likes."""

SIZES = """
SELECT relname, pg_total_relation_size(oid) AS bytes FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


async def a_day(shop: Shop, number: int) -> None:
    """Guests look around, customers come back, log in, move things about and buy."""
    server = shop.server()
    levels = [{"sku": f"sku-{n}", "available": 100 + number + n} for n in range(20)]
    done(await server.ask("POST", "/inventory", {"levels": levels}))
    prices = [{"sku": f"sku-{n}", "price": 500 + number, "currency": "EUR"} for n in range(20)]
    done(await server.ask("POST", "/prices", {"prices": prices}))
    await asyncio.gather(*(_leaves_it(shop, f"{number}-{n}") for n in range(GUESTS)))
    await asyncio.gather(*(_buys(shop, n, f"{number}-{n}") for n in range(CUSTOMERS)))


async def _leaves_it(shop: Shop, key: str) -> None:
    guest = await shop.guest()
    for n in range(3):
        await guest.add(f"sku-{n}", 2, Idempotency_Key=f"g{key}-{n}")


async def _buys(shop: Shop, n: int, key: str) -> None:
    customer, guest = shop.customer(f"customer-{n}"), await shop.guest()
    await customer.add("sku-1", 1, Idempotency_Key=f"c{key}-1")
    for sku in range(4):
        await guest.add(f"sku-{sku}", 1, Idempotency_Key=f"c{key}-g{sku}")
    await customer.claim(guest)
    cart = await customer.cart()
    notices = [notice["notice_id"] for notice in cart["notices"]]
    if notices:
        done(await customer.ask("POST", "/cart/notices/ack", {"notice_ids": notices}))
    done(await customer.ask("POST", f"/cart/lines/{cart['lines'][0]['line_id']}/save"))
    await shop.server().order(f"order-{key}", customer_id=f"customer-{n}")
    shipped = {"type": "shipped", "occurred_at": shop.clock().isoformat()}
    done(await shop.server().ask("POST", f"/orders/order-{key}/events", shipped), 201)
    done(await shop.server().ask("DELETE", f"/carts/{cart['id']}/recovery"), 204)  # one for the audit


async def the_night(shop: Shop, pool: Pool) -> None:
    """A day passes; the house is kept, the relay has published everything, and vacuum comes round."""
    shop.clock.forward(DAY)
    async with pool.acquire() as connection:
        await connection.execute("DELETE FROM outbox")
        await connection.execute("UPDATE idempotency_keys SET expires_at = expires_at - interval '1 day'")
    expiry = CartExpiry(pool, shop.clock, lambda: {"shop": KEPT})
    house = Housekeeping(pool, clock=shop.clock)
    await house.round()
    retention = RetentionJob(pool, shop.clock, lambda: {"shop": SPANS})
    for _ in range(3):
        await expiry.round()
        await retention.round()
    async with pool.acquire() as connection:
        await connection.execute("VACUUM ANALYZE")


async def measured(pool: Pool) -> dict[str, tuple[int, int]]:
    """Rows and bytes of each table."""
    async with pool.acquire() as connection:
        sizes = {row["relname"]: row["bytes"] for row in await connection.fetch(SIZES)}
        rows = {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in sizes}
    return {name: (rows[name], sizes[name]) for name in sizes}


async def test_day_after_day_no_table_outgrows_what_a_week_made_it(shop: Shop, pool: Pool):
    days = []
    for number in range(DAYS):
        await a_day(shop, number)
        await the_night(shop, pool)
        days.append(await measured(pool))
    most_rows = {name: max(day[name][0] for day in days[:WARM_UP]) for name in days[0]}
    most_bytes = {name: max(day[name][1] for day in days[:WARM_UP]) for name in days[0]}
    rows, sizes = ({name: value[which] for name, value in days[-1].items()} for which in (0, 1))
    assert {name: (most_rows[name], rows[name]) for name in rows if rows[name] > most_rows[name]} == {}
    assert {name: (most_bytes[name], sizes[name]) for name in sizes if sizes[name] > most_bytes[name] + ROOM} == {}
    assert all(rows[name] for name in ("carts", "merges", "orders", "order_events")), rows
