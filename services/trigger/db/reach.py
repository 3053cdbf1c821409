"""How customers can be reached. Takes a connection, never commits."""

from collections.abc import Collection, Sequence

import asyncpg

from libs.contracts.events import ReachErased, ReachSet
from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.reach import Reach, ReachOf

KEEP = """
INSERT INTO reach (store_id, customer_id, version, email, sms, timezone, channels)
SELECT store_id, customer_id, version, email, sms, timezone, string_to_array(channels, ' ')
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::boolean[], $6::text[], $7::text[])
    AS t (store_id, customer_id, version, email, sms, timezone, channels)
ORDER BY store_id, customer_id
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, email = excluded.email, sms = excluded.sms, timezone = excluded.timezone,
    channels = excluded.channels
WHERE reach.version < excluded.version
"""
FORGET = """
DELETE FROM reach USING unnest($1::text[], $2::text[]) AS t (store_id, customer_id)
WHERE (reach.store_id, reach.customer_id) = (t.store_id, t.customer_id)
"""
AMONG = """
SELECT store_id, customer_id, email AS by_email, sms AS by_sms, timezone, channels AS by_channels
FROM reach JOIN unnest($1::text[], $2::text[]) AS t (store_id, customer_id) USING (store_id, customer_id)
"""
COLUMNS = ("store_id", "customer_id", "reach_version", "email", "sms", "timezone")
REACH_COLUMNS = ("by_email", "by_sms", "timezone", "by_channels")
"""What `reach_of` reads of a row, which tells other things too."""


async def keep(connection: Connection, told: Sequence[ReachSet]) -> None:
    """Keeps what is newer than what is known; of each customer one at most."""
    further = [None if one.channels is None else " ".join(one.channels) for one in told]
    await connection.execute(KEEP, *columns(told, *COLUMNS), further)


async def forget(connection: Connection, told: Sequence[ReachErased]) -> None:
    """Forgets customers."""
    await connection.execute(FORGET, *columns(told, "store_id", "customer_id"))


async def among(connection: Connection, people: Collection[tuple[str, str]]) -> ReachOf:
    """Those of the people of whom it is known."""
    if not people:
        return {}
    asked = sorted(people)
    rows = await connection.fetch(AMONG, [store_id for store_id, _ in asked], [customer for _, customer in asked])
    return {(row["store_id"], row["customer_id"]): found for row in rows if (found := reach_of(row))}


def reach_of(row: asyncpg.Record) -> Reach | None:
    """What a row tells by `REACH_COLUMNS`; None where nothing is known."""
    by_email = row["by_email"]
    return None if by_email is None else Reach(by_email, row["by_sms"], row["timezone"], row["by_channels"])
