"""How far each partition of a feed was taken in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from libs.postgres.pool import Connection

# Held until the transaction ends: another process, which the partition was given to too early, waits and then drops.
LOCK = """
SELECT partition, taken, written_at FROM feed_progress
WHERE topic = $1 AND partition = ANY ($2::integer[]) ORDER BY partition FOR UPDATE
"""
NOTE = """
INSERT INTO feed_progress AS known (topic, partition, taken, written_at)
SELECT $1, * FROM unnest($2::integer[], $3::bigint[], $4::timestamptz[])
ON CONFLICT (topic, partition) DO UPDATE
SET taken = excluded.taken, written_at = greatest(known.written_at, excluded.written_at)
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest offset that was taken in, and the newest time of any record up to it."""

    taken: int
    written_at: datetime


async def lock(connection: Connection, topic: str, partitions: list[int]) -> dict[int, Progress]:
    """How far these partitions were taken in, held until the caller's transaction ends."""
    rows = await connection.fetch(LOCK, topic, partitions)
    return {row["partition"]: Progress(row["taken"], row["written_at"]) for row in rows}


async def note(connection: Connection, topic: str, reached: Mapping[int, Progress]) -> None:
    """Notes how far partitions were taken in."""
    columns = ([one.taken for one in reached.values()], [one.written_at for one in reached.values()])
    await connection.execute(NOTE, topic, list(reached), *columns)
