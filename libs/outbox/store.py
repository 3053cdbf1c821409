"""Publishing is an INSERT on the caller's connection: it commits with the change that it tells of, or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pydantic_core import to_json

from libs.contracts.codec import Record, encode
from libs.contracts.events import Event
from libs.contracts.topics import dlq
from libs.postgres.pool import Connection

APPEND = """
INSERT INTO outbox (topic, key, value, headers)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[])
"""

# The horizon is read with the rows, so that the delete that follows takes exactly what this snapshot could see.
READ = """
SELECT id, topic, key, value, headers, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon
FROM outbox
WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY id
LIMIT $1
"""

DELETE = "DELETE FROM outbox WHERE id <= $1 AND xid < $2::text::xid8"

WAKE = "SELECT pg_notify('outbox', '')"


@dataclass(frozen=True, slots=True)
class Rows:
    """Outbox rows as parallel columns, the shape that `unnest` takes: also for a service's own single statement."""

    topics: list[str]
    keys: list[str]
    values: list[bytes | None]
    headers: list[str]


def rows(events: Iterable[Event], source: str) -> Rows:
    """The outbox rows of events, in their order; `source` is the CloudEvents source, such as `/evercart/cart`."""
    return _columns([encode(event, source) for event in events])


async def append(connection: Connection, events: Iterable[Event], source: str) -> int:
    """Writes events to the outbox within the caller's transaction, in one statement; returns how many."""
    return await _insert(connection, rows(events, source))


async def publish_to_dead_letters(connection: Connection, tombstones: Iterable[Event], source: str) -> int:
    """Sends tombstones to the dead letters of their topics, where what they remove may lie as well."""
    records = [encode(event, source) for event in tombstones]
    return await _insert(connection, _columns([replace(record, topic=dlq(record.topic)) for record in records]))


def _columns(records: Sequence[Record]) -> Rows:
    return Rows(
        [r.topic for r in records],
        [r.key for r in records],
        [r.value for r in records],
        [to_json(r.headers).decode() for r in records],
    )


async def _insert(connection: Connection, batch: Rows) -> int:
    if batch.topics:
        await connection.execute(APPEND, batch.topics, batch.keys, batch.values, batch.headers)
    return len(batch.topics)
