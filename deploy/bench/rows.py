"""Rows of figures: ours and the reference in alternating turns, and what they come to. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from statistics import median
from typing import Any, Self

WRITES_NOTHING = ("read cart",)
"""How rows begin whose calls may leave no WAL; so may a reference that touches no database."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What had been spent at a moment: CPU seconds of each process that takes part, bytes of WAL."""

    cpu_s: dict[str, float]
    wal_bytes: int

    def since(self, before: "Cost") -> "Cost":
        """What was spent between two moments."""
        cpu = {name: spent - before.cpu_s[name] for name, spent in self.cpu_s.items()}
        return Cost(cpu, self.wal_bytes - before.wal_bytes)

    def share(self, part: float) -> "Cost":
        """What a part of the work has cost, where all of it costs alike."""
        return Cost({name: spent * part for name, spent in self.cpu_s.items()}, int(self.wal_bytes * part))


@dataclass(frozen=True, slots=True)
class Turn:
    """One side's turn of a row: `calls` done within `seconds`, and what they cost altogether.

    `p50_ms` and `p99_ms` are of one call, or of one batch where calls come in batches.
    """

    calls: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_s: dict[str, float]
    wal_bytes: int

    @classmethod
    def of(cls, calls: int, seconds: float, latencies_s: Sequence[float], cost: Cost) -> Self:
        """A turn from the latencies of its calls or batches, in seconds."""
        ordered = sorted(latencies_s)
        p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.5, 0.99))
        return cls(calls, seconds, p50, p99, cost.cpu_s, cost.wal_bytes)

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    def as_json(self) -> dict[str, Any]:
        """What `Turn(**…)` takes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Side:
    """The turns of one side together."""

    turns: tuple[Turn, ...]

    def middle(self, figure: Callable[[Turn], float]) -> float:
        """The median of a figure over the turns."""
        return median(figure(turn) for turn in self.turns)

    @property
    def cpu_us(self) -> dict[str, float]:
        """CPU time of each process, in microseconds a call."""
        calls = sum(turn.calls for turn in self.turns)
        return {name: sum(turn.cpu_s[name] for turn in self.turns) / calls * 1e6 for name in self.turns[0].cpu_s}

    @property
    def wal_bytes(self) -> float:
        """Bytes that PostgreSQL wrote ahead, a call."""
        return sum(turn.wal_bytes for turn in self.turns) / sum(turn.calls for turn in self.turns)

    def as_json(self) -> dict[str, Any]:
        """A JSON object: rate (a second) and latencies with their rounds, CPU and WAL a call."""
        return {
            "rate": _rounds([turn.rate for turn in self.turns]),
            "p50_ms": _rounds([turn.p50_ms for turn in self.turns]),
            "p99_ms": _rounds([turn.p99_ms for turn in self.turns]),
            "cpu_us": {name: round(spent, 2) for name, spent in self.cpu_us.items()},
            "wal_bytes": round(self.wal_bytes, 1),
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, of ours and of the reference, round by round."""

    name: str
    ours: Side
    reference: Side

    @classmethod
    def of(cls, name: str, turns: Sequence[tuple[Turn, Turn]]) -> Self:
        """A row from its rounds: ours and the reference's turn of each."""
        return cls(name, *(Side(side) for side in zip(*turns, strict=True)))

    @property
    def ratios(self) -> tuple[float, ...]:
        """Our rate over the reference's in each round: 1 is as fast as the bare work, 0.5 half as fast."""
        return tuple(a.rate / b.rate for a, b in zip(self.ours.turns, self.reference.turns, strict=True))

    def as_json(self) -> dict[str, Any]:
        """A JSON object: both sides and the ratio."""
        return {
            "name": self.name,
            "ratio": _rounds(self.ratios),
            "ours": self.ours.as_json(),
            "reference": self.reference.as_json(),
        }


def _rounds(values: Sequence[float]) -> dict[str, Any]:
    rounds = [round(value, 4) for value in values]
    return {"rounds": rounds, "min": min(rounds), "median": round(median(values), 4), "max": max(rounds)}


def document_of(rows: Sequence[Row], reference: str) -> dict[str, Any]:
    """A run as JSON; `reference` says which reference it was held against."""
    return {"reference": reference, "rows": [row.as_json() for row in rows]}


def earlier_ratios(document: dict[str, Any], reference: str) -> dict[str, float]:
    """name → middle ratio of an earlier run's JSON. Raises `ValueError` if it is none, or one of another reference."""
    try:
        found = {str(row["name"]): float(row["ratio"]["median"]) for row in document["rows"]}
        same = document["reference"] == reference
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("it is not the JSON of an earlier `evercart bench`") from error
    if not same:
        raise ValueError("the earlier run was held against another reference (deploy/bench/reference)")
    return found


def faults(document: dict[str, Any], names: Iterable[str]) -> list[str]:
    """What can't be: a row that is missing, a figure that is no number or not above zero. Empty where all is well."""
    rows = {row["name"]: row for row in document["rows"]}
    found = [f"{name}: it is missing" for name in names if name not in rows]
    for name, row in rows.items():
        for figure, value in _figures(row):
            if not isfinite(value) or value < 0 or (value == 0 and not figure.endswith("wal_bytes")):
                found.append(f"{name}: {figure} is {value}")
        if row["ours"]["wal_bytes"] == 0 and not name.startswith(WRITES_NOTHING):
            found.append(f"{name}: ours/wal_bytes is 0, but it writes")
    return found


def _figures(value: Any, name: str = "") -> Iterator[tuple[str, float]]:  # noqa: ANN401 - JSON
    """Every number of a JSON object with its place: `ours/rate/median`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _figures(inner, f"{name}/{key}".strip("/"))
    elif isinstance(value, list):
        for inner in value:
            yield from _figures(inner, name)
    elif not isinstance(value, str):
        yield name, value
