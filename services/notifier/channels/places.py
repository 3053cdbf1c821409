"""The places that a provider has for connections of this process: so many at once, given out together."""

import asyncio
from collections import deque
from typing import Any, Final

from services.notifier.channels.outcome import Outcome, Postponed
from services.notifier.domain.lanes import HANGS_S

LONGEST_WAIT_S: Final = 10.0
"""So long a message waits for its place: less than after what it would seem to hang (`domain/lanes`)."""
GATHER_S: Final = 0.02
"""So long a free place waits at most for others to become free."""


class Places:
    """`most` at once; of those who have one for longer than `HANGS_S` as many again do not count.

    Whoever finds none waits, the first first, until all are free or as many as wait, or for `GATHER_S` after one became
    free: what goes on together asks and writes together (`decisions/speed.md`).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: dict[object, asyncio.TimerHandle] = {}
        self._hanging: set[object] = set()
        self._waiting: deque[asyncio.Future[object]] = deque()
        self._gathering: asyncio.TimerHandle | None = None

    async def take(self) -> object:
        """A place, to be given back. Raises `TimeoutError` where none became free in time."""
        if not self._waiting and len(self._taken) < self._most:
            return self._a_place()
        turn: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                return await turn
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
                self._gather()
            elif not turn.cancelled():  # it was called in the moment in which it gave up
                self.give_back(turn.result())
            raise

    def give_back(self, place: object) -> None:
        """It is free for the next one, if it was not already because it hung."""
        self._hanging.discard(place)
        if timer := self._taken.pop(place, None):
            timer.cancel()
            self._gather()

    def _a_place(self) -> object:
        place = object()
        self._taken[place] = asyncio.get_running_loop().call_later(HANGS_S, self._hangs, place)
        return place

    def _hangs(self, place: object) -> None:
        if len(self._hanging) < self._most:
            self._hanging.add(place)
            del self._taken[place]
            self._gather()

    def _gather(self) -> None:
        if self._most - len(self._taken) >= min(self._most, len(self._waiting)):
            self._call()
        elif self._gathering is None:
            self._gathering = asyncio.get_running_loop().call_later(GATHER_S, self._call)

    def _call(self) -> None:
        if self._gathering is not None:
            self._gathering.cancel()
            self._gathering = None
        while self._waiting and len(self._taken) < self._most:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(self._a_place())


class Placed:
    """Sends as its provider does, `most` messages at once. The place comes before the last word, which is as fresh as
    ever.
    """

    def __init__(self, name: str, provider: Any, most: int) -> None:  # noqa: ANN401 - of any channel
        self._name, self._provider, self._places = name, provider, Places(most)

    async def send(self, *message: Any, **more: Any) -> Outcome:  # noqa: ANN401 - each channel has a port of its own
        """What the provider says, or that it has no place for us: then nobody was asked."""
        try:
            place = await self._places.take()
        except TimeoutError:
            return Postponed(f"{self._name}_busy", LONGEST_WAIT_S, asked=False)
        try:
            outcome: Outcome = await self._provider.send(*message, **more)
            return outcome
        finally:
            self._places.give_back(place)

    async def close(self) -> None:
        """Closes the provider's connections."""
        await self._provider.close()
