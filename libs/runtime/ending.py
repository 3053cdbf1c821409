"""How a process ends in order: nothing new is sent to it, then it takes nothing new, then what it has begun is done."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class EndingError(Exception):
    """The process is about to end."""


class Ending:
    """Two moments, `lame_duck_s` seconds apart: `begun`, from when on others should look elsewhere but are served as
    ever, and `closing`, from when on nothing new is taken. Who has something to finish then is `working`.
    """

    def __init__(self, lame_duck_s: float = 0.0) -> None:
        self._lame_duck_s = lame_duck_s
        self.begun, self.closing = asyncio.Event(), asyncio.Event()
        self._working, self._rest = 0, asyncio.Event()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Holds the end off while the block runs."""
        self._working += 1
        try:
            yield
        finally:
            self._working -= 1
            if not self._working:
                self._rest.set()

    async def come(self) -> None:
        """Begins, and returns when nobody is working any more."""
        self.begun.set()
        if not self._working:
            return
        await asyncio.sleep(self._lame_duck_s)
        self.closing.set()
        while self._working:
            self._rest.clear()
            await self._rest.wait()

    async def check(self) -> None:
        """Health check: raises as soon as the end has begun."""
        if self.begun.is_set():
            raise EndingError
