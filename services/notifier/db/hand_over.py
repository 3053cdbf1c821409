"""Messages that a shop's server has handed over. Functions take a connection, and never commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection

ADD = """
INSERT INTO deliveries (reminder_id, store_id, customer_id, campaign, kind, step, channel, channels, template, cart_id,
                        cart_version, sku, order_id, price, viewed, coupon, due_at, expires_at, handed_over)
VALUES ($1, $2, $3, $4, $5, 1, $6, $7::jsonb, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, $16, $17, $18::jsonb)
ON CONFLICT (reminder_id) DO NOTHING
"""
ASKED = "SELECT handed_over ->> 'asked' AS asked FROM deliveries WHERE reminder_id = $1 AND store_id = $2"
ONE = """
SELECT reminder_id, customer_id, campaign, kind, step, channel, channels, template, cart_id, cart_version, order_id,
       sku, variant, due_at, expires_at, state, reason, failures, provider_id, received_at, finished_at,
       CASE WHEN finished_at IS NULL THEN next_at END AS next_at
FROM deliveries WHERE reminder_id = $1 AND store_id = $2
"""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A message to be sent: to whom, what it is about, and until when. `asked` is a hash of the request, `by` who made
    it; `channels` are in the order of preference. `price` in minor units.
    """

    reminder_id: UUID
    store_id: str
    customer_id: str
    campaign: str
    kind: str
    channels: Sequence[str]
    template: str
    due_at: datetime
    expires_at: datetime
    asked: str
    by: str
    variables: Mapping[str, str]
    cart_id: UUID | None = None
    cart_version: int | None = None
    sku: str | None = None
    order_id: str | None = None
    price: int | None = None
    viewed: Sequence[str] = ()
    coupon: str | None = None


async def add(connection: Connection, m: HandedOver) -> str | None:
    """Adds a message unless there is one of this id; returns what the one that there is then was asked for with."""
    who = (m.reminder_id, m.store_id, m.customer_id, m.campaign, m.kind, m.channels[0])
    channels = json.dumps(list(m.channels)) if len(m.channels) > 1 else None
    about = (m.template, m.cart_id, m.cart_version, m.sku, m.order_id, m.price)
    viewed = json.dumps(list(m.viewed)) if m.viewed else None
    handed_over = json.dumps({"asked": m.asked, "by": m.by, "variables": dict(m.variables)})
    rest = (viewed, m.coupon, m.due_at, m.expires_at, handed_over)
    await connection.execute(ADD, *who, channels, *about, *rest)
    asked: str | None = await connection.fetchval(ASKED, m.reminder_id, m.store_id)
    return asked


async def asked(connection: Connection, store_id: str, reminder_id: UUID) -> str | None:
    """What a message was asked for with, if it was handed over."""
    known: str | None = await connection.fetchval(ASKED, reminder_id, store_id)
    return known


async def one(connection: Connection, store_id: str, reminder_id: UUID) -> dict[str, Any] | None:
    """What became of one message of a store."""
    row = await connection.fetchrow(ONE, reminder_id, store_id)
    return None if row is None else {**row, "channels": json.loads(row["channels"] or "null") or [row["channel"]]}
