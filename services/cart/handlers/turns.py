"""One after the other: commands of one shopper in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from services.cart.domain.request import WriteRequest, in_flight
from services.cart.domain.shopper import Shopper


class Turns:
    """Without them one shopper's burst would lose races against itself, and could take every connection of the pool."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Shopper, asyncio.Lock] = WeakValueDictionary()
        self._flying: set[int] = set()

    @asynccontextmanager
    async def turn(self, shopper: Shopper, request: WriteRequest) -> AsyncIterator[None]:
        """Waits for the shopper's turn. Raises `Refusal` request-in-flight for a key that is under way here."""
        key = request.lock
        if key is not None and key in self._flying:
            raise in_flight()
        lock = self._locks.get(shopper)
        if lock is None:
            lock = self._locks[shopper] = asyncio.Lock()
        try:
            if key is not None:
                self._flying.add(key)
            async with lock:
                yield
        finally:
            if key is not None:
                self._flying.discard(key)
