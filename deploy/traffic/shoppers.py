"""Shoppers of a trace and their carts: those who were there lately in memory, all others on disk."""

import marshal
import sqlite3
from typing import NamedTuple

from libs.files.scratch import scratch

_IN_HAND = 12_000

Line = tuple[str, int, int]
"""Sku, units, price of one."""


class Shopper(NamedTuple):
    """How many carts a shopper has had with this one, and what it holds: its `version` is 0 while there is none.

    What is `aside` for later goes over to the next cart.
    """

    ordinal: int
    version: int
    lines: tuple[Line, ...]
    aside: tuple[Line, ...] = ()


NEW = Shopper(1, 0, ())


class Shoppers:
    """By id. Memory is that of `in_hand` to twice as many, whatever their number: a trace may tell of millions."""

    def __init__(self, in_hand: int = _IN_HAND) -> None:
        self._in_hand = in_hand
        self._lately: dict[str, Shopper] = {}
        self._before: dict[str, Shopper] = {}
        self._kept: sqlite3.Connection | None = None

    def of(self, customer_id: str) -> Shopper:
        """A shopper as they were kept last; a new one where nobody is known by that id."""
        found = self._lately.get(customer_id) or self._before.get(customer_id)
        if found is None and self._kept is not None:
            row = self._kept.execute("SELECT kept FROM shoppers WHERE customer_id = ?", (customer_id,)).fetchone()
            found = Shopper._make(marshal.loads(row[0])) if row is not None else None  # noqa: S302 - written below
        return found or NEW

    def keep(self, customer_id: str, shopper: Shopper) -> None:
        """A shopper as they are now."""
        self._lately[customer_id] = shopper
        if len(self._lately) >= self._in_hand:
            self._put_away()
            self._before, self._lately = self._lately, {}

    def _put_away(self) -> None:
        if self._kept is None:
            self._kept = scratch()
            self._kept.execute("CREATE TABLE shoppers (customer_id TEXT PRIMARY KEY, kept BLOB) WITHOUT ROWID")
        away = sorted((who, one) for who, one in self._before.items() if who not in self._lately)
        with self._kept:
            rows = ((who, marshal.dumps(tuple(one))) for who, one in away)
            self._kept.executemany("INSERT OR REPLACE INTO shoppers VALUES (?, ?)", rows)
