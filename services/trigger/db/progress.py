"""Up to when each partition of cart.events was read. Takes a connection, never commits."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from libs.postgres.pool import Connection

ADVANCE = """
INSERT INTO partition_progress AS p (partition, read_until)
SELECT * FROM unnest($1::integer[], $2::timestamptz[])
ON CONFLICT (partition) DO UPDATE SET read_until = excluded.read_until
WHERE p.read_until < excluded.read_until
"""

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


async def advance(connection: Connection, read_until: Mapping[int, datetime]) -> None:
    """Moves partitions forward to the moment up to which they were read; never backwards."""
    if read_until:
        ordered = sorted(read_until.items())
        await connection.execute(ADVANCE, [p for p, _ in ordered], [moment for _, moment in ordered])


async def lag_seconds(connection: Connection) -> float | None:
    """How far the partition that was read least is behind the database's clock, of those that were read at all."""
    lag: float | None = await connection.fetchval(LAG)
    return lag
