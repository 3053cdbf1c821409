"""Calls with many rows, each of which stands or falls alone. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from pydantic_core import to_json

from services.cart.domain.request import Answer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row was not taken: `index` counts from 0, `pointer` is a JSON Pointer (RFC 6901) into the call."""

    index: int
    status: Literal["invalid", "stale"]
    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """The rows of a call that are right, where each stood in it (`numbers`), and the faults of the others.

    `member` is the name of the array that holds them.
    """

    member: str
    given: Sequence[T]
    numbers: Sequence[int]
    faults: Sequence[RowFault] = ()


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of rows: the skus that are not as before, and which rows were older than what is known."""

    changed: Sequence[str]
    stale: Sequence[int]


def bulk_answer(rows: Rows[T], taken: BulkResult) -> Answer:
    """How many rows were taken and what they changed, and of each that was not: where it stood, and why."""
    stale = [_stale(rows, number) for number in taken.stale]
    told = sorted((*rows.faults, *stale), key=lambda fault: fault.index)
    counts = {
        "accepted": len(rows.given) - len(stale),
        "changed": len(taken.changed),
        "stale": len(stale),
        "invalid": len({fault.index for fault in rows.faults}),
    }
    return Answer(to_json({**counts, "rows": told}))


def _stale(rows: Rows[T], number: int) -> RowFault:
    index = rows.numbers[number]
    detail = "The sequence is not newer than the one that is known."
    return RowFault(index, "stale", f"/{rows.member}/{index}/sequence", detail)
