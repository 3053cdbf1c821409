"""Whether customers let it be counted that they open letters. Functions take a connection, and never commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# What was said last counts, in whichever order it is told.
KEEP = """
INSERT INTO pixel_consents (store_id, customer_id, agreed, said_at, wording, told_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (store_id, customer_id) DO UPDATE
SET agreed = excluded.agreed, said_at = excluded.said_at, wording = excluded.wording, told_by = excluded.told_by
WHERE pixel_consents.said_at <= excluded.said_at
"""
READ = "SELECT agreed, said_at FROM pixel_consents WHERE store_id = $1 AND customer_id = $2"
ERASE = "DELETE FROM pixel_consents WHERE store_id = $1 AND customer_id = ANY ($2::text[])"


@dataclass(frozen=True, slots=True)
class PixelConsent:
    """What somebody said of it, when, to which words, and whose key has told us."""

    agreed: bool
    said_at: datetime
    wording: str
    told_by: str


async def keep(connection: Connection, store_id: str, customer_id: str, said: PixelConsent) -> dict[str, Any]:
    """Notes what a customer said, unless something later is known; gives what counts now."""
    values = (said.agreed, said.said_at, said.wording, said.told_by)
    await connection.execute(KEEP, store_id, customer_id, *values)
    row = await connection.fetchrow(READ, store_id, customer_id)
    assert row is not None
    return dict(row)


async def erase(connection: Connection, store_id: str, customer_ids: Sequence[str]) -> int:
    """Removes what customers said; returns of how many."""
    return rows_affected(await connection.execute(ERASE, store_id, customer_ids))
