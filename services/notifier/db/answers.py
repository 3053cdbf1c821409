"""What providers tell of messages that they have taken. Functions take a connection, and never commit."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.answers import Answer, Weight

TAKE = "INSERT INTO provider_events (provider, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"

# Held until the end: an erasure takes the message and what is heard of it together.
BY_REMINDER = """
SELECT reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant, provider_id,
       recipient, sending_at
FROM deliveries WHERE reminder_id = $1 AND channel = $2 AND sending_at IS NOT NULL FOR KEY SHARE
"""
BY_PROVIDER = """
SELECT reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant, provider_id,
       recipient, sending_at
FROM deliveries WHERE provider_id = $1 AND channel = $2 AND sending_at IS NOT NULL
ORDER BY sending_at DESC LIMIT 1 FOR KEY SHARE
"""

NOTE = """
INSERT INTO answers (reminder_id, answer, weight, provider, status, reason, first_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
ON CONFLICT (reminder_id, answer, weight) DO UPDATE
SET times = answers.times + 1, status = coalesce(excluded.status, answers.status),
    reason = coalesce(excluded.reason, answers.reason),
    first_at = least(answers.first_at, excluded.first_at), last_at = greatest(answers.last_at, excluded.last_at)
RETURNING times
"""

# Of one address, whichever customers have it: other messages that came back for now.
SOFT_BEFORE = """
SELECT count(*) FROM deliveries d JOIN answers a USING (reminder_id)
WHERE d.store_id = $1 AND d.recipient = $2 AND d.channel = $3 AND d.reminder_id <> $4
  AND a.answer = 'bounced' AND a.weight = 'soft' AND a.last_at > $5::timestamptz - $6::interval
"""

LAST_TO = """
SELECT reminder_id FROM deliveries
WHERE store_id = $1 AND recipient = $2 AND channel = $3 AND sending_at IS NOT NULL
ORDER BY sending_at DESC LIMIT 1
"""

TAKEN = """
UPDATE deliveries SET state = 'sent', reason = NULL, provider_id = coalesce(provider_id, $2)
WHERE reminder_id = $1 AND state = 'unknown'
RETURNING provider_id, CASE WHEN coupon_code IS NOT NULL THEN coupon_from ->> 'pool' END AS coupon_pool
"""

OF = """
SELECT reminder_id, answer, nullif(weight, '') AS weight, provider, status, reason, times, first_at, last_at
FROM answers WHERE reminder_id = ANY ($1::uuid[]) ORDER BY reminder_id, first_at, answer
"""


async def take(connection: Connection, provider: str, event_id: str) -> bool:
    """Notes that a provider has told us something; False if it had told it before."""
    return rows_affected(await connection.execute(TAKE, provider, event_id)) == 1


async def about(connection: Connection, answer: Answer, channel: str) -> Mapping[str, Any] | None:
    """The message that an answer is about, by its reminder, else by the provider's name for it."""
    found = None
    if answer.reminder_id is not None:
        found = await connection.fetchrow(BY_REMINDER, answer.reminder_id, channel)
    if found is None and answer.provider_id:
        found = await connection.fetchrow(BY_PROVIDER, answer.provider_id, channel)
    return None if found is None else dict(found)


async def note(connection: Connection, reminder_id: UUID, provider: str, answer: Answer, weight: Weight | None) -> bool:
    """Writes an answer beside its message; whether it is the first of its kind."""
    said = (answer.status, answer.reason, answer.at)
    return bool(await connection.fetchval(NOTE, reminder_id, answer.kind, weight or "", provider, *said) == 1)


async def taken_after_all(connection: Connection, reminder_id: UUID, name: str | None) -> dict[str, Any] | None:
    """Makes a message `sent` of which nobody knew: under which provider's `name`, and the pool of the code that it
    offers; None of any other.
    """
    row = await connection.fetchrow(TAKEN, reminder_id, name)
    return None if row is None else dict(row)


async def last_to(connection: Connection, store_id: str, subject: str, channel: str) -> UUID | None:
    """The message that went last to an address, by its hash, if one is known."""
    found: UUID | None = await connection.fetchval(LAST_TO, store_id, subject, channel)
    return found


async def soft_before(connection: Connection, delivery: Mapping[str, Any], now: datetime, within: timedelta) -> int:
    """How many other messages to the same address came back for now, within so long."""
    whose = (delivery["store_id"], delivery["recipient"], delivery["channel"], delivery["reminder_id"])
    return int(await connection.fetchval(SOFT_BEFORE, *whose, now, within))


async def of(connection: Connection, reminder_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """What was heard of messages, the first thing first."""
    heard: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in await connection.fetch(OF, list(reminder_ids)):
        one = dict(row)
        heard[one.pop("reminder_id")].append(one)
    return heard
