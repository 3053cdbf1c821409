"""Many carts read in one statement are the carts that are read one by one."""

import asyncio

from libs.postgres.pool import Pool
from services.cart.db import cart_batches, cart_views
from services.cart.domain.shopper import Shopper
from tests.integration.cart.shop import Shop


async def test_each_gets_their_own_cart_and_no_other(pool: Pool, shop: Shop):
    anna, ben, guest = shop.customer("anna"), shop.customer("ben"), await shop.guest()
    for number, visitor in enumerate((anna, ben, guest)):
        await visitor.add(f"sku-{number}")
    await pool.execute("INSERT INTO identities VALUES ('shop', 'card-7', 'anna', now())")
    token_hash = await pool.fetchval("SELECT guest_token_hash FROM carts WHERE customer_id IS NULL")
    names = ["anna", "nobody", "ben", "card-7", "anna"]
    shoppers = [Shopper("shop", customer_id=name) for name in names]
    shoppers += [Shopper("shop", token_hash=token_hash), Shopper("other", token_hash=token_hash)]
    shoppers += [Shopper("other", customer_id="anna"), Shopper("shop", token_hash=b"n" * 32)]
    async with pool.acquire() as connection:
        alone = [await cart_views.read(connection, one) for one in shoppers]
        for asked in (shoppers, shoppers[::-1], shoppers[:5], shoppers[5:], shoppers[:1]):
            together = await cart_batches.read(connection, asked)
            expected = [alone[shoppers.index(one)] for one in asked]
            plain = [row and {name: row[name] for name in row.keys() if name != "place"} for row in together]  # noqa: SIM118
            assert plain == [row and dict(row) for row in expected]
    assert [row is None for row in alone] == [False, True, False, False, False, False, True, True, True]


async def test_what_may_be_told_is_told_to_each_of_many_who_read_at_once(pool: Pool, shop: Shop):
    names = [f"customer-{number}" for number in range(12)]
    for name in names:
        await shop.customer(name).add()
    reading = [shop.customer(name).cart() for name in names]
    carts = await asyncio.gather(*reading)
    assert [cart["customer_id"] for cart in carts] == names
    assert not any("notices" in cart for cart in carts)
    await pool.execute("INSERT INTO prices VALUES ('shop', 'tea', 'EUR', 700, 1, now())")
    carts = await asyncio.gather(*(shop.customer(name).cart() for name in names))
    assert [cart["customer_id"] for cart in carts] == names
    assert all(cart["notices"] for cart in carts)
