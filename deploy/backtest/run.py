"""Campaigns over events that pass by, one side or two beside each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from deploy.traffic.trace import Row
from deploy.traffic.trace_events import TraceEvents
from libs.contracts.events import CartEvent, Event
from services.trigger.domain.backtest import PER_ROW, Backtest
from services.trigger.domain.told import Told

if TYPE_CHECKING:
    from deploy.backtest.rules import StoreRules

STORE = "backtest"
CHANGED, WAITED, DUE = 0, 1, 2
"""What becomes known at one moment is told in this order: of carts that changed, of what waited, of what falls due."""


class At(NamedTuple):
    """Where something stands among all that is told, whoever worked it out: by time, by what made it known, by the row
    that it hangs on.
    """

    moment: datetime
    because: int
    order: int


Take = Callable[[At, Told], None]
Numbered = tuple[int, Row]
"""A row with its number in the trace."""


@dataclass(slots=True)
class Side:
    """One version of the campaigns, and where its decisions go; `rules` are the store's, where they are asked for."""

    backtest: Backtest
    take: Take
    rules: "StoreRules | None" = None

    def before(self, moment: datetime) -> None:
        """Decides what was due before a moment."""
        backtest, rules = self.backtest, self.rules
        for due in backtest.due_before(moment):
            if rules is None:
                self.take(At(backtest.at, DUE, backtest.order), backtest.tell(due))
            else:
                self._ask(rules, At(backtest.at, DUE, backtest.order), backtest.tell(due))
        if rules is not None:
            for until, order, settled in rules.before(moment):
                self.take(At(until, WAITED, order), settled)

    def _ask(self, rules: "StoreRules", at: At, one: Told) -> None:
        """A decision, which the store's rules may put off or stop: by what was sent before it."""
        for until, order, settled in rules.through(at.moment):
            self.take(At(until, WAITED, order), settled)
        for settled in rules.ask(one, at.order):
            self.take(at, settled)

    def change(self, event: CartEvent, number: int) -> None:
        """Takes a change of a cart in, which the row of that number told."""
        self.backtest.row(number)
        self.backtest.apply(event)
        if self.rules is not None:
            for settled in self.rules.change(event):
                self.take(At(event.occurred_at, CHANGED, number * PER_ROW), settled)

    def end(self, moment: datetime) -> None:
        """Decides what was due by a moment after which nothing is known."""
        backtest, rules = self.backtest, self.rules
        for due in backtest.due_through(moment):
            if rules is None:
                self.take(At(backtest.at, DUE, backtest.order), backtest.tell(due))
            else:
                self._ask(rules, At(backtest.at, DUE, backtest.order), backtest.tell(due))
        if rules is not None:
            for until, order, settled in rules.end():
                self.take(At(until, WAITED, order), settled)


@dataclass(slots=True)
class Run:
    """Leads events past all sides; `last` is the time of the newest."""

    sides: list[Side]
    last: datetime | None = None

    def rows(self, rows: Iterable[Numbered], made: TraceEvents) -> None:
        """Rows of a trace."""
        for number, row in rows:
            event = made.event(row)
            self.event(row.at, event or made.order, number)
            if event is not None and made.order is not None:
                self._learn(made.order)

    def event(self, moment: datetime, event: Event | None, number: int) -> None:
        """One event, the `number`-th of all, or a moment at which nothing happened that counts."""
        self.reach(moment)
        if isinstance(event, CartEvent):
            for side in self.sides:
                side.change(event, number)
        elif event is not None:
            for side in self.sides:
                side.backtest.row(number)
            self._learn(event)

    def reach(self, moment: datetime) -> None:
        """All that happened before a moment is known."""
        if self.last is None or moment > self.last:
            for side in self.sides:
                side.before(moment)
            self.last = moment

    def _learn(self, event: Event) -> None:
        """What is about no cart."""
        for side in self.sides:
            side.backtest.learn(event)

    def end(self) -> None:
        """After the newest event nothing is known."""
        if self.last is not None:
            for side in self.sides:
                side.end(self.last)
