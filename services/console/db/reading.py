"""How far the console has read, as its processes note it. Never commits."""

from collections.abc import Mapping
from datetime import datetime

from libs.postgres.pool import Connection
from services.console.domain.reading import Reading

NOTE = """
INSERT INTO reading AS known (topic, partition, unread, newest_at, measured_at)
SELECT topic, partition, unread, newest_at, $5 FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[])
    AS given (topic, partition, unread, newest_at) ORDER BY 1, 2
ON CONFLICT (topic, partition) DO UPDATE
SET unread = excluded.unread, newest_at = greatest(known.newest_at, excluded.newest_at),
    measured_at = greatest(known.measured_at, excluded.measured_at)
"""
READINGS = """
SELECT topic, sum(unread)::bigint AS unread, max(newest_at) AS newest_at, min(measured_at) AS measured_at
FROM reading GROUP BY topic ORDER BY topic
"""
Place = tuple[str, int]
"""Topic, without a prefix, and partition."""


async def note(
    connection: Connection, unread: Mapping[Place, int], newest: Mapping[Place, datetime], now: datetime
) -> None:
    """Writes down what is left in the partitions that a process reads, and how new what it has read is."""
    if unread:
        topics, partitions = zip(*unread, strict=True)
        ages = [newest.get(place) for place in unread]
        await connection.execute(NOTE, topics, partitions, list(unread.values()), ages, now)


async def readings(connection: Connection) -> list[Reading]:
    """Each topic of which something is known, by name."""
    return [Reading(**row) for row in await connection.fetch(READINGS)]
