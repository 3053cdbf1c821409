"""One after the other: commands of one shopper in one process."""

import asyncio
from weakref import WeakValueDictionary

from services.cart.domain.request import WriteRequest, in_flight
from services.cart.domain.shopper import Shopper


class Turns:
    """Without them one shopper's burst would lose races against itself, and could take every connection of the pool."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Shopper, asyncio.Lock] = WeakValueDictionary()
        self._flying: set[int] = set()

    def turn(self, shopper: Shopper, request: WriteRequest) -> "_Turn":
        """Waits for the shopper's turn. Raises `Refusal` request-in-flight for a key that is under way here."""
        lock = self._locks.get(shopper)
        if lock is None:
            lock = self._locks[shopper] = asyncio.Lock()
        return _Turn(lock, self._flying, request.lock)


class _Turn:
    """One turn: a class, for a generator takes twice as long, and each command needs one."""

    __slots__ = ("_flying", "_key", "_lock")

    def __init__(self, lock: asyncio.Lock, flying: set[int], key: int | None) -> None:
        self._lock, self._flying, self._key = lock, flying, key

    async def __aenter__(self) -> None:
        if self._key is not None:
            if self._key in self._flying:
                raise in_flight()
            self._flying.add(self._key)
        try:
            await self._lock.acquire()
        except BaseException:
            self._end()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
        self._end()

    def _end(self) -> None:
        if self._key is not None:
            self._flying.discard(self._key)
