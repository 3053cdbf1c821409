"""Receipts of merges, and what undoing them has to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from libs.postgres.pool import Connection
from libs.runtime.ids import LATEST
from services.cart.domain.merge.receipt import Receipt
from services.cart.domain.merge.undo import Undoing

INSERT = """
INSERT INTO merges (merge_id, cart_id, guest_token_hash, receipt, undoing, undo_until)
VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6)
"""
LOCK = """
SELECT cart_id, guest_token_hash, receipt, undoing, undone_at
FROM merges WHERE merge_id = $1 FOR UPDATE
"""
READ_OF_CART = """
SELECT receipt, undone_at FROM merges WHERE cart_id = $1 AND merge_id < $2 ORDER BY merge_id DESC LIMIT $3
"""
# From all carts of a customer, whatever became of them: what can't be undone any more is told as well.
READ_OF_CUSTOMER = """
SELECT receipt, undone_at, undoing IS NOT NULL AS undoable, status
FROM carts JOIN merges USING (cart_id)
WHERE store_id = $1 AND customer_id = $2 AND merge_id < $3 ORDER BY merge_id DESC LIMIT $4
"""
OF_GUEST = """
SELECT cart_id FROM merges WHERE guest_token_hash = $1 AND undoing IS NOT NULL AND undone_at IS NULL
ORDER BY merge_id DESC LIMIT 1
"""
# Whole carts need not be kept once nothing can be undone.
FORGET = """
UPDATE merges SET undoing = NULL WHERE merge_id = ANY (ARRAY(
    SELECT merge_id FROM merges WHERE undoing IS NOT NULL AND undo_until <= $1
    ORDER BY undo_until LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
MARK_UNDONE = "UPDATE merges SET undone_at = $2 WHERE merge_id = $1"

_RECEIPT = TypeAdapter(Receipt)
_UNDOING = TypeAdapter(Undoing)


@dataclass(frozen=True, slots=True)
class Record:
    """A merge as it is on record: into which cart, from whose token (None: another customer's cart).

    `undoing` is None once it is too late.
    """

    cart_id: UUID
    guest_token_hash: bytes | None
    receipt: Receipt
    undoing: Undoing | None


async def insert(connection: Connection, record: Record) -> None:
    """Puts a merge on record."""
    receipt = record.receipt
    await connection.execute(
        INSERT,
        receipt.merge_id,
        record.cart_id,
        record.guest_token_hash,
        _RECEIPT.dump_json(receipt).decode(),
        None if record.undoing is None else _UNDOING.dump_json(record.undoing).decode(),
        receipt.undo_until,
    )


async def lock(connection: Connection, merge_id: UUID) -> Record | None:
    """A merge, held until the caller's transaction ends."""
    row = await connection.fetchrow(LOCK, merge_id)
    if row is None:
        return None
    undoing = None if row["undoing"] is None else _UNDOING.validate_json(row["undoing"])
    return Record(row["cart_id"], row["guest_token_hash"], _receipt(row["receipt"], row["undone_at"]), undoing)


async def of_cart(connection: Connection, cart_id: UUID, after: UUID | None, limit: int) -> Sequence[Receipt]:
    """Up to `limit` receipts of a cart, newest first, behind one."""
    rows = await connection.fetch(READ_OF_CART, cart_id, after or LATEST, limit)
    return [_receipt(row["receipt"], row["undone_at"]) for row in rows]


async def of_customer(
    connection: Connection, store_id: str, customer_id: str, after: UUID | None, limit: int
) -> Sequence[tuple[Receipt, str, bool]]:
    """Up to `limit` receipts of all carts of a customer, newest first, behind one: each with the status of its cart,
    and whether what it would take to undo it is still kept.
    """
    rows = await connection.fetch(READ_OF_CUSTOMER, store_id, customer_id, after or LATEST, limit)
    return [(_receipt(row["receipt"], row["undone_at"]), row["status"], row["undoable"]) for row in rows]


async def into_of_guest(connection: Connection, token_hash: bytes) -> UUID | None:
    """The cart to which a log-in has brought the goods of this token, while that can be undone."""
    found: UUID | None = await connection.fetchval(OF_GUEST, token_hash)
    return found


async def mark_undone(connection: Connection, merge_id: UUID, now: datetime) -> None:
    """Notes that a merge was undone."""
    await connection.execute(MARK_UNDONE, merge_id, now)


async def forget(connection: Connection, now: datetime, limit: int) -> int:
    """Forgets what up to `limit` merges looked like that can't be undone any more; returns how many."""
    return int((await connection.execute(FORGET, now, limit)).removeprefix("UPDATE "))


def _receipt(text: str, undone_at: datetime | None) -> Receipt:
    receipt = _RECEIPT.validate_json(text)
    return receipt if undone_at is None else receipt.undone(undone_at)
