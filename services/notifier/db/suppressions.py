"""Channels that are closed to a customer or to an address. Functions take a connection, and never commit.

E-mail goes to the e-mail address, a text to the phone number, all else to a handle of its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.contracts.events import Channel
from libs.postgres.pool import Connection
from services.notifier.domain.addresses import spelled

SuppressionReason = Literal["unsubscribed", "bounced", "complained", "stop"]

# Somebody who was erased may still click in an old message: nothing is kept under the name, and nothing is sent to it.
SUPPRESS_CUSTOMER = """
INSERT INTO suppressions (store_id, channel, subject, reason, source)
SELECT $1, $3, subject, $4, 'link'
FROM (
    SELECT 'customer:' || $2 AS subject
    WHERE NOT EXISTS (SELECT FROM erased_customers WHERE mark = customer_mark($1, $2))
       OR EXISTS (SELECT FROM contacts WHERE store_id = $1 AND customer_id = $2)
    UNION
    SELECT address_subject(address_on($3, email, phone, handles)) FROM contacts
    WHERE store_id = $1 AND customer_id = $2 AND address_on($3, email, phone, handles) IS NOT NULL
) AS subjects
ON CONFLICT (store_id, channel, subject, reason)
DO UPDATE SET created_at = excluded.created_at, source = excluded.source
"""

SUPPRESS_ADDRESS = """
INSERT INTO suppressions (store_id, channel, subject, reason, source, status)
VALUES ($1, $2, address_subject($3), $4, $5, $6)
ON CONFLICT (store_id, channel, subject, reason)
DO UPDATE SET created_at = excluded.created_at, source = excluded.source, status = excluded.status
"""

SUPPRESS_SUBJECT = """
INSERT INTO suppressions (store_id, channel, subject, reason, source, status) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (store_id, channel, subject, reason)
DO UPDATE SET created_at = excluded.created_at, source = excluded.source, status = excluded.status
"""

RESTORE_ADDRESS = """
DELETE FROM suppressions WHERE store_id = $1 AND channel = $2 AND subject = address_subject($3) AND reason = 'stop'
"""

LIFT_UNSUBSCRIPTION = """
DELETE FROM suppressions
WHERE store_id = $1 AND channel = $2 AND subject IN ('customer:' || $3, address_subject($4)) AND reason = 'unsubscribed'
  AND created_at < $5
"""


async def suppress_customer(
    connection: Connection, store_id: str, customer_id: str, channel: Channel, reason: SuppressionReason
) -> None:
    """Closes a channel to a customer and to the address that they have now. Again: the later time holds."""
    await connection.execute(SUPPRESS_CUSTOMER, store_id, customer_id, channel, reason)


@dataclass(frozen=True, slots=True)
class ClosedBy:
    """Who or what has closed a channel: `link`, `reply`, or a provider's name, and by which status or reason."""

    source: str
    status: str | None = None


async def suppress_address(
    connection: Connection,
    store_id: str,
    channel: Channel,
    address: str,
    reason: SuppressionReason,
    by: ClosedBy | None = None,
) -> None:
    """Closes a channel to an address, whoever has it. Again: the later time holds."""
    why = (reason, by and by.source, by and by.status)
    await connection.execute(SUPPRESS_ADDRESS, store_id, channel, spelled(address), *why)


async def suppress_subject(
    connection: Connection, store_id: str, channel: Channel, subject: str, reason: SuppressionReason, by: ClosedBy
) -> None:
    """The same to the address of which a message knows the hash (`deliveries.recipient`)."""
    await connection.execute(SUPPRESS_SUBJECT, store_id, channel, subject, reason, by.source, by.status)


async def restore_address(connection: Connection, store_id: str, channel: Channel, address: str) -> None:
    """START takes back what STOP did, and nothing else: an unsubscription or a bounce stays."""
    await connection.execute(RESTORE_ADDRESS, store_id, channel, spelled(address))


async def lift_unsubscription(
    connection: Connection, store_id: str, customer_id: str, channel: Channel, address: str | None, agreed_at: datetime
) -> None:
    """Consent takes back an unsubscription that is older than it, and nothing else: complaint, bounce and STOP stay."""
    who = (customer_id, address and spelled(address))
    await connection.execute(LIFT_UNSUBSCRIPTION, store_id, channel, *who, agreed_at)
