"""Who would have been messaged, when, and why others not: the live decisions over recorded events. Pure.

A heap of due times stands for the timers' table, the events' own times for the clock; what an event means and what is
due is decided by the functions that decide live.
"""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

from libs.contracts.events import CartEvent, Event
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply, goes_on, why_voided
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import decide, plan
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.participation import Participants

TAKEN_OVER = "taken_over"


@dataclass(slots=True)
class _Episode:
    state: CartState
    voided: str | None = None
    goes_on_as: CartState | None = None
    """The cart as the episode knows it in which it goes on, with the steps that were ahead."""

    def ended(self, planned: Planned) -> str | None:
        """Why a step's time never came, or None; `TAKEN_OVER` where it comes in the next episode."""
        if self.goes_on_as is None:
            return self.voided
        return "ordered" if self.goes_on_as.ended_by_order(planned.exit_on) else TAKEN_OVER


class _Replay:
    """Carts and planned steps while events pass by."""

    def __init__(self, campaigns: Callable[[str], StoreCampaigns]) -> None:
        self._campaigns = campaigns
        self._carts: dict[UUID, _Episode] = {}
        self._planned: list[tuple[datetime, int, _Episode, Planned]] = []
        self._order = count()
        self._participants = Participants()

    def due_before(self, moment: datetime) -> Iterator[Decision]:
        """Decides what was due strictly before a moment: a change at that very moment still counts."""
        while self._planned and self._planned[0][0] < moment:
            yield from self._decide()

    def due_through(self, moment: datetime) -> Iterator[Decision]:
        """Decides what was due up to and including a moment after which nothing more will be read."""
        while self._planned and self._planned[0][0] <= moment:
            yield from self._decide()

    def _decide(self) -> Iterator[Decision]:
        _, _, episode, planned = heapq.heappop(self._planned)
        ended = episode.ended(planned)
        if ended != TAKEN_OVER:
            yield decide(episode.state, planned, ended or planned.skip, self._participants)

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
        self._carts[event.cart_id] = episode = _Episode(state)
        for planned in plan(state, self._campaigns(event.store_id)):
            if planned.due_at >= state.decided_until:
                heapq.heappush(self._planned, (planned.due_at, next(self._order), episode, planned))


def decisions(
    events: Iterable[Event], campaigns: StoreCampaigns | Callable[[str], StoreCampaigns], until: datetime | None = None
) -> Iterator[Decision]:
    """One decision for each step of each episode that was due by `until` (the last event's time where None).

    `events` come in order of time; those of one moment in any order that keeps each cart's. Decisions come in order
    of due time. Campaigns on stock are not replayed: a trace has no levels. Memory is that of the carts and the steps
    ahead.
    """
    replay = _Replay(campaigns if callable(campaigns) else lambda _: campaigns)
    last: datetime | None = None
    for event in events:
        last = event.occurred_at if last is None else max(last, event.occurred_at)
        if until is not None and event.occurred_at > until:
            break
        yield from replay.due_before(event.occurred_at)
        if isinstance(event, CartEvent):
            replay.apply(event)
    end = until or last
    if end is not None:
        yield from replay.due_through(end)


def as_line(decided: Decision) -> str:
    """A decision as a line of the backtest's output (JSON, without the line's end)."""
    return json.dumps(
        {
            "customer_id": decided.customer_id,
            "campaign": decided.campaign,
            "step": decided.step,
            "channel": decided.channel,
            "channels": list(decided.channels),
            "due_at": decided.due_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "outcome": decided.outcome,
            "reason": decided.reason,
            "cart_id": str(decided.cart_id),
            "cart_version": decided.cart_version,
            "arm": decided.variant,
        },
        ensure_ascii=False,
    )
