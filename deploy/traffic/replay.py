"""One replay of a trace through a running stack, from the campaign file to the comparison with the backtest."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.local.folders import ROOT
from deploy.local.services import trigger_env
from deploy.local.stack import Stack
from deploy.traffic.agreement import Agreement, Wanted, backtested, compare, requested, skipped
from deploy.traffic.campaigns import delays, hastened
from deploy.traffic.cart_api import CartApi, Store
from deploy.traffic.drive import Driven, Driver, introduce
from deploy.traffic.effect import effect_of
from deploy.traffic.measure import spread
from deploy.traffic.report import Report, by_step
from deploy.traffic.schedule import Schedule, exact_speed, quiet_stretches
from deploy.traffic.switch import STORE, ReplayError, has_read, in_force, late_events
from deploy.traffic.trace import SHOPPING, Row
from deploy.traffic.watch import Watch
from libs.http.client import HttpClient
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns

CAMPAIGNS = ROOT / "services" / "trigger" / "campaigns" / "default.yaml"
CONNECTIONS = 16
LEAD = timedelta(seconds=1)
AFTERWARDS = timedelta(hours=1)
"""Left over after the last due time before a quiet stretch is skipped."""
GRACE_S = 20.0
ENDING_S = 60.0

Tell = Callable[[str, float], None]
"""Told what is going on and which part of it is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Run:
    """One replay: `tag` keeps its customers and campaigns apart from those of other replays."""

    tag: str
    rows: Sequence[Row]
    campaigns: CampaignFile
    speed: int

    @classmethod
    def of(cls, rows: Sequence[Row], speed: int, campaigns: Path = CAMPAIGNS) -> "Run":
        """A replay of rows; `speed` is brought to the nearest one that keeps ties exact."""
        if not rows:
            raise ReplayError("The trace is empty.")
        file = load_campaigns(campaigns)
        return cls(secrets.token_hex(3), rows, file, exact_speed(speed, delays(file)))

    @property
    def customers(self) -> str:
        """What this replay's customer ids begin with."""
        return f"replay-{self.tag}-"

    @property
    def suffix(self) -> str:
        """What this replay's campaign names end with."""
        return f"-{self.tag}"

    @property
    def users(self) -> list[str]:
        """The shoppers who do more than look, in order of their first row."""
        return list(dict.fromkeys(row.customer_id for row in self.rows if row.event in SHOPPING))

    def schedule(self, start: datetime) -> Schedule:
        """When each moment of the trace is replayed. Where nothing happens and nothing can be due, time is skipped."""
        moments = [row.at for row in self.rows]
        longest = max(delays(self.campaigns), default=timedelta()) + AFTERWARDS
        return Schedule(moments[0], start, self.speed, quiet_stretches(moments, longest, self.speed))

    @property
    def duration(self) -> timedelta:
        """How long it takes on the wall clock."""
        schedule = self.schedule(self.rows[0].at)
        return schedule.wall(self.rows[-1].at) - schedule.start


def first_users(rows: Iterable[Row], number: int | None) -> list[Row]:
    """The rows of the first `number` users in order of their first row; of all users where it is None."""
    chosen: dict[str, None] = {}
    kept = []
    for row in rows:
        if number is None or len(chosen) < number:
            chosen[row.customer_id] = None
        if row.customer_id in chosen:
            kept.append(row)
    return kept


async def replay(stack: Stack, store: Store, run: Run, trace: str, tell: Tell) -> Report:
    """Replays and reports. Raises `ReplayError`, or `HttpError` where the stack does not answer."""
    began = time.monotonic()
    settle_s = float(trigger_env(stack, lambda _: "")["TRIGGER_SETTLE_SECONDS"])
    async with (
        HttpClient(stack.cart_url, size=CONNECTIONS) as http,
        Watch(stack.cluster, stack.topic_prefix, STORE, run.customers) as watch,
    ):
        tell("the trigger reads the campaign file", 0)
        late_before = await late_events(stack)
        async with in_force(stack, hastened(run.campaigns, run.speed, run.suffix)):
            schedule, driven = await _drive(CartApi(http, store), run, tell)
            told = datetime.now(UTC)
            until = schedule.wall(run.rows[-1].at)
            expected = backtested(run.rows, StoreCampaigns.always(run.campaigns), schedule)
            await _due(watch, expected, until + timedelta(seconds=settle_s), tell)
        await _delivered(watch, tell)
        await has_read(stack, told)  # meanwhile the watch, too, hears of the last changes
    late = await late_events(stack) - late_before
    live = requested(watch.requests.values(), until, run.customers, run.suffix)
    took = time.monotonic() - began
    agreement = compare(live, expected).recorded(schedule)
    return _report(run, trace, watch, driven, settle_s, took, agreement, late=late)


async def _drive(api: CartApi, run: Run, tell: Tell) -> tuple[Schedule, Driven]:
    tell("the store knows its customers", 0)
    acting = sum(row.event in SHOPPING for row in run.rows)
    await introduce(api, run.customers, run.users)
    schedule = run.schedule(datetime.now(UTC) + LEAD)
    driver = Driver(api, schedule, run.customers)
    latest = run.rows[0].at

    def moved(row: Row) -> None:
        nonlocal latest
        latest = max(latest, row.at)
        tell(f"{latest:%a %d %b %H:%M} in the trace", driver.driven.done / acting)

    await driver.drive(run.rows, moved)
    return schedule, driver.driven


async def _due(watch: Watch, expected: Counter[Wanted], settled: datetime, tell: Tell) -> None:
    """Waits until the trigger has fired what it should have, and long enough to see what it should not have."""
    wanted = expected.total()

    def fired() -> int:
        tell("the trigger fires what was due", min(1.0, len(watch.requests) / max(1, wanted)))
        return len(watch.requests)

    settled += timedelta(seconds=3)
    await asyncio.sleep(max(0.0, (settled - datetime.now(UTC)).total_seconds()))
    await watch.until(lambda: fired() >= wanted, GRACE_S)


async def _delivered(watch: Watch, tell: Tell) -> None:
    """Waits until the notifier has ended what was asked of it."""

    def ended() -> bool:
        open_ones = len(watch.requests.keys() - watch.outcomes.keys())
        tell("the notifier ends what was asked of it", 1 - open_ones / max(1, len(watch.requests)))
        return not open_ones

    await watch.until(ended, ENDING_S)


def _report(
    run: Run,
    trace: str,
    watch: Watch,
    driven: Driven,
    settle_s: float,
    took_s: float,
    agreement: Agreement,
    *,
    late: int,
) -> Report:
    calls = {kind: spread(took) for kind, took in driven.took_s.items()}
    requests = list(watch.requests.values())
    return Report(
        trace=trace,
        run=run.tag,
        speed=run.speed,
        users=len(run.users),
        recorded_s=(run.rows[-1].at - run.rows[0].at).total_seconds(),
        skipped_s=sum(cut.length.total_seconds() for cut in run.schedule(run.rows[0].at).cuts),
        took_s=round(took_s, 1),
        rows=dict(Counter(row.event for row in run.rows)),
        cart_events=watch.cart_events,
        carts=len(watch.carts),
        episodes=len({(r.cart_id, r.cart_version) for r in requests}),
        steps=by_step(requests, watch.outcomes, run.suffix),
        calls={"all": spread(t for took in driven.took_s.values() for t in took), **calls},
        late=spread(driven.late_s),
        settle_s=settle_s,
        later_than_settle=sum(by > settle_s for by in driven.late_s),
        late_events=late,
        errors=driven.errors + watch.unreadable,
        problems=tuple(driven.problems),
        agreement=agreement,
        effect=effect_of(requests, watch.outcomes, watch.sales, run.suffix),
        skipped=skipped(run.rows, StoreCampaigns.always(run.campaigns)),
    )
