"""Between the last word and the record: what may be out, and what became of it. Functions take a connection, and never
commit. Many deliveries are written in one statement, each by its own lease: who has lost theirs writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from libs.contracts.events import MessageEvent
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from services.notifier.domain.reminder import Reminder, State

BEGIN = """
UPDATE deliveries d
SET state = 'sending', sending_at = now(), next_at = now() + $1, recipient = address_subject(s.address),
    copies = s.copies, unsubscribe_link = s.unsubscribe_link, cart_link = s.cart_link, content = s.content
FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[])
    AS s (reminder_id, lease_token, address, copies, unsubscribe_link, cart_link, content)
WHERE d.reminder_id = s.reminder_id AND d.lease_token = s.lease_token AND d.state IN ('pending', 'sending')
RETURNING d.reminder_id
"""

# Whatever is being told of a message holds its row in share until it is written.
HOLD = "SELECT 1 FROM deliveries WHERE reminder_id = $1 FOR UPDATE"

# The events are written of those alone that are ended here, and after their rows are.
FINISH = """
WITH ended AS (
    UPDATE deliveries d
    SET state = e.state, reason = e.reason, provider_id = e.provider_id, finished_at = now(), lease_token = NULL,
        content = CASE WHEN e.state IN ('sent', 'unknown') THEN coalesce(e.content, d.content) END
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $11::bytea[])
        AS e (reminder_id, lease_token, state, reason, provider_id, content)
    WHERE d.reminder_id = e.reminder_id AND d.lease_token = e.lease_token AND d.state IN ('pending', 'sending')
    RETURNING d.reminder_id
), told AS (
    INSERT INTO outbox (topic, key, value, headers, occurred_at)
    SELECT topic, key, value, headers, greatest(clock_timestamp(), stamp)
    FROM unnest($1::uuid[], $6::text[], $7::text[], $8::bytea[], $9::text[], $10::timestamptz[])
        AS event (reminder_id, topic, key, value, headers, stamp)
    JOIN ended USING (reminder_id)
)
SELECT reminder_id FROM ended
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """A delivery that is about to be handed over: to which address, the hashes of the links that it bears, and what is
    kept of what it says.
    """

    reminder: Reminder
    address: str
    links: tuple[bytes, bytes]
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A delivery's final state, the event that tells of it, and what was sent where that was written anew."""

    reminder: Reminder
    state: State
    reason: str | None
    provider_id: str | None
    event: MessageEvent
    content: bytes | None = None


async def begin(connection: Connection, sendings: Sequence[Sending], lease: timedelta) -> set[UUID]:
    """Marks that providers may have them from now on, whom they are for as a hash, and that their links hold.

    Gives those of which it is so: the others' lease was lost, or they were cancelled.
    """
    if not sendings:
        return set()
    rows = [(s.reminder.reminder_id, s.reminder.lease_token, s.address, s.reminder.copies + 1) for s in sendings]
    links = ([s.links[n] for s in sendings] for n in range(2))
    begun = await connection.fetch(
        BEGIN, lease, *([row[n] for row in rows] for n in range(4)), *links, [s.content for s in sendings]
    )
    return {row["reminder_id"] for row in begun}


async def hold(connection: Connection, r: Reminder) -> None:
    """Waits until all that is being told of it is written; nothing more is until the transaction ends."""
    await connection.execute(HOLD, r.reminder_id)


async def finish(connection: Connection, endings: Sequence[Ending], source: str) -> set[UUID]:
    """Writes final states and tells of them, from `source`; gives those that nobody else has by now."""
    rows = [(e.reminder.reminder_id, e.reminder.lease_token, e.state, e.reason, e.provider_id) for e in endings]
    told = outbox.rows([e.event for e in endings], source)
    stamps = [e.event.occurred_at for e in endings]
    columns = ([row[n] for row in rows] for n in range(5))
    events = (told.topics, told.keys, told.values, told.headers, stamps)
    ended = await connection.fetch(FINISH, *columns, *events, [e.content for e in endings])
    return {row["reminder_id"] for row in ended}
