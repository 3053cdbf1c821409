"""Changes of carts as the service would save them, and transactions of others that stand in their way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from libs.postgres.pool import Connection, Pool
from services.cart.db import carts, save_carts
from services.cart.db.save_cart import Swap
from services.cart.domain.cart import Cart, Context
from services.cart.domain.cart_json import cart_view, lines_json
from services.cart.domain.commands import AddLine
from services.cart.domain.decide import decide
from services.cart.domain.line_patch import changed_place
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.cart_answers import answer_with
from tests.integration.cart.shop import LINE, Shop


async def cart_of(pool: Pool, shopper: Shopper) -> Cart:
    async with pool.acquire() as connection:
        row = await carts.read(connection, shopper)
    assert row is not None
    return carts.cart_of(row)


def adding(shopper: Shopper, cart: Cart, key: str | None = None, sku: str = "tea") -> Swap:
    """One unit more, decided on this state of the cart."""
    request = WriteRequest(shopper.store_id, shopper.caller, b"f" * 32, key=key)
    change = decide(cart, AddLine.model_validate(LINE | {"sku": sku}), Context(datetime.now(UTC)))
    assert change is not None
    lines = lines_json(change.cart)
    place = changed_place(cart.lines, change.cart.lines)
    return Swap(shopper, change, lines, answer_with(cart_view(change.cart, lines)), request, place)


@asynccontextmanager
async def holding(pool: Pool, statement: str, *arguments: object) -> AsyncIterator[Connection]:
    """Somebody else's transaction that has done this and does not end."""
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(statement, *arguments)
        yield connection
        await transaction.rollback()


async def together(pool: Pool, wanted: Sequence[Swap]) -> set[int]:
    async with pool.acquire() as connection, asyncio.timeout(20):
        outcomes = await save_carts.swap(connection, wanted)
    return {place for place, outcome in enumerate(outcomes) if outcome.saved}


async def shoppers(shop: Shop, count: int) -> list[tuple[Shopper, Cart]]:
    found = []
    for number in range(count):
        await shop.customer(f"c-{number}").add("milk")
        shopper = Shopper("shop", customer_id=f"c-{number}")
        found.append((shopper, await cart_of(shop.pool, shopper)))
    return found
