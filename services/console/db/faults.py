"""What is wrong, as it is seen and as ops know it; and the numbers by which a store is silent. Never commits."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from libs.postgres.pool import Connection, Row
from services.console.domain.faults import Fault

# One that is seen again before its end was told has never ended.
SEE = """
INSERT INTO faults AS known (kind, store_id, about, value, expected, since, seen_at)
SELECT kind, store_id, about, value, expected, $6, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[])
    AS given (kind, store_id, about, value, expected) ORDER BY 1, 2, 3
ON CONFLICT (kind, store_id, about) DO UPDATE
SET value = excluded.value, expected = excluded.expected, seen_at = excluded.seen_at, ended_at = NULL
RETURNING kind, store_id, about, old.kind IS NULL OR old.ended_at IS NOT NULL AS begins
"""
IN_FORCE = """
SELECT kind, store_id, about, value, expected, since, seen_at FROM faults
WHERE ended_at IS NULL AND ($1::text IS NULL OR store_id IN ($1, '')) ORDER BY since, kind, store_id, about
"""
END = """
UPDATE faults SET ended_at = $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS given (kind, store_id, about)
WHERE faults.kind = given.kind AND faults.store_id = given.store_id AND faults.about = given.about
"""
# Whoever tells holds the row meanwhile; others pass it over.
UNTOLD = """
SELECT kind, store_id, about, value, expected, since, ended_at FROM faults
WHERE told = (ended_at IS NOT NULL) ORDER BY since LIMIT 1 FOR UPDATE SKIP LOCKED
"""
TELL = "UPDATE faults SET told = true WHERE kind = $1 AND store_id = $2 AND about = $3"
FORGET = "DELETE FROM faults WHERE kind = $1 AND store_id = $2 AND about = $3"
NEVER_TOLD = "DELETE FROM faults WHERE ended_at IS NOT NULL AND NOT told"
OPEN_STORES = "SELECT store_id FROM stores WHERE closed_at IS NULL ORDER BY store_id"
LAST_SENT = """
SELECT max(ended_at) FROM touches
WHERE store_id = $1 AND happened_at > $2::timestamptz - interval '2 days' AND ended = 'sent'
"""
# At the same hours of the weeks before, how many went out: each of them, also one of nothing.
WEEKS_BEFORE = """
SELECT (SELECT count(*) FROM touches WHERE store_id = $1 AND ended = 'sent'
    AND happened_at > $2::timestamptz - weeks - interval '1 day' AND happened_at <= $3::timestamptz - weeks
    AND ended_at > $2::timestamptz - weeks AND ended_at <= $3::timestamptz - weeks) AS sent
FROM unnest('{7 days,14 days,21 days}'::interval[]) AS weeks
"""
ANSWERS = """
SELECT channel, sum(sent)::bigint AS sent, sum(delivered)::bigint AS delivered, sum(bounced)::bigint AS bounced,
    sum(complained)::bigint AS complained
FROM touch_sums WHERE store_id = $1 AND day > $2::date - 7 GROUP BY channel ORDER BY channel
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A fault in force: since when, and when it was seen last."""

    fault: Fault
    since: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Untold:
    """A fault of which ops do not know yet that it has begun, or, with `ended_at`, that it is over."""

    fault: Fault
    since: datetime
    ended_at: datetime | None


async def see(connection: Connection, faults: Sequence[Fault], now: datetime) -> list[Fault]:
    """Notes what is seen now; those of it that begin."""
    if not faults:
        return []
    keys = [(f.kind, f.store_id, f.about) for f in faults]
    columns = zip(*(astuple(fault) for fault in faults), strict=True)
    rows = await connection.fetch(SEE, *columns, now)
    begun = {(row["kind"], row["store_id"], row["about"]) for row in rows if row["begins"]}
    return [fault for fault, key in zip(faults, keys, strict=True) if key in begun]


async def in_force(connection: Connection, store_id: str | None = None) -> list[Standing]:
    """All of them, or those that are wrong for a store."""
    rows = await connection.fetch(IN_FORCE, store_id)
    return [Standing(_fault(row), row["since"], row["seen_at"]) for row in rows]


async def end(connection: Connection, faults: Iterable[Fault], now: datetime) -> None:
    """They are over. Of one of which nobody was told nothing is left."""
    keys = [(fault.kind, fault.store_id, fault.about) for fault in faults]
    if keys:
        await connection.execute(END, *zip(*keys, strict=True), now)
        await connection.execute(NEVER_TOLD)


async def untold(connection: Connection) -> Untold | None:
    """The next one to tell of, held until the end of the transaction."""
    row = await connection.fetchrow(UNTOLD)
    return None if row is None else Untold(_fault(row), row["since"], row["ended_at"])


async def note_told(connection: Connection, one: Untold) -> None:
    """Ops know it: a fault that is over goes."""
    key = (one.fault.kind, one.fault.store_id, one.fault.about)
    await connection.execute(TELL if one.ended_at is None else FORGET, *key)


async def open_stores(connection: Connection) -> list[str]:
    """The stores that are not closed."""
    return [row["store_id"] for row in await connection.fetch(OPEN_STORES)]


async def last_sent(connection: Connection, store_id: str, now: datetime) -> datetime | None:
    """When a store's last message went out, if that was in the last two days or so."""
    found: datetime | None = await connection.fetchval(LAST_SENT, store_id, now)
    return found


async def weeks_before(connection: Connection, store_id: str, since: datetime, now: datetime) -> tuple[int, ...]:
    """How many went out between the same hours, one, two and three weeks ago."""
    return tuple(row["sent"] for row in await connection.fetch(WEEKS_BEFORE, store_id, since, now))


async def answers(connection: Connection, store_id: str, now: datetime) -> list[Row]:
    """What a week's messages came to, by channel."""
    return list(await connection.fetch(ANSWERS, store_id, now))


def _fault(row: Row) -> Fault:
    return Fault(row["kind"], row["store_id"], row["about"], row["value"], row["expected"])
