"""What the pages ask of the figures, in one place: they come from the same functions as the API's."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from services.console.domain.figures import Experiment, Funnel, Today
from services.console.domain.messages import Entry, Messages
from services.console.domain.upcoming import Upcoming

Planned = Mapping[str, Mapping[str, float]]
"""Campaign, then arm, to its share."""


class Figures(Protocol):
    """The figures of stores, as of now."""

    async def today(self, store_id: str, /) -> Today:
        """The first page's."""

    async def funnel(self, store_id: str, days: int) -> Funnel:
        """What became of the campaigns' steps in the last days."""

    async def experiments(self, store_id: str, /, *, planned: Planned | None = None) -> Sequence[Experiment]:
        """Campaigns whose people are divided; `planned` has the share of each arm, where it is known."""

    async def messages(self, store_id: str, wanted: dict[str, str], after: str, /) -> Messages:
        """Messages one by one; `wanted` by state, reason, campaign, step, channel, provider."""

    async def providers(self, store_id: str, /) -> Sequence[str]:
        """By whom the newest messages went."""

    async def customer_timeline(self, store_id: str, customer_id: str, /) -> Sequence[Entry]:
        """What was read of a customer."""

    async def upcoming(self, store_id: str, delays: Collection[timedelta], /) -> Upcoming:
        """What is ahead, carts by the delays of steps."""
