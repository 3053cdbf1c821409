"""Who would have been messaged, when, and why others not: the live decisions over recorded events. Pure.

An agenda of due times stands for the tables of timers and fan-outs, the events' own times for the clock; what an event
means and what is due is decided by the functions that decide live.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from libs.contracts.events import CartEvent, Event
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply, goes_on, why_voided
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import decide, judge
from services.trigger.domain.occasions import Key
from services.trigger.domain.orders import Customer
from services.trigger.domain.participation import Participants
from services.trigger.domain.reach import Reach
from services.trigger.domain.stock_levels import Crossing
from services.trigger.domain.told import Told, told, told_of_step
from services.trigger.domain.traced.agenda import Agenda
from services.trigger.domain.traced.episodes import TAKEN_OVER, Due, TracedEpisode
from services.trigger.domain.traced.facts import TracedFacts
from services.trigger.domain.traced.items import TracedItems
from services.trigger.domain.traced.lanes import Away
from services.trigger.domain.traced.occasions import TracedOccasions
from services.trigger.domain.traced.plans import Plans

TOLD_AGAIN_WITHIN = timedelta(days=1)
"""For so long a closed cart is known, so that what is read again does not open it."""
_NEVER = datetime.min.replace(tzinfo=UTC)
PER_ROW = 1 << 16
"""So many steps and occasions may be planned by what one row tells."""

CampaignsOf = Callable[[str], StoreCampaigns]
Taken = Due | Decision
"""A step of a cart that is due, or what was decided on something else."""


class Backtest:
    """Carts and planned steps while events pass by, in order of time; those of one moment in any that keeps each
    cart's.

    Memory is that of the open carts and the steps ahead. Where events are `fresh` (each one is told once, and changes
    the goods of its cart) it is that of the steps ahead alone: what has been decided on is forgotten. Without `items`
    nothing is told of levels and prices, and who holds what is not kept for them. Of carts that have changed since, the
    steps ahead are `away` until they are due, where that is given.
    """

    def __init__(
        self,
        campaigns: StoreCampaigns | CampaignsOf,
        *,
        fresh: bool = False,
        items: bool = True,
        away: Away | None = None,
    ) -> None:
        self.campaigns = campaigns if callable(campaigns) else lambda _: campaigns
        self._fresh = fresh
        self._carts: dict[UUID, TracedEpisode] = {}
        self._closed: deque[tuple[datetime, UUID]] = deque()
        self._agenda = Agenda(away)
        self._following = 0
        self._plans = Plans()
        self.at = _NEVER
        """When that was taken out last was to be looked at."""
        self.order = 0
        """Of what was taken out last: among what is due at one moment the least comes first."""
        self.participants = Participants()
        self._facts = TracedFacts(self.campaigns, items=items)
        self._items = TracedItems(self.campaigns, self._facts) if items else None
        self._occasions = TracedOccasions(self.campaigns, self._facts)

    def reach_of(self, customer: Customer) -> Reach | None:
        """How a customer of a store can be reached by now, if it is known."""
        return self._facts.reach.get(customer)

    def row(self, number: int) -> None:
        """What is told next stands in the row of that number: by that, what is due at one moment has an order."""
        self._following = number * PER_ROW

    def due_before(self, moment: datetime) -> Iterator[Taken]:
        """Takes out what was due strictly before a moment: a change at that very moment still counts."""
        while (at := self._agenda.begins) is not None and at < moment:
            if isinstance(taken := self._take(), Due):
                yield taken
            else:
                yield from taken

    def due_through(self, moment: datetime) -> Iterator[Taken]:
        """Takes out what was due up to and including a moment after which nothing more will be read."""
        while (at := self._agenda.begins) is not None and at <= moment:
            if isinstance(taken := self._take(), Due):
                yield taken
            else:
                yield from taken

    def decide(self, due: Taken) -> Decision:
        """The decision on what was taken out."""
        if isinstance(due, Decision):
            return due
        facts, state = self._facts.of(due.state), self._with_reach(due.state)
        return decide(state, due.ahead.at(state.quiet_since), due.skip, self.participants, facts)

    def tell(self, due: Taken) -> Told:
        """What that decision says; where the step is skipped in any case, without the work of one."""
        if isinstance(due, Decision):
            return told(due, due.step_name or "", None)
        state, (planned, after, lateness), skip = due
        due_at, arm = state.quiet_since + after, None
        if skip is None:
            facts, state = self._facts.of(state), self._with_reach(state)
            skip, arm = judge(state, planned, due_at, None, self.participants, facts)
        return told_of_step(state, planned, due_at, lateness, skip, arm)

    def _take(self) -> Due | tuple[Decision, ...]:
        self.at, self.order, episode = self._agenda.take()
        if not isinstance(episode, TracedEpisode):
            return self._decide_other(self.at, episode)
        state, ahead = episode.state, episode.steps[episode.done]
        episode.done += 1
        if episode.done < len(episode.steps):
            self._agenda.put_step(episode)
        elif self._fresh and episode.current:
            del self._carts[state.cart_id]
        ended = episode.ended(ahead.planned)
        if ended == TAKEN_OVER:
            return ()
        return tuple.__new__(Due, (state, ahead, ended or ahead.planned.skip))  # by its name it costs twice as much

    def _decide_other(self, at: datetime, one: Crossing | Key) -> tuple[Decision, ...]:
        if isinstance(one, Crossing):
            return self._items.decide(one, at, self.participants) if self._items is not None else ()
        decided, ahead = self._occasions.decide(one, at, self.participants)
        for again, key in ahead:
            self._agenda.put(again, self.order, key)
        return decided

    def learn(self, event: Event) -> None:
        """Takes in what is not about a cart."""
        self._facts.learn(event)
        for crossing in self._items.learn(event) if self._items is not None else ():
            self._push(crossing.begins_at, crossing)
        self._follow(event)

    def _follow(self, event: Event) -> None:
        for at, key in self._occasions.learn(event):
            self._push(at, key)

    def _push(self, at: datetime, one: Crossing | Key) -> None:
        self._agenda.put(at, self._following, one)
        self._following += 1

    def _with_reach(self, state: CartState) -> CartState:
        """The cart with how its customer can be reached now."""
        known = self._facts.reach
        reach = known.get((state.store_id, state.customer_id or "")) if known else None
        return state if reach == state.reach else state._replace(reach=reach)

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
                known.void(why_voided(event))
            known.current = False
        state = self._with_reach(state)
        self._facts.cart_changed(state, event)
        self._follow(event)
        if self._items is not None:
            self._items.cart_changed(state, event)
        episode = TracedEpisode(state, self._plans.of(state, self.campaigns(event.store_id)), self._following)
        if episode.steps:
            self._agenda.put_step(episode)
            self._following += 1
        self._keep(episode, event)

    def _keep(self, episode: TracedEpisode, event: CartEvent) -> None:
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
