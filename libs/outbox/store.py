"""Publishing is an INSERT on the caller's connection: it commits with the change that it tells of, or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libs.contracts.codec import headers_json, value_of
from libs.contracts.events import Event
from libs.contracts.topics import dlq
from libs.postgres.pool import Connection

# The time is that of the database, asked after the locks (which a statement of its own comes after), and never before
# what the changed row says of itself.
APPEND = """
INSERT INTO outbox (topic, key, value, headers, occurred_at)
SELECT topic, key, value, headers, greatest(clock_timestamp(), stamp)
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[], $5::timestamptz[])
    AS event (topic, key, value, headers, stamp)
"""

COPIED = ("topic", "key", "value", "headers")

# No horizon: rows of one key are written under one lock and take their ids after it, so whoever sees a row of a key
# sees every older one of it, or those were published before (decisions/order.md).
READ = "SELECT id, topic, key, value, headers, occurred_at FROM outbox WHERE id > $2 ORDER BY id LIMIT $1"

DELETE = "DELETE FROM outbox WHERE id = ANY ($1::bigint[])"

OLDEST = """
SELECT id, greatest(0, extract(epoch FROM clock_timestamp() - occurred_at))::float8 AS age
FROM outbox WHERE id > $1 ORDER BY id LIMIT 1
"""

DRAWN = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_id_seq"

WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND relation = 'outbox'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""

CHANNEL = "outbox"
WAKE = "SELECT pg_notify($1, '')"


@dataclass(frozen=True, slots=True)
class Rows:
    """Outbox rows as parallel columns, the shape that `unnest` takes: also for a service's own single statement."""

    topics: list[str]
    keys: list[str]
    values: list[bytes | None]
    headers: list[str]


def together(first: Rows, second: Rows) -> Rows:
    """Rows of both, so that one statement writes them."""
    return Rows(
        first.topics + second.topics,
        first.keys + second.keys,
        first.values + second.values,
        first.headers + second.headers,
    )


def rows(events: Iterable[Event], source: str) -> Rows:
    """The outbox rows of events, in their order; `source` is the CloudEvents source, such as `/evercart/cart`."""
    told = list(events)
    return Rows(
        [event.topic for event in told],
        [event.key() for event in told],
        [value_of(event) for event in told],
        [headers_json(event, source) for event in told],
    )


Published = tuple[str, str, bytes | None, str]
"""Topic, key, value and headers of an outbox row."""


def row(event: Event, source: str) -> Published:
    """The outbox row of one event, for a service's own single statement."""
    return event.topic, event.key(), value_of(event), headers_json(event, source)


async def append(connection: Connection, events: Iterable[Event], source: str) -> int:
    """Writes events to the outbox within the caller's transaction, in one statement; returns how many."""
    told = list(events)
    return await _insert(connection, rows(told, source), [event.occurred_at for event in told])


async def append_rows(connection: Connection, batch: Rows) -> int:
    """The same of rows that are made already and tell of no row with a time of its own: topics of ours, headers as
    `encode` writes them. By COPY, which takes the time from the column's default (decisions/time.md).
    """
    if batch.topics:
        rows = zip(batch.topics, batch.keys, batch.values, batch.headers, strict=True)
        await connection.copy_records_to_table("outbox", columns=COPIED, records=rows)
    return len(batch.topics)


async def publish_to_dead_letters(connection: Connection, tombstones: Iterable[Event], source: str) -> int:
    """Sends tombstones to the dead letters of their topics, where what they remove may lie as well."""
    told = list(tombstones)
    aside = replace(rows(told, source), topics=[dlq(event.topic) for event in told])
    return await _insert(connection, aside, [event.occurred_at for event in told])


async def _insert(connection: Connection, batch: Rows, stamps: list[datetime]) -> int:
    if batch.topics:
        await connection.execute(APPEND, batch.topics, batch.keys, batch.values, batch.headers, stamps)
    return len(batch.topics)
