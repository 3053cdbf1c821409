"""Erasures under way, and their receipts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from libs.contracts.events import Place
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.cart.domain.erasure import Erasure

NEXT_PROFILE_VERSION = "SELECT nextval('profile_versions')"
INSERT = """
INSERT INTO erasures (erasure_id, store_id, marks, customer_ids, profile_version, erased_until, requested_at,
    asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
"""
LOCK = """
SELECT erasure_id, store_id, customer_ids, profile_version, erased_until, swept_at
FROM erasures WHERE erasure_id = $1 AND done_at IS NULL FOR UPDATE
"""
UNSWEPT = "SELECT erasure_id FROM erasures WHERE done_at IS NULL AND swept_at IS NULL ORDER BY asked_at LIMIT 1"
UNANSWERED = "SELECT erasure_id FROM erasures WHERE done_at IS NULL AND asked_at <= $1 ORDER BY asked_at LIMIT 1"
OLDEST = "SELECT extract(epoch FROM $1 - min(requested_at))::float8 FROM erasures WHERE done_at IS NULL"
SWEPT = "UPDATE erasures SET swept_at = $2 WHERE erasure_id = $1"
ASKED = "UPDATE erasures SET asked_at = $2 WHERE erasure_id = $1"
DONE = "UPDATE erasures SET done_at = $2, customer_ids = NULL WHERE erasure_id = $1"
# Told twice, by a relay or by a service that was asked twice, is done once: the larger number is what was found.
ADD_PLACES = """
INSERT INTO erasure_places AS known (erasure_id, service, place, done, rows, at, gone_by)
SELECT $1, $2, given.place, given.done, given.rows, $3, given.gone_by
FROM unnest($4::text[], $5::text[], $6::bigint[], $7::timestamptz[]) AS given (place, done, rows, gone_by)
WHERE EXISTS (SELECT FROM erasures WHERE erasure_id = $1)
ON CONFLICT (erasure_id, service, place) DO UPDATE
SET rows = CASE WHEN $8 THEN known.rows + excluded.rows ELSE greatest(known.rows, excluded.rows) END,
    gone_by = greatest(known.gone_by, excluded.gone_by)
"""
ANSWERED = "SELECT DISTINCT service FROM erasure_places WHERE erasure_id = $1"
READ = """
SELECT erasure_id, marks[1] AS customer, requested_at, done_at FROM erasures WHERE store_id = $1 AND erasure_id = $2
"""
PLACES = """
SELECT service, place, done, rows, at, gone_by FROM erasure_places WHERE erasure_id = $1 ORDER BY service, place
"""
ERASED_UNTIL = "SELECT max(erased_until) FROM erasures WHERE store_id = $1 AND marks @> ARRAY[$2::text]"
FORGET = """
DELETE FROM erasures WHERE erasure_id = ANY (ARRAY(
    SELECT erasure_id FROM erasures WHERE store_id = $1 AND requested_at < $2 AND done_at IS NOT NULL
    ORDER BY requested_at LIMIT $3 FOR UPDATE SKIP LOCKED
))
"""


async def next_profile_version(connection: Connection) -> int:
    """A version above that of every profile that was ever written."""
    version: int = await connection.fetchval(NEXT_PROFILE_VERSION)
    return version


async def insert(connection: Connection, erasure: Erasure, marks: Sequence[str], now: datetime) -> None:
    """Puts an erasure on record, asked for now."""
    e = erasure
    await connection.execute(
        INSERT, e.erasure_id, e.store_id, marks, e.customer_ids, e.profile_version, e.erased_until, now
    )


async def lock(connection: Connection, erasure_id: UUID) -> tuple[Erasure, bool] | None:
    """An erasure that is not done, held until the transaction ends, and whether this database is swept; else None."""
    row = await connection.fetchrow(LOCK, erasure_id)
    if row is None:
        return None
    names = tuple(row["customer_ids"])
    found = Erasure(row["erasure_id"], row["store_id"], names, row["profile_version"], row["erased_until"])
    return found, row["swept_at"] is not None


async def unswept(connection: Connection) -> UUID | None:
    """An erasure of which this database still holds something."""
    found: UUID | None = await connection.fetchval(UNSWEPT)
    return found


async def unanswered(connection: Connection, asked_before: datetime) -> UUID | None:
    """An erasure that was asked for by then and is not done."""
    found: UUID | None = await connection.fetchval(UNANSWERED, asked_before)
    return found


async def oldest(connection: Connection, now: datetime) -> float:
    """For how many seconds the oldest erasure that is not done has been waiting; 0 where there is none."""
    return float(await connection.fetchval(OLDEST, now) or 0.0)


async def swept(connection: Connection, erasure_id: UUID, now: datetime) -> None:
    """Notes that nothing is left here."""
    await connection.execute(SWEPT, erasure_id, now)


async def asked(connection: Connection, erasure_id: UUID, now: datetime) -> None:
    """Notes that the others were asked again."""
    await connection.execute(ASKED, erasure_id, now)


async def finish(connection: Connection, erasure_id: UUID, now: datetime) -> None:
    """Notes that it is done, and forgets whom it was about."""
    await connection.execute(DONE, erasure_id, now)


async def add_places(
    connection: Connection, erasure_id: UUID, service: str, places: Sequence[Place], at: datetime, *, more: bool = False
) -> None:
    """Adds lines to a receipt, if there still is one; `more` rows of places that are there are added up."""
    columns: Iterable[list[object]] = (
        [place.place for place in places],
        [place.done for place in places],
        [place.rows for place in places],
        [place.gone_by for place in places],
    )
    await connection.execute(ADD_PLACES, erasure_id, service, at, *columns, more)


async def answered(connection: Connection, erasure_id: UUID) -> set[str]:
    """The services that stand on the receipt."""
    return {row["service"] for row in await connection.fetch(ANSWERED, erasure_id)}


async def read(connection: Connection, store_id: str, erasure_id: UUID) -> asyncpg.Record | None:
    """The head of a receipt: erasure_id, customer, requested_at, done_at."""
    return await connection.fetchrow(READ, store_id, erasure_id)


async def places(connection: Connection, erasure_id: UUID) -> Sequence[asyncpg.Record]:
    """The lines of a receipt: service, place, done, rows, at, gone_by."""
    return await connection.fetch(PLACES, erasure_id)


async def erased_until(connection: Connection, store_id: str, mark: str) -> datetime | None:
    """Up to when whatever happened belongs to somebody of that name who was erased."""
    found: datetime | None = await connection.fetchval(ERASED_UNTIL, store_id, mark)
    return found


async def forget(connection: Connection, store_id: str, before: datetime, limit: int) -> int:
    """Removes up to `limit` receipts from before then; returns how many."""
    return rows_affected(await connection.execute(FORGET, store_id, before, limit))
