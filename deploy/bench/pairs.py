"""Pairs of rates measured in alternating rounds, and their ratios. Pure."""

from dataclasses import dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure: rates a second of ours and of the bare work, round by round."""

    name: str
    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Ours over bare of each round: 1 is as fast as the bare work, 0.5 half as fast."""
        return tuple(a / b for a, b in zip(self.ours, self.bare, strict=True))

    def as_json(self) -> dict[str, Any]:
        """A JSON object: all rounds, and least, middle and most of each column."""
        return {
            "name": self.name,
            **{
                column: {"rounds": [round(r, 4) for r in rates], **_three(rates)}
                for column, rates in (("ours", self.ours), ("bare", self.bare), ("ratio", self.ratios))
            },
        }


def _three(rates: tuple[float, ...]) -> dict[str, float]:
    return {"min": round(min(rates), 4), "median": round(median(rates), 4), "max": round(max(rates), 4)}


def earlier_ratios(document: dict[str, Any]) -> dict[str, float]:
    """name → middle ratio of an earlier run's JSON. Raises `ValueError` if it is none."""
    try:
        return {str(pair["name"]): float(pair["ratio"]["median"]) for pair in document["pairs"]}
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("it is not the JSON of an earlier `evercart bench`") from error
