"""Who would have been messaged, when, and why others not: the live decisions over recorded events. Pure.

A heap of due times stands for the timers' table, the events' own times for the clock; what an event means and what is
due is decided by the functions that decide live.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import CartEvent, Event
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply, goes_on, why_voided
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import decide, plan
from services.trigger.domain.exits import Exits
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Participants
from services.trigger.domain.told import Told, skipped, told
from services.trigger.domain.traced_facts import TracedFacts

TAKEN_OVER = "taken_over"
TOLD_AGAIN_WITHIN = timedelta(days=1)
"""For so long a closed cart is known, so that what is read again does not open it."""
_MOST_ALIKE = 1_000

CampaignsOf = Callable[[str], StoreCampaigns]


class _Ahead(NamedTuple):
    """A step as all episodes have it that are planned alike: when it is due and too late, counted from the quiet."""

    planned: Planned
    due: timedelta
    lateness: timedelta

    def at(self, quiet_since: datetime) -> Planned:
        """The step of an episode."""
        due_at = quiet_since + self.due
        return self.planned._replace(due_at=due_at, expires_at=due_at + self.lateness)


class _Episode:
    """A cart as it went quiet, and its steps in order of due time, of which `done` are over. Small: there are many."""

    __slots__ = ("current", "done", "goes_on_as", "state", "steps", "voided")

    def __init__(self, state: CartState, steps: tuple[_Ahead, ...]) -> None:
        self.state, self.steps = state, steps
        self.done = 0
        self.current = True
        self.voided: str | None = None
        self.goes_on_as: CartState | None = None
        """The cart as the episode knows it in which it goes on, with the steps that were ahead."""

    def ended(self, exit_on: Exits) -> str | None:
        """Why a step's time never came, or None; `TAKEN_OVER` where it comes in the next episode."""
        if self.goes_on_as is None:
            return self.voided
        return "ordered" if self.goes_on_as.ended_by_order(exit_on) else TAKEN_OVER


class Due(NamedTuple):
    """A step of a cart that is due, and why that is skipped whoever it is for."""

    state: CartState
    ahead: _Ahead
    skip: str | None


class Backtest:
    """Carts and planned steps while events pass by, in order of time; those of one moment in any that keeps each
    cart's.

    Memory is that of the open carts and the steps ahead. Where events are `fresh` (each one is told once, and changes
    the goods of its cart) it is that of the steps ahead alone: what has been decided on is forgotten.
    """

    def __init__(self, campaigns: StoreCampaigns | CampaignsOf, *, fresh: bool = False) -> None:
        self._campaigns = campaigns if callable(campaigns) else lambda _: campaigns
        self._fresh = fresh
        self._carts: dict[UUID, _Episode] = {}
        self._closed: deque[tuple[datetime, UUID]] = deque()
        self._planned: list[tuple[datetime, int, _Episode]] = []
        self._order = count()
        self._alike: dict[object, tuple[_Ahead, ...]] = {}
        self.participants = Participants()
        self._facts = TracedFacts(self._campaigns)

    def due_before(self, moment: datetime) -> Iterator[Due]:
        """Takes out what was due strictly before a moment: a change at that very moment still counts."""
        while self._planned and self._planned[0][0] < moment:
            yield from self._take()

    def due_through(self, moment: datetime) -> Iterator[Due]:
        """Takes out what was due up to and including a moment after which nothing more will be read."""
        while self._planned and self._planned[0][0] <= moment:
            yield from self._take()

    def decide(self, due: Due) -> Decision:
        """The decision on a step that was taken out."""
        facts = self._facts.of(due.state)
        return decide(due.state, due.ahead.at(due.state.quiet_since), due.skip, self.participants, facts)

    def tell(self, due: Due) -> Told:
        """What that decision says; where the step is skipped in any case, without the work of one."""
        state, ahead, skip = due
        if skip is None:
            return told(self.decide(due), ahead.planned.name, state)
        due_at = state.quiet_since + ahead.due
        return skipped(state, ahead.planned, due_at, due_at + ahead.lateness, skip)

    def _take(self) -> Iterator[Due]:
        _, order, episode = self._planned[0]
        state, ahead = episode.state, episode.steps[episode.done]
        episode.done += 1
        if episode.done < len(episode.steps):
            following = state.quiet_since + episode.steps[episode.done].due
            heapreplace(self._planned, (following, order, episode))
        else:
            heappop(self._planned)
            if self._fresh and episode.current:
                del self._carts[state.cart_id]
        ended = episode.ended(ahead.planned.exit_on)
        if ended != TAKEN_OVER:
            yield Due(state, ahead, ended or ahead.planned.skip)

    def learn(self, event: Event) -> None:
        """Takes in what is not about a cart."""
        self._facts.learn(event)

    def apply(self, event: CartEvent) -> None:
        """A change of goods ends the cart's episode and plans the next; any other plans anew what was ahead."""
        known = self._carts.get(event.cart_id)
        state = apply(known.state if known else None, event)
        if known is not None:
            if state is known.state:
                return
            if goes_on(known.state, event):
                known.goes_on_as = state
            else:
                known.voided = why_voided(event)
            known.current = False
        self._facts.cart_changed(state, event)
        episode = _Episode(state, self._plan(state, event.store_id))
        if episode.steps:
            heappush(self._planned, (state.quiet_since + episode.steps[0].due, next(self._order), episode))
        self._keep(episode, event)

    def _plan(self, state: CartState, store_id: str) -> tuple[_Ahead, ...]:
        """What is ahead of a cart. Where no window has a say all carts have it alike, and share it."""
        quiet_since = state.quiet_since
        steps = [one for one in plan(state, self._campaigns(store_id)) if one.due_at >= state.decided_until]
        if len(steps) > 1:
            steps.sort(key=_due_at)
        times = [(one.due_at - quiet_since, one.expires_at - one.due_at) for one in steps]
        alike = tuple([(*_what(one), *at) for one, at in zip(steps, times, strict=True)])
        found = self._alike.get((store_id, alike))
        if found is None:
            if len(self._alike) > _MOST_ALIKE:
                self._alike.clear()
            pairs = zip(steps, times, strict=True)
            found = self._alike[store_id, alike] = tuple(_Ahead(one, *at) for one, at in pairs)
        return found

    def _keep(self, episode: _Episode, event: CartEvent) -> None:
        if not self._fresh or episode.steps:
            self._carts[event.cart_id] = episode
        else:
            self._carts.pop(event.cart_id, None)
        if self._fresh:
            return
        while self._closed and self._closed[0][0] < event.occurred_at - TOLD_AGAIN_WITHIN:
            self._carts.pop(self._closed.popleft()[1], None)
        if episode.state.closed:
            self._closed.append((event.occurred_at, event.cart_id))


def _what(planned: Planned) -> tuple[object, ...]:
    before = tuple([one.name for one in planned.behind]) if planned.behind else ()
    return planned.campaign.name, planned.number, planned.skip, before


def _due_at(planned: Planned) -> datetime:
    return planned.due_at


def decisions(
    events: Iterable[Event], campaigns: StoreCampaigns | CampaignsOf, until: datetime | None = None
) -> Iterator[Decision]:
    """One decision for each step of each episode that was due by `until` (the last event's time where None).

    `events` come in order of time; those of one moment in any order that keeps each cart's. Decisions come in order
    of due time.
    """
    backtest = Backtest(campaigns)
    last: datetime | None = None
    for event in events:
        last = event.occurred_at if last is None else max(last, event.occurred_at)
        if until is not None and event.occurred_at > until:
            break
        yield from map(backtest.decide, backtest.due_before(event.occurred_at))
        if isinstance(event, CartEvent):
            backtest.apply(event)
        else:
            backtest.learn(event)
    end = until or last
    if end is not None:
        yield from map(backtest.decide, backtest.due_through(end))
