"""Campaigns over events that pass by, one side or two beside each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from deploy.traffic.trace import Row
from deploy.traffic.trace_events import TraceEvents
from libs.contracts.events import CartEvent, Event
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.told import Told

if TYPE_CHECKING:
    from deploy.backtest.rules import StoreRules

STORE = "backtest"
_TELL_EVERY = 20_000

Take = Callable[[Told], None]
Tell = Callable[[datetime, int], None]
"""Told how far it is: the time of the newest event, and how many were read."""


@dataclass(slots=True)
class Side:
    """One version of the campaigns, and where its decisions go; `rules` are the store's, where they are asked for."""

    backtest: Backtest
    take: Take
    rules: "StoreRules | None" = None

    def told(self, one: Told) -> None:
        """A decision, which the store's rules may put off or stop."""
        if self.rules is None:
            self.take(one)
            return
        for settled in self.rules.ask(one):
            self.take(settled)

    def before(self, moment: datetime) -> None:
        """Decides what was due before a moment."""
        for due in self.backtest.due_before(moment):
            self.told(self.backtest.tell(due))
        if self.rules is not None:
            for settled in self.rules.before(moment):
                self.take(settled)

    def change(self, event: CartEvent) -> None:
        """Takes a change of a cart in."""
        self.backtest.apply(event)
        if self.rules is not None:
            for settled in self.rules.change(event):
                self.take(settled)

    def end(self, moment: datetime) -> None:
        """Decides what was due by a moment after which nothing is known."""
        for due in self.backtest.due_through(moment):
            self.told(self.backtest.tell(due))
        if self.rules is not None:
            for settled in self.rules.end():
                self.take(settled)


@dataclass(slots=True)
class Run:
    """Leads events past all sides; `last` is the time of the newest, `read` how many there were."""

    sides: list[Side]
    tell: Tell = lambda _at, _read: None
    last: datetime | None = None
    read: int = 0
    _next_tell: int = field(default=_TELL_EVERY)

    def rows(self, rows: Iterable[Row], made: TraceEvents) -> None:
        """All rows of a trace."""
        for row in rows:
            self.event(row.at, made.event(row))
            if made.order is not None:
                self.learn(made.order)

    def event(self, moment: datetime, event: Event | None) -> None:
        """One event, or a moment at which nothing happened that counts."""
        if self.last is None or moment > self.last:
            for side in self.sides:
                side.before(moment)
            self.last = moment
        if isinstance(event, CartEvent):
            for side in self.sides:
                side.change(event)
        elif event is not None:
            self.learn(event)
        self.read += 1
        if self.read == self._next_tell:
            self._next_tell += _TELL_EVERY
            self.tell(moment, self.read)

    def learn(self, event: Event) -> None:
        """What is about no cart."""
        for side in self.sides:
            side.backtest.learn(event)

    def end(self) -> None:
        """After the newest event nothing is known."""
        if self.last is not None:
            for side in self.sides:
                side.end(self.last)
