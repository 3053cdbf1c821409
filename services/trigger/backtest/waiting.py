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

from libs.runtime.ids import uuid_of
from services.trigger.domain.exits import Exits
from services.trigger.domain.timing.numbered import moment_of, number_of
from services.trigger.domain.told import Told

Until = tuple[datetime, int, Told]
"""A decision with when it is looked at again, and its order among others of that moment."""

_AT_ONCE = 250
_Alike = tuple[tuple[Any, ...], str | None, str | None, tuple[str, ...], Exits | None, str | None]
"""What it says of its step (from the campaign to the reason), its arm, currency, channels, exits, and why it waits."""


class Waiting:
    """Decisions by their moment; in memory is of each cart of which some wait its hash, and how many."""

    def __init__(self, kept: sqlite3.Connection) -> None:
        kept.execute(
            "CREATE TABLE waiting (until INTEGER, place INTEGER, number INTEGER, cart BLOB, said BLOB,"
            " PRIMARY KEY (until, place, number)) WITHOUT ROWID"
        )
        kept.execute("CREATE INDEX waiting_of_cart ON waiting (cart, number)")
        self._kept = kept
        self._number = count()
        self._carts: dict[int, int] = {}
        """How many wait of a cart, by its hash."""
        self._alike: dict[_Alike, int] = {}
        self._said: list[_Alike] = []
        self.first: datetime | None = None
        """When the first is to be looked at, or earlier."""

    def put(self, until: datetime, order: int, one: Told) -> None:
        """Something to look at again then; of one moment and order what was put first comes first."""
        cart = one.cart_id.bytes if one.cart_id is not None else None
        row = (number_of(until), order, next(self._number), cart, self._packed(one))
        self._kept.execute("INSERT INTO waiting VALUES (?, ?, ?, ?, ?)", row)
        if one.cart_id is not None:
            self._carts[hash(one.cart_id)] = self._carts.get(hash(one.cart_id), 0) + 1
        if self.first is None or until < self.first:
            self.first = until

    def may_wait(self, cart_id: UUID) -> bool:
        """Whether something may wait of a cart."""
        return hash(cart_id) in self._carts

    def take(self, before: datetime) -> list[Until]:
        """Takes out some of those that are first, all of one moment, where that is before another; what is put until
        then comes after them.
        """
        if self.first is None or self.first >= before:
            return []
        found = self._kept.execute(
            "SELECT * FROM waiting WHERE until = (SELECT min(until) FROM waiting) ORDER BY place, number LIMIT ?",
            (_AT_ONCE,),
        ).fetchall()
        self.first = at = moment_of(found[0][0]) if found else None
        if at is None or at >= before:
            return []  # what was first has ended with its cart
        until, last_place, last_number, _, _ = found[-1]
        self._kept.execute(
            "DELETE FROM waiting WHERE until = ? AND (place, number) <= (?, ?)", (until, last_place, last_number)
        )
        return [(at, place, self._taken_out(said, cart)) for _, place, _, cart, said in found]

    def end(self, cart_id: UUID, why: Callable[[Told], str | None]) -> list[tuple[Told, str]]:
        """Takes out what waits of a cart and has a reason to end, the longest first; each with that."""
        if not self.may_wait(cart_id):
            return []
        cart = cart_id.bytes
        ended = []
        rows = self._kept.execute("SELECT * FROM waiting WHERE cart = ? ORDER BY number", (cart,)).fetchall()
        for *key, _, said in rows:
            reason = why(self._unpacked(said, cart))
            if reason is not None:
                self._kept.execute("DELETE FROM waiting WHERE until = ? AND place = ? AND number = ?", key)
                ended.append((self._taken_out(said, cart), reason))
        return ended

    def __len__(self) -> int:
        (number,) = self._kept.execute("SELECT count(*) FROM waiting").fetchone()
        return int(number)

    def _taken_out(self, said: bytes, cart: bytes | None) -> Told:
        one = self._unpacked(said, cart)
        if one.cart_id is not None:
            others = self._carts.pop(hash(one.cart_id)) - 1
            if others:
                self._carts[hash(one.cart_id)] = others
        return one

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
        return tuple.__new__(
            Told,
            (
                moment_of(due_at),
                customer_id,
                *step,
                uuid_of(int.from_bytes(cart)) if cart is not None else None,
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
            ),
        )
