"""Commands decided with what the store has told of prices, where that matters."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from libs.postgres.errors import PostgresError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.cart.db import prices
from services.cart.domain.cart import Cart, Change, Context
from services.cart.domain.commands import Command
from services.cart.domain.decide import decide
from services.cart.domain.limits import Limits
from services.cart.domain.prices import Priced, asked_of_store
from services.cart.handlers.batches import Batches

Told = Callable[[str, Priced], Awaitable[int | None]]
"""What a store has told that a piece of goods costs; None where it told nothing."""


class ToldPrices:
    """Asks for what many shoppers want to know at once in one statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._batches: Batches[tuple[str, Priced], tuple[int | None]] = Batches(
            self._together, self._alone, (PostgresError,)
        )

    async def __call__(self, store_id: str, goods: Priced) -> int | None:
        """As `Told`."""
        (price,) = await self._batches.ask((store_id, goods))
        return price

    async def _alone(self, asked: tuple[str, Priced]) -> tuple[int | None]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return (await prices.told(connection, *asked),)

    async def _together(self, asked: Sequence[tuple[str, Priced]]) -> list[tuple[int | None]]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return [(price,) for price in await prices.told_of_many(connection, asked)]


async def decide_with_prices(
    connection: Connection, cart: Cart, command: Command, context: Context, limits: Limits
) -> Change | None:
    """The change that a command makes, as `decide_by`."""
    return await decide_by(partial(prices.told, connection), cart, command, context, limits)


async def decide_by(told_by: Told, cart: Cart, command: Command, context: Context, limits: Limits) -> Change | None:
    """The change that a command makes. What the store has told is asked after only where it may matter: in a store that
    trusts its pages, where these do not agree.
    """
    if limits.prices == "trusted":
        change = decide(cart, command, context, limits)
        if change is None or not change.notices:
            return change
    goods = asked_of_store(cart, command, limits.prices)
    told = None if goods is None else await told_by(cart.store_id, goods)
    return decide(cart, command, context, limits, told)
