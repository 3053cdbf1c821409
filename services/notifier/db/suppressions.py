"""Channels that are closed to a customer or to an address. Functions take a connection, and never commit.

E-mail goes to the e-mail address, every other channel to the phone number.
"""

from typing import Literal

from libs.contracts.events import Channel
from libs.postgres.pool import Connection
from services.notifier.domain.addresses import spelled

SuppressionReason = Literal["unsubscribed", "bounced", "complained", "stop"]

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


async def suppress_customer(
    connection: Connection, store_id: str, customer_id: str, channel: Channel, reason: SuppressionReason
) -> None:
    """Closes a channel to a customer and to the address that they have now. Again: nothing."""
    await connection.execute(SUPPRESS_CUSTOMER, store_id, customer_id, channel, reason)


async def suppress_address(
    connection: Connection, store_id: str, channel: Channel, address: str, reason: SuppressionReason
) -> None:
    """Closes a channel to an address, whoever has it. Again: nothing."""
    await connection.execute(SUPPRESS_ADDRESS, store_id, channel, spelled(address), reason)


async def restore_address(connection: Connection, store_id: str, channel: Channel, address: str) -> None:
    """START takes back what STOP did, and nothing else: an unsubscription or a bounce stays."""
    await connection.execute(RESTORE_ADDRESS, store_id, channel, spelled(address))
