"""Rows as the columns that `unnest` takes."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Any


def columns(rows: Sequence[object], *names: str) -> list[list[Any]]:
    """One list for each attribute `name`, in the order of the rows."""
    return [list(map(attrgetter(name), rows)) for name in names]
