"""How customers can be reached. Takes a connection, never commits."""

from collections.abc import Collection, Sequence

from libs.contracts.events import ReachErased, ReachSet
from libs.postgres.pool import Connection
from services.trigger.db.columns import columns
from services.trigger.domain.reach import Reach, ReachOf

KEEP = """
INSERT INTO reach (store_id, customer_id, version, email, sms, timezone)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[], $5::boolean[], $6::text[])
    AS t (store_id, customer_id, version, email, sms, timezone)
ORDER BY store_id, customer_id
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, email = excluded.email, sms = excluded.sms, timezone = excluded.timezone
WHERE reach.version < excluded.version
"""
FORGET = """
DELETE FROM reach USING unnest($1::text[], $2::text[]) AS t (store_id, customer_id)
WHERE (reach.store_id, reach.customer_id) = (t.store_id, t.customer_id)
"""
AMONG = """
SELECT store_id, customer_id, email, sms, timezone
FROM reach JOIN unnest($1::text[], $2::text[]) AS t (store_id, customer_id) USING (store_id, customer_id)
"""
COLUMNS = ("store_id", "customer_id", "reach_version", "email", "sms", "timezone")


async def keep(connection: Connection, told: Sequence[ReachSet]) -> None:
    """Keeps what is newer than what is known; of each customer one at most."""
    await connection.execute(KEEP, *columns(told, *COLUMNS))


async def forget(connection: Connection, told: Sequence[ReachErased]) -> None:
    """Forgets customers."""
    await connection.execute(FORGET, *columns(told, "store_id", "customer_id"))


async def among(connection: Connection, people: Collection[tuple[str, str]]) -> ReachOf:
    """Those of the people of whom it is known."""
    if not people:
        return {}
    asked = sorted(people)
    rows = await connection.fetch(AMONG, [store_id for store_id, _ in asked], [customer for _, customer in asked])
    return {(r["store_id"], r["customer_id"]): Reach(r["email"], r["sms"], r["timezone"]) for r in rows}
