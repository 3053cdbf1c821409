"""A customer is forgotten here, and the cart service is told where: in the transaction of the batch that asked."""

from datetime import datetime

from libs.contracts.events import CustomerErased, ErasureRequested, Place
from libs.contracts.topics import (
    CART_EVENTS,
    CUSTOMER_REACH,
    MESSAGE_EVENTS,
    REMINDER_DECISIONS,
    REMINDER_REQUESTS,
    dlq,
    named,
)
from libs.erasure import store as erasure
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.trigger.db import erase_customer
from services.trigger.handlers.tell_decisions import SOURCE

SERVICE = "trigger"
EXPIRING = (
    REMINDER_REQUESTS,
    REMINDER_DECISIONS,
    named(dlq(CART_EVENTS.name)),
    named(dlq(CUSTOMER_REACH.name)),
    named(dlq(MESSAGE_EVENTS.name)),
)
"""What this service has written, and put aside unread."""


async def erase(connection: Connection, request: ErasureRequested, now: datetime) -> None:
    """Takes a customer out of every table. The caller holds the lock of erasures alone. Again: finds nothing."""
    await erasure.remember(connection, request)
    places = [
        Place(place=f"table {name}", done=done, rows=rows)
        for name, done, rows in await erase_customer.erase(connection, request)
    ]
    report = CustomerErased(
        event_id=uuid7(),
        occurred_at=now,
        erasure_id=request.erasure_id,
        store_id=request.store_id,
        service=SERVICE,
        places=(*places, *(Place.topic(topic, "expires", now) for topic in EXPIRING)),
    )
    await outbox.append(connection, [report], SOURCE)
