"""Whether the live stack and the backtest decided the same. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deploy.traffic.schedule import Schedule
from deploy.traffic.trace import Row
from deploy.traffic.trace_events import cart_events
from libs.contracts.events import ReminderRequested
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import StoreCampaigns


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """One reminder that was decided on: `due_at` is on the wall clock, to the microsecond."""

    due_at: datetime
    customer_id: str
    campaign: str
    step: int
    channel: str


def backtested(rows: Sequence[Row], campaigns: StoreCampaigns, schedule: Schedule) -> Counter[Wanted]:
    """What the backtest would send over a trace, as the live stack should decide it."""
    until = rows[-1].at if rows else None
    return Counter(
        Wanted(schedule.wall(d.due_at), d.customer_id or "", d.campaign, d.step, d.channel)
        for d in decisions(cart_events(rows, "replay"), campaigns, until)
        if d.outcome == "would_send"
    )


def skipped(rows: Sequence[Row], campaigns: StoreCampaigns) -> dict[str, int]:
    """Why the backtest would not send, by reason: what the live stack decides, too, and tells nobody."""
    until = rows[-1].at if rows else None
    found = decisions(cart_events(rows, "replay"), campaigns, until)
    return dict(Counter(d.reason for d in found if d.outcome == "skipped").most_common())


def requested(
    requests: Iterable[ReminderRequested], until: datetime, customer_prefix: str, campaign_suffix: str
) -> Counter[Wanted]:
    """What the live stack asked for with a due time up to `until`, under the trace's own names.

    The same reminder asked for twice is one: its id says so, and whoever reads the topic drops the second.
    """
    distinct = {r.reminder_id: r for r in requests if r.due_at <= until}
    return Counter(
        Wanted(
            r.due_at,
            r.customer_id.removeprefix(customer_prefix),
            r.campaign.removesuffix(campaign_suffix),
            r.step,
            r.channel,
        )
        for r in distinct.values()
    )


@dataclass(frozen=True, slots=True)
class Agreement:
    """What both decided, and what only one of them did, in order of due time."""

    both: int
    only_live: tuple[Wanted, ...]
    only_backtest: tuple[Wanted, ...]

    def recorded(self, schedule: Schedule) -> "Agreement":
        """The same with the differences' due times as they were in the trace, to the second."""

        def back(found: tuple[Wanted, ...]) -> tuple[Wanted, ...]:
            half = timedelta(seconds=0.5)
            times = [(schedule.recorded(one.due_at) + half).replace(microsecond=0) for one in found]
            return tuple(replace(one, due_at=due_at) for one, due_at in zip(found, times, strict=True))

        return Agreement(self.both, back(self.only_live), back(self.only_backtest))

    @property
    def holds(self) -> bool:
        """Whether there is no difference."""
        return not self.only_live and not self.only_backtest


def compare(live: Counter[Wanted], backtest: Counter[Wanted]) -> Agreement:
    """Holds the two against each other."""
    return Agreement(
        (live & backtest).total(),
        tuple(sorted((live - backtest).elements())),
        tuple(sorted((backtest - live).elements())),
    )
