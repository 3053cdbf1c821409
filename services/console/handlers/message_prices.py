"""What messages cost a shop: said once, and counted by wherever messages are."""

from collections.abc import Mapping
from decimal import Decimal

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.console.db import message_prices


class MessagePrices:
    """Prices by channel, in the store's currency: of a letter, and of a segment of a text."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, store_id: str) -> dict[str, Decimal]:
        """What a store has said; nothing of channels of which it has said nothing."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await message_prices.read(connection, store_id)

    async def say(self, store_id: str, prices: Mapping[str, Decimal]) -> None:
        """Says some of them anew."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await message_prices.keep(connection, store_id, prices)
