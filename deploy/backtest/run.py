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
        """Rows of a trace. What comes to nothing is passed over: how far rows reach is for the caller to say."""
        for number, row in rows:
            event = made.event(row)
            if event is not None:
                self.event(row.at, event, number)
                if made.order is not None:
                    self.learn(made.order)
            elif made.order is not None:
                self.event(row.at, made.order, number)
