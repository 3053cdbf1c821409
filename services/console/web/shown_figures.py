"""What the pages ask of the figures, in one place: they come from the same functions as the API's."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Protocol

from libs.runtime.clock import Clock
from services.console.domain.figures import Experiment, Funnel, Revenue, Today, Week
from services.console.domain.messages import Entry, Messages


class Figures(Protocol):
    """The figures of stores, as of now."""

    async def today(self, store_id: str, /) -> Today:
        """The first page's."""

    async def funnel(self, store_id: str, days: int) -> Funnel:
        """What became of the campaigns' steps in the last days."""

    async def experiments(self, store_id: str, /) -> Sequence[Experiment]:
        """Campaigns whose people are divided."""

    async def messages(self, store_id: str, wanted: dict[str, str], after: str, /) -> Messages:
        """Messages one by one; `wanted` by state, reason, campaign, step, channel."""

    async def customer_timeline(self, store_id: str, customer_id: str, /) -> Sequence[Entry]:
        """What was read of a customer."""


def _empty_week(until: date) -> Week:
    since = until - timedelta(days=6)
    return Week(since, until, 0, 0, Revenue(), reminded=None, held_out=None, more=None)


class NoFigures:
    """Of a console that has read nothing yet."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def today(self, _store_id: str) -> Today:
        """Nothing."""
        now = self._clock()
        day, none = now.date(), Revenue()
        this, last = (_empty_week(day - timedelta(days=7 * n)) for n in (0, 1))
        return Today(now, day, 0, 0, 0, 0, revenue=none, this_week=this, last_week=last)

    async def funnel(self, store_id: str, days: int) -> Funnel:
        """Nothing."""
        now = self._clock()
        return Funnel(store_id, now.date() - timedelta(days=days - 1), now.date(), now, ())

    async def experiments(self, _store_id: str) -> Sequence[Experiment]:
        """None."""
        return ()

    async def messages(self, _store_id: str, _wanted: dict[str, str], _after: str) -> Messages:
        """None."""
        return Messages((), None)

    async def customer_timeline(self, _store_id: str, _customer_id: str) -> Sequence[Entry]:
        """None."""
        return ()
