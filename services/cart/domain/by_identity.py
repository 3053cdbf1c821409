"""What was worked out of an object that never changes is not worked out again. A change of a cart makes one line anew,
and leaves the others the same objects. Pure: the answer is that of the function.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
MOST = 20_000
"""Objects that are remembered, and held, at a time; a line with its texts is about 1 kB."""


class ByIdentity(Generic[K, V]):
    """Remembers the answers of `work` by the object itself: to compare two lines takes longer than most answers do."""

    def __init__(self, work: Callable[[K], V], most: int = MOST) -> None:
        self._work, self._most = work, most
        self._known: dict[int, tuple[K, V]] = {}

    def __call__(self, of: K) -> V:
        """The answer, remembered or worked out."""
        known = self._known.get(id(of))
        if known is not None:
            return known[1]  # it is this object's: what is remembered is held, and no other has its number
        answer = self._work(of)
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[id(of)] = (of, answer)
        return answer

    def each(self, of: Iterable[K]) -> list[V]:
        """The answers of many, most of which are remembered: without a call for each."""
        known = self._known
        return [answer[1] if (answer := known.get(id(one))) is not None else self(one) for one in of]
