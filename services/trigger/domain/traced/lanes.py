"""Carts that are planned alike, one behind the other in the order in which they fall due: the first and the last in
hand, those between them packed, wherever that is. Pure, and small: there are many.
"""

import marshal
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from libs.runtime.ids import uuid_of
from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import Ahead
from services.trigger.domain.timing.numbered import moment_of, number_of
from services.trigger.domain.traced.episodes import Among, TracedEpisode

AT_ONCE = 512
IN_HAND = 8_000
"""So many of the last of a lane stay in hand: those of an hour need not be packed."""


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

    __slots__ = ("_away", "_first", "_last", "_packed", "done", "last_at", "last_order", "sorted", "steps")

    last_at: datetime
    last_order: int

    def __init__(self, steps: tuple[Ahead, ...], done: int, away: Away | None) -> None:
        self.steps, self.done, self._away = steps, done, away
        self._first, self._last = deque[TracedEpisode](), deque[TracedEpisode]()
        self._packed = deque[_Packed]()
        self.sorted = False

    def append(self, episode: TracedEpisode) -> None:
        """One that falls due after all others."""
        self._last.append(episode)
        if self._away is not None and len(self._last) >= IN_HAND + AT_ONCE:
            first = [self._last.popleft() for _ in range(AT_ONCE)]
            number = self._away.put(marshal.dumps([_packed(one.state, one.order) for one in first]))
            self._packed.append(_Packed(number, _among(first)))

    def popleft(self) -> TracedEpisode | None:
        """Takes out the first; None where there is none."""
        if not self._first:
            if self._packed and self._away is not None:
                number, among = self._packed.popleft()
                self._first.extend(self._unpacked(marshal.loads(self._away.take(number)), among))  # noqa: S302 - as put
            else:
                self._first, self._last = self._last, self._first
        return self._first.popleft() if self._first else None

    def _unpacked(self, packed: Sequence[tuple[Any, ...]], among: Among) -> list[TracedEpisode]:
        found = []
        for one, what in zip(packed, among, strict=True):
            if isinstance(what, TracedEpisode):
                what.among = None
                found.append(what)
            else:
                episode = TracedEpisode(_state(one), self.steps, one[0])
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


def _packed(state: CartState, order: int) -> tuple[Any, ...]:
    """All that stands in it, but for how its customer can be reached: whose that is known is not packed."""
    quiet_since, checkout = number_of(state.quiet_since), state.checkout_since
    decided = quiet_since if state.decided_until is state.quiet_since else number_of(state.decided_until)
    begun = None if checkout is None else number_of(checkout)
    return order, state.cart_id.int, state[1:5], quiet_since, state[6:10], decided, state[11:14], begun


def _state(packed: tuple[Any, ...]) -> CartState:
    _, cart_id, who, quiet, holds, decided, told, begun = packed
    quiet_since = moment_of(quiet)
    decided_until = quiet_since if decided == quiet else moment_of(decided)
    checkout_since = None if begun is None else moment_of(begun)
    of_cart = (uuid_of(cart_id), *who, quiet_since, *holds, decided_until, *told, checkout_since, None)
    return tuple.__new__(CartState, of_cart)  # by its name a named tuple costs twice as much
