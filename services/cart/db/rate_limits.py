"""What all replicas together know of busy callers: when each one's bucket will be full again."""

from collections.abc import Sequence

from libs.postgres.pool import Connection, Pool
from libs.postgres.results import rows_affected

# As `rates.told` works it out: greatest(due, now - age) + cost. Callers come sorted, so that replicas never wait for
# each other in a circle. The answer is a span of time: the clocks of the replicas need not agree.
TELL = """
INSERT INTO rate_levels AS known (caller, due, cost)
SELECT caller, statement_timestamp() + (cost - age) * interval '1 microsecond', cost
FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS spent (caller, cost, age)
ON CONFLICT (caller) DO UPDATE
SET due = greatest(known.due + excluded.cost * interval '1 microsecond', excluded.due), cost = excluded.cost
RETURNING caller, (extract(epoch FROM due - statement_timestamp()) * 1000000)::bigint AS debt
"""
FORGET = """
DELETE FROM rate_levels WHERE caller = ANY (ARRAY(
    SELECT caller FROM rate_levels WHERE due < now() - interval '1 minute' LIMIT $1 FOR UPDATE SKIP LOCKED))
"""


async def tell(pool: Pool, callers: Sequence[bytes], costs: Sequence[int], ages: Sequence[int]) -> dict[bytes, int]:
    """Adds what callers (sorted, each once) spent here; gives what each owes on all replicas, in microseconds."""
    rows = await pool.fetch(TELL, callers, costs, ages)
    return {row["caller"]: row["debt"] for row in rows}


async def forget(connection: Connection, most: int) -> int:
    """Removes up to `most` callers whose buckets are full; gives how many there were."""
    return rows_affected(await connection.execute(FORGET, most))
