"""What a store's rules have put off while recorded events pass by, until it is looked at again: on disk, for a night
puts off much of what a day tells.
"""

import marshal
import sqlite3
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from services.trigger.domain.exits import Exits
from services.trigger.domain.timing.numbered import moment_of, number_of
from services.trigger.domain.told import Told

Until = tuple[datetime, int, Told]
"""A decision with when it is looked at again, and its order among others of that moment."""

_Alike = tuple[tuple[Any, ...], str | None, str | None, tuple[str, ...], Exits | None, str | None]
"""What it says of its step (from the campaign to the reason), its arm, currency, channels, exits, and why it waits."""


class Waiting:
    """Decisions by their moment; in memory is of each cart of which some wait its hash alone."""

    def __init__(self, kept: sqlite3.Connection) -> None:
        kept.execute(
            "CREATE TABLE waiting (until INTEGER, place INTEGER, number INTEGER, cart BLOB, said BLOB,"
            " PRIMARY KEY (until, place, number)) WITHOUT ROWID"
        )
        kept.execute("CREATE INDEX waiting_of_cart ON waiting (cart, number)")
        self._kept = kept
        self._number = count()
        self._carts = set[int]()
        self._alike: dict[_Alike, int] = {}
        self._said: list[_Alike] = []
        self._first: datetime | None = None
        """When the first is to be looked at, or earlier."""

    def put(self, until: datetime, order: int, one: Told) -> None:
        """Something to look at again then; of one moment and order what was put first comes first."""
        cart = one.cart_id.bytes if one.cart_id is not None else None
        row = (number_of(until), order, next(self._number), cart, self._packed(one))
        self._kept.execute("INSERT INTO waiting VALUES (?, ?, ?, ?, ?)", row)
        if cart is not None:
            self._carts.add(hash(cart))
        if self._first is None or until < self._first:
            self._first = until

    def take(self, before: datetime) -> Until | None:
        """Takes out the first, where that is before a moment."""
        if self._first is None or self._first >= before:
            return None
        found = self._kept.execute("SELECT * FROM waiting ORDER BY until, place, number LIMIT 2").fetchall()
        if not found or (at := moment_of(found[0][0])) >= before:
            self._first = moment_of(found[0][0]) if found else None  # what was first has ended with its cart
            return None
        self._first = moment_of(found[1][0]) if found[1:] else None
        until, order, number, cart, said = found[0]
        self._take_out(until, order, number, cart)
        return at, order, self._unpacked(said, cart)

    def end(self, cart_id: UUID, why: Callable[[Told], str | None]) -> list[tuple[Told, str]]:
        """Takes out what waits of a cart and has a reason to end, the longest first; each with that."""
        cart = cart_id.bytes
        if hash(cart) not in self._carts:
            return []
        ended = []
        rows = self._kept.execute("SELECT * FROM waiting WHERE cart = ? ORDER BY number", (cart,)).fetchall()
        for until, order, number, _, said in rows:
            one = self._unpacked(said, cart)
            if (reason := why(one)) is not None:
                ended.append((one, reason))
                self._take_out(until, order, number, cart)
        return ended

    def __len__(self) -> int:
        (number,) = self._kept.execute("SELECT count(*) FROM waiting").fetchone()
        return int(number)

    def _take_out(self, until: int, order: int, number: int, cart: bytes | None) -> None:
        key = (until, order, number)
        self._kept.execute("DELETE FROM waiting WHERE until = ? AND place = ? AND number = ?", key)
        if cart is not None:
            others = self._kept.execute("SELECT 1 FROM waiting WHERE cart = ? LIMIT 1", (cart,)).fetchone()
            if others is None:
                self._carts.discard(hash(cart))

    def _packed(self, one: Told) -> bytes:
        """All but its cart; what many have alike is kept once."""
        alike = (one[2:9], one.arm, one.currency, one.channels, one.exit_on, one.put_off)
        found = self._alike.get(alike)
        if found is None:
            found = self._alike[alike] = len(self._alike)
            self._said.append(alike)
        about = one.about.bytes if one.about is not None else None
        quiet_since = number_of(one.quiet_since) if one.quiet_since is not None else None
        due_at, expires_at = number_of(one.due_at), number_of(one.expires_at)
        own = (found, one.customer_id, one.cart_version, one.total, one.sku, due_at, expires_at, about, quiet_since)
        return marshal.dumps(own)

    def _unpacked(self, packed: bytes, cart: bytes | None) -> Told:
        found, customer_id, version, total, sku, due_at, expires_at, about, quiet_since = marshal.loads(packed)  # noqa: S302 - written above
        step, arm, currency, channels, exit_on, put_off = self._said[found]
        return Told._make(
            (
                moment_of(due_at),
                customer_id,
                *step,
                UUID(bytes=cart) if cart is not None else None,
                version,
                arm,
                total,
                currency,
                moment_of(expires_at),
                channels,
                exit_on,
                sku,
                None,
                UUID(bytes=about) if about is not None else None,
                moment_of(quiet_since) if quiet_since is not None else None,
                put_off,
            )
        )
