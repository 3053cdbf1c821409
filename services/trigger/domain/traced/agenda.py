"""What is ahead while recorded events pass by, in order of time. Pure, and small: there is much of it.

Carts that are planned alike fall due in the order in which they went quiet, so they stand in a lane, one behind the
other; only the first of each lane, and what fits into none, is sorted.
"""

from datetime import datetime
from heapq import heappop, heappush, heapreplace

from services.trigger.domain.occasions import Key
from services.trigger.domain.stock_levels import Crossing
from services.trigger.domain.traced.episodes import TracedEpisode
from services.trigger.domain.traced.lanes import Away, Lane

MOST_LANES = 256
"""Carts of which every one is planned otherwise (by windows) would make a lane each."""

What = TracedEpisode | Crossing | Key


Entry = tuple[datetime, int, What, Lane | None]


class Agenda:
    """What falls due at one moment comes in its `order`. Memory is that of carts that are as they were planned; those
    that have changed since are `away`, or in hand as well where nothing is.
    """

    def __init__(self, away: Away | None = None) -> None:
        self._away = away
        self._sorted: list[Entry] = []
        self._lanes: dict[tuple[int, int], Lane] = {}

    @property
    def begins(self) -> datetime | None:
        """When the first falls due, if there is anything."""
        return self._sorted[0][0] if self._sorted else None

    def put(self, at: datetime, order: int, what: What) -> None:
        """Something that falls due then."""
        heappush(self._sorted, (at, order, what, None))

    def put_step(self, episode: TracedEpisode) -> None:
        """The step that is ahead of an episode."""
        steps, done, at, order = episode.steps, episode.done, episode.due_at, episode.order
        key = (id(steps), done)
        lane = self._lanes.get(key)
        if lane is None and len(self._lanes) < MOST_LANES:
            lane = self._lanes[key] = Lane(steps, done, self._away)
        if lane is None:
            heappush(self._sorted, (at, order, episode, None))
        elif not lane.sorted:
            lane.sorted, lane.last_at, lane.last_order = True, at, order
            heappush(self._sorted, (at, order, episode, lane))
        elif at > lane.last_at or (at == lane.last_at and order > lane.last_order):
            lane.last_at, lane.last_order = at, order
            lane.append(episode)
        else:
            heappush(self._sorted, (at, order, episode, None))

    def take(self) -> tuple[datetime, int, What]:
        """Takes out what falls due first. Raises `IndexError` where there is nothing."""
        at, order, what, lane = self._sorted[0]
        following = lane.popleft() if lane is not None else None
        if lane is not None and following is not None:
            due_at = following.state.quiet_since + lane.due
            heapreplace(self._sorted, (due_at, following.order, following, lane))
            return at, order, what
        heappop(self._sorted)
        if lane is not None:
            lane.sorted = False
        return at, order, what
