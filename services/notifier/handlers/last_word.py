"""The last thing that is asked before a message is handed over: is it still ours to send, and still true?"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.handlers.ends import End
from services.notifier.metrics import LOOK_AGE
from services.notifier.rendering.copies import Copy

FRESH_S: Final = 0.2
"""How old a look may be when the provider is given the message: an order that is older is seen."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A look, and when it was asked for, by `perf_counter`: from then on it may be out of date."""

    snapshot: CartSnapshot
    asked: float


class LastWord:
    """Begins the sending, and looks again where the look is old; `copy` is of what is written.

    Where it says no, `end` says why; without one somebody else has the delivery by now.
    """

    def __init__(
        self,
        looked: Looked,
        begin: Callable[[], Awaitable[bool | End]],
        look: Callable[[], Awaitable[Looked | End]],
        copy: Copy | None = None,
    ) -> None:
        self._looked, self._begin, self._look, self.copy = looked, begin, look, copy or Copy()
        self.end: End | None = None

    async def __call__(self) -> CartSnapshot | None:
        """What the message may speak of, or None where it must not go."""
        begun = await self._begin()
        if begun is not True:
            self.end = begun or None
            return None
        if perf_counter() - self._looked.asked > FRESH_S:
            again = await self._look()
            if isinstance(again, End):
                self.end = again
                return None
            self._looked = again
        LOOK_AGE.observe(perf_counter() - self._looked.asked)
        return self._looked.snapshot
