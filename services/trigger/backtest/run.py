"""Campaigns over events that pass by, one side or two beside each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from libs.contracts.events import CartEvent, Event
from services.trigger.domain.backtest import PER_ROW, Backtest, Taken
from services.trigger.domain.told import Told

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


class Rules(Protocol):
    """Who else has a say on what is due: as the notifier would by a store's rules."""

    def ask(self, one: Told, order: int) -> Iterable[Told]:
        """What becomes of a decision, if it is known by now; `order` tells it from others of that moment."""

    def before(self, moment: datetime) -> Iterable[tuple[datetime, int, Told]]:
        """What becomes of what waited, before a moment; each with when that was, and the order of its decision."""

    def through(self, moment: datetime) -> Iterable[tuple[datetime, int, Told]]:
        """The same with that of the moment itself."""

    def change(self, event: CartEvent) -> Iterable[Told]:
        """A cart that changed is one that nothing waits for any more."""

    def end(self) -> Iterable[tuple[datetime, int, Told]]:
        """What still waits when nothing more will be known."""


@dataclass(slots=True)
class Side:
    """One version of the campaigns, and where its decisions go; `rules` are the store's, where they are asked for."""

    backtest: Backtest
    take: Take
    rules: Rules | None = None

    def before(self, moment: datetime) -> None:
        """Decides what was due before a moment."""
        self._decide(self.backtest.due_before(moment))
        if self.rules is not None:
            for until, order, settled in self.rules.before(moment):
                self.take(At(until, WAITED, order), settled)

    def _decide(self, ahead: Iterable[Taken]) -> None:
        backtest, rules = self.backtest, self.rules
        for due in ahead:
            at = tuple.__new__(At, (backtest.at, DUE, backtest.order))  # by its name it costs twice as much
            if rules is None:
                self.take(at, backtest.tell(due))
            else:
                self._ask(rules, at, backtest.tell(due))

    def _ask(self, rules: Rules, at: At, one: Told) -> None:
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
        self._decide(self.backtest.due_through(moment))
        if self.rules is not None:
            for until, order, settled in self.rules.end():
                self.take(At(until, WAITED, order), settled)


@dataclass(slots=True)
class Run:
    """Leads events past all sides; `last` is the time of the newest."""

    sides: list[Side]
    last: datetime | None = None

    def event(self, moment: datetime, event: Event | None, number: int) -> None:
        """One event, the `number`-th of all, or a moment at which nothing happened that counts."""
        self.reach(moment)
        if isinstance(event, CartEvent):
            for side in self.sides:
                side.change(event, number)
        elif event is not None:
            for side in self.sides:
                side.backtest.row(number)
            self.learn(event)

    def reach(self, moment: datetime) -> None:
        """All that happened before a moment is known."""
        if self.last is None or moment > self.last:
            for side in self.sides:
                side.before(moment)
            self.last = moment

    def learn(self, event: Event) -> None:
        """What is about no cart."""
        for side in self.sides:
            side.backtest.learn(event)

    def end(self) -> None:
        """After the newest event nothing is known."""
        if self.last is not None:
            for side in self.sides:
                side.end(self.last)
