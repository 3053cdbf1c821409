"""What was worked out of an object that never changes is not worked out again. A change of a cart makes one line anew,
and leaves the others the same objects. Pure: the answer is that of the function.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class OfLine:
    """What is remembered of a line: no fields, so neither compared, copied nor put into JSON."""

    __slots__ = ("known_bytes", "known_json", "told")


class Remembered(Generic[K, V]):
    """Remembers the answers of `work`, of which none is false, in a slot of the object itself: they go when it goes, so
    that there is nothing to bound, to look up, or for a collection of garbage to look through.
    """

    def __init__(self, slot: str, work: Callable[[K], V]) -> None:
        self._slot, self._work = slot, work

    def __call__(self, of: K) -> V:
        """The answer, remembered or worked out."""
        known: V | None = getattr(of, self._slot, None)
        if known is not None:
            return known
        answer = self._work(of)
        object.__setattr__(of, self._slot, answer)  # the object is frozen, and what it says stays the same
        return answer

    def each(self, of: Iterable[K]) -> list[V]:
        """The answers of many, most of which are remembered: without a call for each."""
        slot = self._slot
        return [getattr(one, slot, None) or self(one) for one in of]
