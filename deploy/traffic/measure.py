"""Percentiles of times. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """How times are spread, in milliseconds; all zero where there are none."""

    count: int
    p50_ms: float
    p99_ms: float
    max_ms: float


def spread(seconds: Iterable[float]) -> Spread:
    """The spread of times given in seconds; percentiles by the nearest rank."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)
    return Spread(len(ordered), _rank(ordered, 50), _rank(ordered, 99), _ms(ordered[-1]))


def _rank(ordered: list[float], percent: int) -> float:
    return _ms(ordered[max(0, -(-len(ordered) * percent // 100) - 1)])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
