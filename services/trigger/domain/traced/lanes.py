"""Carts that are planned alike, one behind the other in the order in which they fall due: the first and the last in
hand, those between them packed, wherever that is. Pure, and small: there are many.
"""

import marshal
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, NamedTuple, Protocol

from libs.runtime.ids import uuid_of
from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import Ahead
from services.trigger.domain.timing.numbered import moment_of, number_of
from services.trigger.domain.traced.episodes import Among, TracedEpisode

AT_ONCE = 512
IN_HAND = 8_000
"""So many of the last of a lane stay in hand: those of an hour need not be packed."""


_CART_ID, _QUIET_SINCE, _DECIDED_UNTIL, _CHECKOUT_SINCE, _REACH = map(
    CartState._fields.index, ("cart_id", "quiet_since", "decided_until", "checkout_since", "reach")
)
_MOMENTS = (_QUIET_SINCE, _DECIDED_UNTIL, _CHECKOUT_SINCE)


class Away(Protocol):
    """Where packed episodes are until it is their turn: on disk."""

    def put(self, packed: bytes) -> int:
        """Takes them; by the number they are found again."""

    def take(self, number: int) -> bytes:
        """Gives them back, once."""


class _Packed(NamedTuple):
    """Episodes that are away: of each why it was voided, or itself where a change may still end it."""

    number: int
    among: Among


class Lane:
    """Episodes with the same `steps`, of which `done` are over. The first one stands elsewhere while it is `sorted`;
    the last of them, or that one, is due at `last_at`: known once one is.
    """

    __slots__ = ("_away", "_first", "_last", "_packed", "done", "due", "last_at", "last_order", "sorted", "steps")

    last_at: datetime
    last_order: int

    def __init__(self, steps: tuple[Ahead, ...], done: int, away: Away | None) -> None:
        self.steps, self.done, self._away = steps, done, away
        self.due = steps[done].due
        self._first, self._last = deque[TracedEpisode](), deque[TracedEpisode]()
        self._packed = deque[_Packed]()
        self.sorted = False

    def append(self, episode: TracedEpisode) -> None:
        """One that falls due after all others."""
        self._last.append(episode)
        if self._away is not None and len(self._last) >= IN_HAND + AT_ONCE:
            first = [self._last.popleft() for _ in range(AT_ONCE)]
            self._packed.append(_Packed(self._away.put(_packed(first)), _among(first)))

    def popleft(self) -> TracedEpisode | None:
        """Takes out the first; None where there is none."""
        if not self._first:
            if self._packed and self._away is not None:
                number, among = self._packed.popleft()
                self._first.extend(self._unpacked(self._away.take(number), among))
            else:
                self._first, self._last = self._last, self._first
        return self._first.popleft() if self._first else None

    def _unpacked(self, packed: bytes, among: Among) -> list[TracedEpisode]:
        found = []
        for (order, state), what in zip(_states(packed), among, strict=True):
            if isinstance(what, TracedEpisode):
                what.among = None
                found.append(what)
            else:
                # by its name a named tuple costs twice as much
                episode = TracedEpisode(tuple.__new__(CartState, state), self.steps, order)
                episode.done, episode.current, episode.voided = self.done, False, what
                found.append(episode)
        return found


def _among(episodes: Sequence[TracedEpisode]) -> Among:
    """What stays in hand of each: of one that was voided, or may be while it is away, no more than why."""
    among: Among = []
    for place, one in enumerate(episodes):
        if one.goes_on_as is not None or one.state.reach is not None:
            among.append(one)
        elif one.voided is not None:
            among.append(one.voided)
        else:
            one.among, one.place = among, place
            among.append(one)
    return among


def _packed(episodes: Sequence[TracedEpisode]) -> bytes:
    """All that stands in them, field by field, which costs half as much as one by one; but for how their customers can
    be reached: whose that is known is not packed.
    """
    fields: list[Any] = [*zip(*[one.state for one in episodes], strict=True)][:_REACH]
    alike = fields[_DECIDED_UNTIL] == fields[_QUIET_SINCE]
    for place in _MOMENTS:
        fields[place] = [None if one is None else number_of(one) for one in fields[place]]
    if alike:
        fields[_DECIDED_UNTIL] = None
    fields[_CART_ID] = [one.int for one in fields[_CART_ID]]
    return marshal.dumps(([one.order for one in episodes], fields))


def _states(packed: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Of each its order, and its state."""
    orders, fields = marshal.loads(packed)  # noqa: S302 - as packed
    fields[_CART_ID] = map(uuid_of, fields[_CART_ID])
    for place in _MOMENTS:
        fields[place] = [None if one is None else moment_of(one) for one in fields[place] or ()]
    fields[_DECIDED_UNTIL] = fields[_DECIDED_UNTIL] or fields[_QUIET_SINCE]
    return zip(orders, zip(*fields, repeat(None)), strict=False)
