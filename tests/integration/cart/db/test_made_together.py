"""First carts of many shoppers made in one statement: once each, and nobody waiting for long for another's."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from libs.postgres.pool import Pool
from services.cart.db import save_carts
from services.cart.db.save_cart import Outcome, Swap
from services.cart.domain.cart import Context, no_cart_yet
from services.cart.domain.shopper import Shopper
from tests.integration.cart.saving import adding, cart_of, holding, shoppers
from tests.integration.cart.shop import Shop, held


def first(shopper: Shopper, key: str | None = None) -> Swap:
    return adding(shopper, no_cart_yet(shopper.store_id, shopper.customer_id, Context(datetime.now(UTC))), key)


async def creating(pool: Pool, wanted: Sequence[Swap]) -> list[Outcome]:
    async with pool.acquire() as connection, asyncio.timeout(20):
        return await save_carts.create(connection, wanted)


async def test_first_carts_are_made_together_and_who_has_one_is_shown_it(shop: Shop):
    ((known, cart),) = await shoppers(shop, 1)
    await shop.pool.execute("INSERT INTO identities VALUES ('shop', 'card-7', 'c-0', now())")
    guest, other = Shopper("shop", token_hash=b"g" * 32), Shopper("other", customer_id="c-0")
    asked = [known, guest, other, Shopper("shop", customer_id="card-7"), Shopper("shop", customer_id="new")]
    wanted = [first(one, key=f"k-{number}") for number, one in enumerate(asked)]
    outcomes = await creating(shop.pool, wanted)
    assert [one.saved for one in outcomes] == [False, True, True, False, True]
    assert [one.truth for one in outcomes] == [cart, None, None, cart, None]
    for place in (1, 2, 4):
        assert await cart_of(shop.pool, asked[place]) == wanted[place].change.cart
    assert (await shop.count("outbox"), await shop.count("keys")) == (1 + 3, 3)
    again = await creating(shop.pool, wanted[1:3])
    assert [(one.saved, one.truth) for one in again] == [(False, None)] * 2, "their keys are answered"


async def test_a_cart_that_is_being_made_elsewhere_is_not_waited_for_for_long(shop: Shop):
    making = """INSERT INTO carts (cart_id, store_id, customer_id, status, version, currency, units, total, lines,
        created_at, updated_at) VALUES ($1, 'shop', 'anna', 'active', 1, 'EUR', 1, 1, '[{}]', now(), now())"""
    wanted = [first(Shopper("shop", customer_id=name)) for name in ("anna", "ben")]
    async with holding(shop.pool, making, uuid4()):
        with pytest.raises(asyncpg.LockNotAvailableError):
            await creating(shop.pool, wanted)
        assert [one.saved for one in await creating(shop.pool, wanted[1:])] == [True]
    assert await shop.pool.fetchval("SHOW lock_timeout") == "0", "the time-out was that statement's"


async def test_a_first_add_that_meets_a_cart_adds_to_it_at_once(shop: Shop):
    """A process that has not seen a cart is told it by the statement that was to make one."""
    names = [f"c-{number}" for number in range(8)]
    await asyncio.gather(*(shop.customer(name).add("tea") for name in names))
    carts_there = await asyncio.gather(*(shop.customer(name, replica=1).add("tea") for name in names))
    assert [(held(cart), cart["version"]) for cart in carts_there] == [({"tea": 2}, 2)] * 8
    carts_there = await asyncio.gather(*(shop.customer(name).add("tea") for name in names))
    assert [(held(cart), cart["version"]) for cart in carts_there] == [({"tea": 3}, 3)] * 8
