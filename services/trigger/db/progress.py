"""Up to when each partition of cart.events was read. Takes a connection, never commits."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from libs.postgres.pool import Connection

# Whether anything waits for it is told with it, so that timers are woken for that alone.
ADVANCE = """
WITH moved AS (
    INSERT INTO partition_progress AS p (partition, read_until)
    SELECT * FROM unnest($1::integer[], $2::timestamptz[])
    ON CONFLICT (partition) DO UPDATE SET read_until = excluded.read_until
    WHERE p.read_until < excluded.read_until
    RETURNING p.partition, p.read_until
)
SELECT EXISTS (
    SELECT FROM moved CROSS JOIN LATERAL (
        SELECT FROM carts WHERE carts.partition = moved.partition AND carts.due_at < moved.read_until LIMIT 1
    ) AS due
) OR EXISTS (
    SELECT FROM moved CROSS JOIN LATERAL (
        SELECT FROM occasions WHERE occasions.partition = moved.partition AND due_at < moved.read_until LIMIT 1
    ) AS due
) OR EXISTS (SELECT FROM fan_outs WHERE state = 'open')
"""

PROGRESS = "trigger_progress"
"""The channel on which timers are woken."""

KNOW = """
INSERT INTO partition_progress (partition, read_until)
SELECT n, 'epoch' FROM unnest($1::integer[]) AS n
ON CONFLICT (partition) DO NOTHING
"""

LAG = """
SELECT extract(epoch FROM clock_timestamp() - min(read_until))::float8
FROM partition_progress WHERE read_until > 'epoch'
"""


async def know(connection: Connection, partitions: Iterable[int]) -> None:
    """Notes that there are these partitions; those of which nothing was read were read up to 1970."""
    await connection.execute(KNOW, sorted(partitions))


async def advance(connection: Connection, read_until: Mapping[int, datetime]) -> bool:
    """Moves partitions forward to the moment up to which they were read; never backwards.

    Returns whether anything may fall due by it.
    """
    if not read_until:
        return False
    ordered = sorted(read_until.items())
    return bool(await connection.fetchval(ADVANCE, [p for p, _ in ordered], [moment for _, moment in ordered]))


async def lag_seconds(connection: Connection) -> float | None:
    """How far the partition that was read least is behind the database's clock, of those that were read at all."""
    lag: float | None = await connection.fetchval(LAG)
    return lag
