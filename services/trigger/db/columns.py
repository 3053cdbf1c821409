"""Rows as the columns that `unnest` takes."""

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from pydantic_core import to_json


def columns(rows: Sequence[object], *names: str) -> list[list[Any]]:
    """One list for each attribute `name`, in the order of the rows."""
    return [list(map(attrgetter(name), rows)) for name in names]


def moments(values: Sequence[datetime | None]) -> str:
    """Aware moments as the text of an array, for `$1::text::timestamptz[]`: a driver takes twice as long over each, and
    PostgreSQL as long again to read it back.
    """
    return f"{{{to_json(values)[1:-1].decode()}}}"
