"""How far customer.profiles has been read, which bounds what is taken up. Takes a connection, never commits."""

from collections.abc import Sequence
from datetime import datetime

from libs.contracts.topics import CUSTOMER_PROFILES
from libs.postgres.pool import Connection

PARTITIONS = CUSTOMER_PROFILES.partitions

WAITING_SINCE = """
SELECT now() WHERE EXISTS (
    SELECT FROM deliveries
    WHERE state IN ('pending', 'sending') AND next_at <= now()
      AND next_at > coalesce((SELECT min(read_until) FROM profiles_read HAVING count(*) >= $1), '-infinity')
)
"""

NOTE = """
INSERT INTO profiles_read (partition, read_until) SELECT unnest($1::int[]), $2
ON CONFLICT (partition) DO UPDATE SET read_until = excluded.read_until
WHERE profiles_read.read_until < excluded.read_until
"""


async def waiting_since(connection: Connection) -> datetime | None:
    """The database's present moment if something due waits for profiles to be read, else None."""
    found: datetime | None = await connection.fetchval(WAITING_SINCE, PARTITIONS)
    return found


async def note(connection: Connection, partitions: Sequence[int], until: datetime) -> None:
    """Notes that these partitions of the profiles were read up to a moment."""
    await connection.execute(NOTE, list(partitions), until)
