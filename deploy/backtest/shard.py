"""A share of a backtest's shoppers: what is tried, over their rows, and the lines that it gives."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from deploy.backtest.run import STORE, Numbered, TraceRun
from deploy.traffic.trace import VIEW
from deploy.traffic.trace_events import TraceEvents
from libs.contracts.events import Event
from services.trigger.backtest.compare import AFTER, BEFORE, Comparison
from services.trigger.backtest.on_disk import OnDisk
from services.trigger.backtest.people import People
from services.trigger.backtest.policy import Held
from services.trigger.backtest.run import At, Side
from services.trigger.backtest.summary import Summary
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.kinds.campaign import Campaign
from services.trigger.domain.subjects import VIEWED
from services.trigger.domain.timing.steps import Message
from services.trigger.domain.told import Told, as_line, moment

Place = tuple[str, int, int]
"""`At`, to be sorted by and sent: moments as text that sorts as they do."""
Line = tuple[Place, str]


class Written(NamedTuple):
    """Lines of the decisions, and of what differs between two sides, each in order of their places."""

    decisions: list[Line]
    differences: list[Line]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: one version of the campaigns or two. `held` is who else has a say, `fresh` and `items` are as
    `Backtest` has them.
    """

    versions: tuple[CampaignFile, ...]
    held: Held | None = None
    fresh: bool = True
    items: bool = True


@dataclass(slots=True)
class Counted:
    """What it came to for some shoppers: a summary of each side, how many messages differ, and for how many people."""

    sides: list[Summary]
    differences: int = 0
    people: int = 0

    def __add__(self, other: "Counted") -> "Counted":
        sides = [one + another for one, another in zip(self.sides, other.sides, strict=True)]
        return Counted(sides, self.differences + other.differences, self.people + other.people)


class Shard:
    """Tries campaigns on some of the shoppers."""

    def __init__(self, trial: Trial) -> None:
        views = any(VIEWED in StoreCampaigns.always(file).subjects for file in trial.versions)
        self._made = TraceEvents(STORE, checked=False, views=views)
        self.passed_over = frozenset() if views else frozenset({VIEW})
        """Events of rows that it need not be given."""
        self._held = trial.held
        self._written = Written([], [])
        self._at, self._moment = datetime.min.replace(tzinfo=UTC), ""  # many lines are of one moment
        self._summaries = [Summary() for _ in trial.versions]
        self._people = [People() for _ in trial.versions]
        counts = zip(self._summaries, self._people, strict=True)
        takes: list[list[Callable[[At, Told], object]]] = [[partial(_count, *one)] for one in counts]
        takes[0].append(self._write)
        self._comparison: Comparison | None = None
        if len(trial.versions) > 1:
            self._comparison = Comparison(tuple(map(_steps, trial.versions)), self._differ)
            for number in (BEFORE, AFTER):
                takes[number].append(partial(self._comparison.take, number))
        sides = [_side(trial, file, take) for file, take in zip(trial.versions, takes, strict=True)]
        self.run = TraceRun(sides)

    def rows(self, rows: Iterable[Numbered], until: datetime) -> Written:
        """Takes rows in, after which those of others reach to a moment; what is known by now."""
        self.run.rows(rows, self._made)
        self.run.reach(until)
        return self.known()

    def event(self, event: Event, number: int) -> None:
        """Takes an event in, the `number`-th of all."""
        if self._held is not None:
            self.run.reach(event.occurred_at)
            self._held.past.learn(event)
        self.run.event(event.occurred_at, event, number)

    def known(self) -> Written:
        """What has become known since it was asked last."""
        taken, self._written = self._written, Written([], [])
        taken.differences.sort(key=_place)
        return taken

    def end(self) -> tuple[Written, Counted]:
        """What is known at the end, and what all came to."""
        self.run.end()
        for summary, people in zip(self._summaries, self._people, strict=True):
            summary.people = len(people)
        found = Counted(self._summaries)
        if self._comparison is not None:
            self._comparison.end()
            found.differences, found.people = self._comparison.differences, len(self._comparison.people)
        return self.known(), found

    def _write(self, at: At, one: Told) -> None:
        if at.moment != self._at:
            self._at, self._moment = at.moment, moment(at.moment)
        line = as_line(one, self._moment if one.due_at == at.moment else None)
        self._written.decisions.append(((self._moment[:-1], at.because, at.order), line + "\n"))

    def _differ(self, at: At, line: str, alone: int | None) -> None:
        last = "" if alone is None else f"~{alone}"  # after all moments
        self._written.differences.append(((last + moment(at.moment)[:-1], at.because, at.order), line))


def merged(parts: Sequence[list[Line]]) -> list[Line]:
    """Lines of several shards in order of their places; those of one keep their order."""
    if len(parts) == 1:
        return parts[0]
    return sorted((line for part in parts for line in part), key=_place)


_place = itemgetter(0)
"""Of a line."""


def _count(summary: Summary, people: People, _at: At, one: Told) -> None:
    summary.take(one)
    if one.outcome == "would_send":
        people.add(one.customer_id or "")


def _side(trial: Trial, file: CampaignFile, takes: Sequence[Callable[[At, Told], object]]) -> Side:
    def take(at: At, one: Told) -> None:
        for each in takes:
            each(at, one)

    backtest = Backtest(StoreCampaigns.always(file), fresh=trial.fresh, items=trial.items, away=OnDisk())
    return Side(backtest, take, trial.held.policy(backtest) if trial.held is not None else None)


def _steps_of(campaign: Campaign) -> Sequence[Message]:
    """The steps of a campaign of any kind."""
    steps: Sequence[Message] = getattr(campaign, "steps", ())  # each kind has steps of its own sort
    return steps


def _steps(file: CampaignFile) -> set[tuple[str, str]]:
    return {
        (one.name, step.name or str(number)) for one in file.campaigns for number, step in enumerate(_steps_of(one), 1)
    }
