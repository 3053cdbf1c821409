"""Every query about people: contacts, erasure, suppressions. Functions take a connection, and never commit."""

from typing import Any, Literal

import asyncpg

from libs.contracts.events import Channel, ProfileSet
from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.replies import Meaning

SuppressionReason = Literal["unsubscribed", "bounced", "complained", "stop"]

# The newest version wins whatever the order of arrival; after an erasure anything is new.
KEEP = """
INSERT INTO contacts (store_id, customer_id, version, email, phone, name, locale, timezone, email_consent, sms_consent)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (store_id, customer_id) DO UPDATE
SET version = excluded.version, email = excluded.email, phone = excluded.phone, name = excluded.name,
    locale = excluded.locale, timezone = excluded.timezone, email_consent = excluded.email_consent,
    sms_consent = excluded.sms_consent
WHERE contacts.version < excluded.version
"""

ERASE = "DELETE FROM contacts WHERE store_id = $1 AND customer_id = $2"

# What is being sent at this moment can't be called back; what waits is not sent any more.
CANCEL_PENDING = """
UPDATE deliveries SET state = 'cancelled', reason = 'erased', finished_at = now(), lease_token = NULL
WHERE store_id = $1 AND customer_id = $2 AND state = 'pending'
RETURNING reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, variant, reason
"""

# Somebody who was erased may still click in an old message: nothing is kept under the name, and nothing is sent to it.
SUPPRESS_CUSTOMER = """
INSERT INTO suppressions (store_id, channel, subject, reason)
SELECT $1, $3, subject, $4
FROM (
    SELECT 'customer:' || $2 AS subject
    WHERE NOT EXISTS (SELECT FROM erased_customers WHERE mark = customer_mark($1, $2))
       OR EXISTS (SELECT FROM contacts WHERE store_id = $1 AND customer_id = $2)
    UNION
    SELECT address_subject(CASE $3 WHEN 'email' THEN email ELSE phone END) FROM contacts
    WHERE store_id = $1 AND customer_id = $2 AND CASE $3 WHEN 'email' THEN email ELSE phone END IS NOT NULL
) AS subjects
ON CONFLICT DO NOTHING
"""

SUPPRESS_ADDRESS = """
INSERT INTO suppressions (store_id, channel, subject, reason) VALUES ($1, $2, address_subject($3), $4)
ON CONFLICT DO NOTHING
"""

RESTORE_ADDRESS = """
DELETE FROM suppressions WHERE store_id = $1 AND channel = $2 AND subject = address_subject($3) AND reason = 'stop'
"""

# Who sent it is known only where exactly one customer has the number.
NOTE_REPLY = """
INSERT INTO replies (message_sid, store_id, meaning, customer_id)
SELECT $1, $2, $3, CASE count(*) WHEN 1 THEN min(customer_id) END FROM contacts WHERE store_id = $2 AND phone = $4
ON CONFLICT DO NOTHING
"""

UNCLEAR_REPLIES = """
SELECT message_sid, customer_id, received_at FROM replies
WHERE store_id = $1 AND meaning = 'unclear'
ORDER BY received_at DESC LIMIT $2
"""

LOCALE_OF_NUMBER = "SELECT locale FROM contacts WHERE store_id = $1 AND phone = $2 LIMIT 1"

LOCALE_OF = "SELECT locale FROM contacts WHERE store_id = $1 AND customer_id = $2"


async def keep(connection: Connection, profile: ProfileSet) -> None:
    """Takes a profile over unless a newer one is known."""
    p = profile
    who = (p.store_id, p.customer_id, p.profile_version, p.email, p.phone, p.name, p.locale, p.timezone)
    await connection.execute(KEEP, *who, p.email_consent, p.sms_consent)


async def erase(connection: Connection, store_id: str, customer_id: str) -> list[asyncpg.Record]:
    """Deletes a contact and cancels what waits for it; returns the cancelled deliveries' columns."""
    await connection.execute(ERASE, store_id, customer_id)
    return await connection.fetch(CANCEL_PENDING, store_id, customer_id)


async def suppress_customer(
    connection: Connection, store_id: str, customer_id: str, channel: Channel, reason: SuppressionReason
) -> None:
    """Closes a channel to a customer and to the address that they have now. Again: nothing."""
    await connection.execute(SUPPRESS_CUSTOMER, store_id, customer_id, channel, reason)


async def suppress_address(
    connection: Connection, store_id: str, channel: Channel, address: str, reason: SuppressionReason
) -> None:
    """Closes a channel to an address, whoever has it. Again: nothing."""
    await connection.execute(SUPPRESS_ADDRESS, store_id, channel, address, reason)


async def restore_address(connection: Connection, store_id: str, channel: Channel, address: str) -> None:
    """START takes back what STOP did, and nothing else: an unsubscription or a bounce stays."""
    await connection.execute(RESTORE_ADDRESS, store_id, channel, address)


async def locale_of(connection: Connection, store_id: str, customer_id: str) -> str | None:
    """The language that a customer reads, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_OF, store_id, customer_id)
    return found


async def note_reply(connection: Connection, sid: str, store_id: str, asked: Meaning, number: str) -> bool:
    """Notes that a text message came in; False if it is known already."""
    return rows_affected(await connection.execute(NOTE_REPLY, sid, store_id, asked, number)) == 1


async def unclear_replies(connection: Connection, store_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The replies that a person should read, newest first, by the provider's ids."""
    return [dict(row) for row in await connection.fetch(UNCLEAR_REPLIES, store_id, limit)]


async def locale_of_number(connection: Connection, store_id: str, number: str) -> str | None:
    """The language of whoever has this number, if they are known."""
    found: str | None = await connection.fetchval(LOCALE_OF_NUMBER, store_id, number)
    return found
