"""Codes as a store uploads them, as CSV or JSON. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from services.notifier.domain.coupons import CODE, Coupon

MOST: Final = 100_000
"""Codes in one upload."""
TOLD_MOST: Final = 20
"""So many faults are told at once."""


class FaultyCodesError(ValueError):
    """Codes that can't be used; `faults` say where, and what is wrong, at most `TOLD_MOST` of them."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def from_csv(text: str) -> list[Coupon]:
    """One code a line, with when it ends (ISO 8601, with an offset) behind a comma where it ends; a first line
    `code,expires_at` is passed over. Each code counts once. Raises `FaultyCodesError`, with the line of each fault.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        given = [(rows.line_num, [cell.strip() for cell in row]) for row in rows if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise FaultyCodesError([(rows.line_num, str(error))]) from None
    if given and given[0][1][0].casefold() == "code":
        del given[0]
    return _read(given)


def from_json(codes: object) -> list[Coupon]:
    """A list of codes, each a string or `{code, expires_at}`. Raises `FaultyCodesError`, with the place of each fault,
    counted from 1.
    """
    if not isinstance(codes, list):
        raise FaultyCodesError([(0, "a list is needed")])
    return _read((place, _cells(one)) for place, one in enumerate(codes, start=1))


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises `json.JSONDecodeError`, `UnicodeDecodeError`, `TypeError`."""
    found = json.loads(body)
    if not isinstance(found, dict):
        raise TypeError("an object is needed")
    return found


def _cells(one: object) -> list[str]:
    if isinstance(one, dict) and set(one) <= {"code", "expires_at"}:
        cells = [one.get("code"), one.get("expires_at")]
        return [cell if isinstance(cell, str) else "" if cell is None else "\n" for cell in cells]
    return [one if isinstance(one, str) else ""]


def _read(given: Iterable[tuple[int, list[str]]]) -> list[Coupon]:
    rows, found = list(given), dict[str, Coupon]()
    faults = ((place, fault) for place, cells in rows for fault in _faults(cells))
    if told := list(islice(faults, TOLD_MOST)):
        raise FaultyCodesError(told)
    for place, cells in rows:
        code, end = (*cells, "")[:2]
        found.setdefault(code, Coupon(code, datetime.fromisoformat(end).astimezone(UTC) if end else None))
        if len(found) > MOST:
            raise FaultyCodesError([(place, f"more than {MOST} codes in one upload")])
    return list(found.values())


def _faults(cells: list[str]) -> Iterator[str]:
    if len(cells) > 2:
        yield "more than a code and its end"
    if not re.fullmatch(CODE, cells[0]):
        yield "a code has 1 to 64 printable ASCII characters without blanks"
    if len(cells) > 1 and cells[1] and not _is_moment(cells[1]):
        yield "the end is no moment of ISO 8601 with its offset, such as 2026-12-31T23:59:59+01:00"


def _is_moment(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
        return moment.tzinfo is not None and moment.astimezone(UTC).year > 1970
    except (ValueError, OverflowError):
        return False
