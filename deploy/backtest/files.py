"""What a backtest is asked for, and the files that it leaves: whole ones, or none where something is wrong."""

import gc
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TextIO

from deploy.backtest.picture import picture_of
from deploy.backtest.rules import rules_of
from deploy.backtest.run import STORE, Numbered
from deploy.backtest.shard import Counted, Shard, Trial, Written
from deploy.backtest.workers import AT_ONCE, working
from deploy.traffic.trace import Row
from deploy.traffic.trace_file import PIPE, TrafficError
from libs.contracts.events import Event
from libs.files.yaml_file import load
from services.trigger.backtest.policy import Held
from services.trigger.backtest.summary import Summary
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns

FEW = 30_000
"""Rows that one process is through with sooner than another is there."""

Tell = Callable[[datetime, int], None]
"""Told how far it is: the time of the newest event, and how many were read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files that are tried, and what is to be told of them. `rules` is a store's file, `held` what else is known of
    who has a say; `changes` goes with `against`. `workers` is how many processes work on a trace of which there is
    enough.
    """

    campaigns: Path
    out: Path
    traffic: Path | None = None
    against: Path | None = None
    changes: Path | None = None
    rules: Path | None = None
    held: Held | None = None
    picture: Path | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    workers: int = 1

    def check(self) -> None:
        """Nothing that is read is written over. Raises `TrafficError`."""
        read = [one for one in (self.campaigns, self.traffic, self.against, self.rules) if one not in (None, PIPE)]
        for path in filter(None, (self.out, self.changes, self.picture)):
            if any(path.exists() and path.samefile(one) for one in read if one is not None):
                raise TrafficError(f"{path.name}:1: file: would be written over")


class Backtesting:
    """Leads what has happened past the campaigns, and writes what is told meanwhile.

    `names` are those of the sides; `counted` is there at the end.
    """

    def __init__(self, wanted: Wanted, trial: Trial, names: list[str], tell: Tell) -> None:
        self.names, self.counted = names, Counted([])
        self._trial, self._most, self._tell = trial, wanted.workers, tell
        self._files: list[TextIO | None] = []
        self._shard: Shard | None = None
        self._read = 0

    def write_to(self, out: TextIO, changes: TextIO | None) -> None:
        """Where lines go: of the decisions, and of what differs."""
        self._files = [out, changes]

    def rows(self, rows: Iterator[Row]) -> None:
        """All rows of a trace. Few of them are for one process, and so are people who stand in line for an item."""
        numbered = enumerate(rows)
        first = list(islice(numbered, FEW))
        in_line = self._trial.items and any(StoreCampaigns.always(one).watches_items for one in self._trial.versions)
        number = 1 if in_line or len(first) < FEW else self._most
        with working(self._trial, number) as workers:
            for batch in _batches(first, numbered):
                self._write(workers.rows(batch))
                self._tell(batch[-1][1].at, batch[-1][0] + 1)
            rest, self.counted = workers.end()
        for one in rest:
            self._write(one)

    def event(self, event: Event) -> None:
        """One event, in order of time."""
        self._shard = self._shard or Shard(self._trial)
        self._shard.event(event, self._read)
        self._read += 1
        if not self._read % AT_ONCE:
            self._write(self._shard.known())
            self._tell(event.occurred_at, self._read)

    def end(self) -> None:
        """After the last of the events nothing is known."""
        if self._shard is not None:
            rest, self.counted = self._shard.end()
            self._write(rest)
        elif not self.counted.sides:
            self.counted = Counted([Summary() for _ in self.names])

    def _write(self, found: Written) -> None:
        for lines, file in zip(found, self._files, strict=True):
            if file is not None:
                file.writelines([line for _, line in lines])


def _batches(first: list[Numbered], more: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    """What was read to see how much there is, and the rest; what was led past is nobody's any more."""
    for begin in range(0, len(first), AT_ONCE):
        yield first[begin : begin + AT_ONCE]
    first.clear()
    while batch := list(islice(more, AT_ONCE)):
        yield batch


@contextmanager
def backtesting(wanted: Wanted, tell: Tell, *, fresh: bool, items: bool = True) -> Iterator[Backtesting]:
    """What to lead rows or events past, with or without levels and prices of `items`. Its files are there when it ends
    well, and nothing of them when it doesn't.

    Raises `FileFaultError`, `TrafficError`, `WorkerError`.
    """
    wanted.check()
    paths = [path for path in (wanted.campaigns, wanted.against) if path is not None]
    trial = Trial(tuple(load(path, CampaignFile) for path in paths), _held(wanted), fresh=fresh, items=items)
    tried = Backtesting(wanted, trial, [path.name for path in paths], tell)
    with ExitStack() as files:
        out = files.enter_context(_written(wanted.out))
        changes = files.enter_context(_written(wanted.changes)) if wanted.changes else None
        tried.write_to(out, changes)
        with _without_gc():
            yield tried
            tried.end()
        if wanted.picture:
            picture = picture_of(tried.names, [side.by_day for side in tried.counted.sides])
            files.enter_context(_written(wanted.picture)).write(picture)


def _held(wanted: Wanted) -> Held | None:
    """By the file where there is one, with all else that is known."""
    if wanted.rules is None:
        return wanted.held
    rules = rules_of(wanted.rules)
    return replace(wanted.held, rules=rules) if wanted.held else Held(STORE, rules)


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
