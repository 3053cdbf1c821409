"""Campaigns over the rows of a trace."""

from collections.abc import Iterable

from deploy.traffic.trace import Row
from deploy.traffic.trace_events import TraceEvents
from services.trigger.backtest.run import Run

STORE = "backtest"
Numbered = tuple[int, Row]
"""A row with its number in the trace."""


class TraceRun(Run):
    """Leads rows past all sides."""

    def rows(self, rows: Iterable[Numbered], made: TraceEvents) -> None:
        """Rows of a trace."""
        for number, row in rows:
            event = made.event(row)
            self.event(row.at, event or made.order, number)
            if event is not None and made.order is not None:
                self.learn(made.order)
