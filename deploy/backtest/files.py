"""What a backtest is asked for, and the files that it leaves: whole ones, or none where something is wrong."""

import gc
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TextIO

from deploy.backtest.compare import AFTER, BEFORE, Comparison
from deploy.backtest.picture import picture_of
from deploy.backtest.run import Run, Side, Tell
from deploy.backtest.summary import Summary
from deploy.traffic.trace_file import PIPE, TrafficError
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.kinds.campaign import Campaign
from services.trigger.domain.steps import Message
from services.trigger.domain.told import Told, as_line


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files that are tried, and what is to be told of them. `rules` is a store's file; `changes` goes with
    `against`.
    """

    campaigns: Path
    out: Path
    traffic: Path | None = None
    against: Path | None = None
    changes: Path | None = None
    rules: Path | None = None
    picture: Path | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def check(self) -> None:
        """Nothing that is read is written over. Raises `TrafficError`."""
        read = [one for one in (self.campaigns, self.traffic, self.against, self.rules) if one not in (None, PIPE)]
        for path in filter(None, (self.out, self.changes, self.picture)):
            if any(path.exists() and path.samefile(one) for one in read if one is not None):
                raise TrafficError(f"{path.name}:1: file: would be written over")


@dataclass(slots=True)
class Outcome:
    """What it came to: a summary of each side, and the differences where there are two."""

    names: list[str]
    sides: list[Summary]
    comparison: Comparison | None = None


@contextmanager
def backtesting(wanted: Wanted, tell: Tell, *, fresh: bool, items: bool = True) -> Iterator[tuple[Run, Outcome]]:
    """A run to lead events past, with or without levels and prices of `items`. Its files are there when it ends well,
    and nothing of them when it doesn't.

    Raises `FileFaultError`, `TrafficError`.
    """
    wanted.check()
    versions = [load_campaigns(path) for path in (wanted.campaigns, wanted.against) if path is not None]
    outcome = Outcome([path.name for path in (wanted.campaigns, wanted.against) if path], [Summary() for _ in versions])
    with ExitStack() as files:
        takes = [[summary.take] for summary in outcome.sides]
        out = files.enter_context(_written(wanted.out))
        takes[0].append(partial(_write, out))
        if len(versions) > 1:
            differences = files.enter_context(_written(wanted.changes)) if wanted.changes else None
            comparison = Comparison(tuple(map(_steps, versions)), differences.write if differences else len)
            outcome.comparison = comparison
            for number in (BEFORE, AFTER):
                takes[number].append(partial(comparison.take, number))
        tried = [Backtest(StoreCampaigns.always(one), fresh=fresh, items=items) for one in versions]
        sides = [_side(one, take, wanted.rules) for one, take in zip(tried, takes, strict=True)]
        with _without_gc():
            run = Run(sides, tell)
            yield run, outcome
            run.end()
        if outcome.comparison:
            outcome.comparison.end()
        if wanted.picture:
            picture = picture_of(outcome.names, [side.by_day for side in outcome.sides])
            files.enter_context(_written(wanted.picture)).write(picture)


def _side(backtest: Backtest, takes: Sequence[Callable[[Told], None]], rules: Path | None) -> Side:
    def take(one: Told) -> None:
        for each in takes:
            each(one)

    if rules is None:
        return Side(backtest, take)
    from deploy.backtest.rules import StoreRules, store_of  # with it comes the whole notifier

    return Side(backtest, take, StoreRules(store_of(rules)))


def _write(out: TextIO, one: Told) -> None:
    out.write(as_line(one) + "\n")


def _steps_of(campaign: Campaign) -> Sequence[Message]:
    """The steps of a campaign of any kind."""
    steps: Sequence[Message] = getattr(campaign, "steps", ())  # each kind has steps of its own sort
    return steps


def _steps(file: CampaignFile) -> set[tuple[str, str]]:
    return {
        (one.name, step.name or str(number)) for one in file.campaigns for number, step in enumerate(_steps_of(one), 1)
    }


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    """A file that takes its place when it is whole; what is no file (a terminal, a pipe) is written to directly."""
    is_file = not path.exists() or stat.S_ISREG(path.stat().st_mode)
    beside = path.with_name(f".{path.name}.partial") if is_file else path
    try:
        with beside.open("w", encoding="utf-8", buffering=1 << 20) as file:
            yield file
        if is_file:
            beside.replace(path)
    except OSError as error:
        raise TrafficError(f"{path.name}:1: file: {error.strerror}") from None
    finally:
        if is_file:
            beside.unlink(missing_ok=True)


@contextmanager
def _without_gc() -> Iterator[None]:
    """Nothing here goes in circles, and looking for them takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
