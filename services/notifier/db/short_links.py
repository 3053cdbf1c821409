"""What the short links of messages stand for. Functions take a connection, and never commit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection

UNSUBSCRIBES = "SELECT store_id, customer_id, channel FROM deliveries WHERE unsubscribe_link = $1"
MESSAGE = "SELECT reminder_id FROM deliveries WHERE unsubscribe_link = $1"
LEADS_TO = """
SELECT store_id, cart_id, reminder_id, campaign, kind, step, channel, template, variant,
       now() - sending_at AS since_sent, clicked_at IS NOT NULL AS clicked,
       EXISTS (
           SELECT FROM answers WHERE answers.reminder_id = deliveries.reminder_id AND answer = 'suspected'
       ) AS suspected,
       CASE WHEN coupon_until IS NULL OR coupon_until > now() THEN coalesce(coupon_code, coupon) END AS coupon
FROM deliveries
WHERE cart_link = $1 AND sending_at > now() - $2::interval AND cart_id IS NOT NULL
"""
CLICKED = """
UPDATE deliveries SET clicked_at = now() WHERE reminder_id = $1 AND clicked_at IS NULL
RETURNING reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant,
    CASE WHEN coupon_code IS NOT NULL THEN coupon_from ->> 'pool' END AS coupon_pool
"""
# Held until the end: an erasure takes the message and what is heard of it together.
TO_TELL = """
SELECT reminder_id, store_id, customer_id, campaign, kind, step, channel, cart_id, order_id, sku, variant,
    CASE WHEN coupon_code IS NOT NULL THEN coupon_from ->> 'pool' END AS coupon_pool
FROM deliveries WHERE reminder_id = $1 AND clicked_at IS NULL FOR KEY SHARE
"""


@dataclass(frozen=True, slots=True)
class CartOfLink:
    """The cart that a link leads to, of which message, since when that is sent, and whether it was clicked, or may have
    been; what UTM parameters name of the message; `coupon` is the code that the message offers, as long as that counts.
    """

    store_id: str
    cart_id: UUID
    reminder_id: UUID
    since_sent: timedelta
    clicked: bool
    suspected: bool
    campaign: str
    kind: str
    step: int
    channel: str
    template: str
    variant: str | None
    coupon: str | None = None


async def who_unsubscribes(connection: Connection, link: bytes) -> tuple[str, str, str] | None:
    """The store, customer and channel of a hashed link, as long as its message is known."""
    row = await connection.fetchrow(UNSUBSCRIBES, link)
    return None if row is None else (row["store_id"], row["customer_id"], row["channel"])


async def message_of(connection: Connection, link: bytes) -> UUID | None:
    """The message of a hashed link to unsubscribe, as long as it is known."""
    found: UUID | None = await connection.fetchval(MESSAGE, link)
    return found


async def leads_to(connection: Connection, link: bytes, valid: timedelta) -> CartOfLink | None:
    """The cart of a hashed link whose message is not older than `valid`."""
    row = await connection.fetchrow(LEADS_TO, link, valid)
    return None if row is None else CartOfLink(**row)


async def note_click(connection: Connection, reminder_id: UUID) -> dict[str, Any] | None:
    """Notes that a message's link was followed; what `message.clicked` says of it, None where it was before."""
    row = await connection.fetchrow(CLICKED, reminder_id)
    return dict(row) if row is not None else None


async def to_tell(connection: Connection, reminder_id: UUID) -> dict[str, Any] | None:
    """What `message.clicked` says of a message as long as it was not clicked, and changes nothing; else None."""
    row = await connection.fetchrow(TO_TELL, reminder_id)
    return dict(row) if row is not None else None
