"""What an erasure does in each table. Takes a connection, never commits."""

from collections.abc import Sequence

from libs.contracts.events import ErasureRequested
from libs.contracts.events.erasure import Done
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.db import confirmations as confirming
from services.notifier.db import coupons, monthly_wishes, pixel_consents
from services.notifier.db import preferences as preferring

MAX_VERSION = 2**63 - 1

# Whoever wanted no more messages gets none at the addresses that they have, also when nobody knows whose these are.
CARRY_OVER = """
INSERT INTO suppressions (store_id, channel, subject, reason, created_at)
SELECT s.store_id, s.channel, address_subject(address_on(s.channel, c.email, c.phone, c.handles)), s.reason,
       max(s.created_at)
FROM contacts AS c JOIN suppressions AS s ON s.store_id = c.store_id AND s.subject = 'customer:' || c.customer_id
WHERE c.store_id = $1 AND c.customer_id = ANY ($2::text[]) AND c.version <= $3
  AND address_on(s.channel, c.email, c.phone, c.handles) IS NOT NULL
GROUP BY 1, 2, 3, 4
ON CONFLICT (store_id, channel, subject, reason)
DO UPDATE SET created_at = greatest(suppressions.created_at, excluded.created_at)
"""
SUPPRESSIONS = """
DELETE FROM suppressions
WHERE store_id = $1 AND subject = ANY (SELECT 'customer:' || name FROM unnest($2::text[]) AS name)
"""
LIFTED = """
DELETE FROM lifted_suppressions
WHERE store_id = $1 AND subject = ANY (SELECT 'customer:' || name FROM unnest($2::text[]) AS name)
"""
CONTACTS = "DELETE FROM contacts WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND version <= $3"
# What waits is not sent any more; who is sending finds the row gone, and records nothing. What asks for the yes to a
# wish goes with the wish, however late that was.
DELIVERIES = """
DELETE FROM deliveries
WHERE store_id = $1 AND customer_id = ANY ($2::text[]) AND (due_at <= $3 OR kind = 'monthly_confirmation')
RETURNING coupon_from ->> 'pool' AS pool, coupon_code AS code, state IN ('sending', 'sent', 'unknown') AS told
"""
ANSWERS = """
DELETE FROM answers USING deliveries d
WHERE answers.reminder_id = d.reminder_id AND d.store_id = $1 AND d.customer_id = ANY ($2::text[]) AND d.due_at <= $3
"""
# Told anew where they have come back since.
REACH = "DELETE FROM reach WHERE store_id = $1 AND customer_id = ANY ($2::text[])"
REPLIES = "DELETE FROM replies WHERE store_id = $1 AND customer_id = ANY ($2::text[])"


async def carry_over(
    connection: Connection, store_id: str, customer_ids: Sequence[str], profile_version: int = MAX_VERSION
) -> None:
    """Closes channels that are closed to customers to their addresses as well, those of profiles up to a version."""
    await connection.execute(CARRY_OVER, store_id, customer_ids, profile_version)


async def erase(connection: Connection, request: ErasureRequested) -> list[tuple[str, Done, int]]:
    """Takes out what is older than the request; for each table what was done to how many rows."""
    who = (request.store_id, request.customer_ids)
    await carry_over(connection, *who, request.profile_version)
    await preferring.carry_over(connection, *who)
    contacts = await connection.execute(CONTACTS, *who, request.profile_version)
    confirmations = await confirming.erase(connection, *who, request.profile_version)
    answers = await connection.execute(ANSWERS, *who, request.occurred_at)
    deliveries = await connection.fetch(DELIVERIES, *who, request.occurred_at)
    told = [(row["pool"], row["code"]) for row in deliveries if row["code"] is not None and row["told"]]
    codes = await coupons.erase(connection, *who, told)
    replies = await connection.execute(REPLIES, *who)
    reach = await connection.execute(REACH, *who)
    suppressions = await connection.execute(SUPPRESSIONS, *who)
    lifted = await connection.execute(LIFTED, *who)
    preferences = await preferring.erase(connection, *who)
    changes = await preferring.erase_changes(connection, *who)
    pixels = await pixel_consents.erase(connection, *who)
    wishes = await monthly_wishes.erase(connection, *who)
    return [
        ("contacts", "deleted", _count(contacts)),
        ("confirmations", "deleted", confirmations),
        ("deliveries", "deleted", len(deliveries)),
        ("coupon_codes", "anonymised", codes),
        ("answers", "deleted", _count(answers)),
        ("replies", "deleted", _count(replies)),
        ("reach", "deleted", _count(reach)),
        ("suppressions", "hashed", _count(suppressions)),
        ("lifted_suppressions", "deleted", _count(lifted)),
        ("preferences", "hashed", preferences),
        ("preference_changes", "deleted", changes),
        ("pixel_consents", "deleted", pixels),
        ("monthly_wishes", "deleted", wishes),
    ]


def _count(status: str) -> int:
    return rows_affected(status)
