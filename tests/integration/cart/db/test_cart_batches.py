"""Many carts read in one statement are the carts that are read one by one."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from libs.postgres.pool import Connection, Pool
from services.cart.db import cart_batches, cart_views, prices, save_carts
from services.cart.domain.prices import Priced
from services.cart.domain.shopper import Shopper
from tests.integration.cart.shop import Shop, done


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


async def test_each_is_told_what_there_is_of_their_own_cart_on_their_own_device(pool: Pool, shop: Shop):
    anna, ben, guest = shop.customer("anna"), shop.customer("ben"), await shop.guest()
    for number, visitor in enumerate((anna, ben, guest)):
        await visitor.add(f"sku-{number}", 3)
        await visitor.add("tea")
    await pool.execute("INSERT INTO identities VALUES ('shop', 'card-7', 'anna', now())")
    await pool.execute("INSERT INTO prices VALUES ('shop', 'tea', 'EUR', 700, 1, now())")
    await shop.server().level("sku-1", 2)
    (told,) = (await ben.cart())["notices"][:1]
    done(await ben.ask("POST", "/cart/notices/ack", {"notice_ids": [told["notice_id"]]}, X_Device="phone"))
    token_hash = await pool.fetchval("SELECT guest_token_hash FROM carts WHERE customer_id IS NULL")
    of_guest, nobody = Shopper("shop", token_hash=token_hash), Shopper("shop", customer_id="nobody")
    customers = [Shopper("shop", customer_id=name) for name in ("anna", "ben", "card-7")]
    asked = [(one, device) for one in (*customers, of_guest, nobody) for device in ("phone", "tablet")]
    async with pool.acquire() as connection:
        alone = [await cart_views.read_with_notices(connection, *one) for one in asked]
        together = await cart_batches.read_with_notices(connection, asked)
    plain = [row and {name: row[name] for name in row.keys() if name != "place"} for row in together]  # noqa: SIM118
    assert plain == [row and dict(row) for row in alone]
    assert [row is None for row in alone] == [False] * 8 + [True] * 2
    assert all(row["prices"] for row in alone if row), "there is something to be told"
    assert [row["levels"] is not None for row in alone if row] == [False] * 2 + [True] * 2 + [False] * 4
    assert [len(row["acknowledged"]) for row in alone if row] == [0, 0, 1] + [0] * 5


async def test_what_goods_of_several_stores_cost_is_told_in_the_order_in_which_it_was_asked(pool: Pool, shop: Shop):
    await pool.execute("INSERT INTO prices VALUES ('shop', 'tea', 'EUR', 700, 1, now())")
    await pool.execute("INSERT INTO prices VALUES ('other', 'tea', 'EUR', 800, 1, now())")
    tea, jam = Priced("tea", {}, "EUR"), Priced("jam", {}, "EUR")
    asked = [("other", tea), ("shop", jam), ("shop", tea), ("shop", Priced("tea", {}, "PLN")), ("other", tea)]
    async with pool.acquire() as connection:
        assert await prices.told_of_many(connection, asked) == [800, None, 700, None, 800]


async def test_where_the_store_tells_prices_adds_and_reads_of_many_go_together(
    pool: Pool, shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    sizes: dict[str, list[int]] = {"told": [], "saved": [], "looked": []}
    for name, module, function in (
        ("told", prices, "told_of_many"),
        ("saved", save_carts, "swap"),
        ("looked", cart_batches, "read_with_notices"),
    ):
        monkeypatch.setattr(module, function, counting(getattr(module, function), sizes[name]))
    shop.change_store(prices="told")
    await pool.execute("INSERT INTO prices VALUES ('shop', 'tea', 'EUR', 700, 1, now())")
    visitors = [shop.customer(f"customer-{number}") for number in range(12)]
    for visitor in visitors:
        await visitor.add("milk")
        await visitor.cart()
    carts = await asyncio.gather(*(visitor.add("tea", more={"price": 1}) for visitor in visitors))
    assert [cart["lines"][1]["price"] for cart in carts] == [700] * 12
    assert [[one["kind"] for one in cart["notices"]] for cart in carts] == [["price_taken"]] * 12
    assert [cart["version"] for cart in await asyncio.gather(*(visitor.cart() for visitor in visitors))] == [2] * 12
    assert {name: max(found, default=0) > 1 for name, found in sizes.items()} == dict.fromkeys(sizes, True)


def counting(function: Callable[..., Any], sizes: list[int]) -> Callable[..., Any]:
    async def counted(connection: Connection, asked: Sequence[Any]) -> Any:
        sizes.append(len(asked))
        return await function(connection, asked)

    return counted
