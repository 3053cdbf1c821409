"""A customer is forgotten here, and the cart service is told where: in the transaction of the batch that asked."""

from libs.contracts.events import CustomerErased, ErasureRequested, Place
from libs.contracts.topics import CART_EVENTS, MESSAGE_EVENTS, REMINDER_DECISIONS, dlq, named
from libs.erasure import store as erasure
from libs.outbox import store as outbox
from libs.postgres.clock import database_now
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.console.db import audit, erase_customer

SERVICE, SOURCE = "console", "/evercart/console"
EXPIRING = tuple(named(dlq(topic.name)) for topic in (CART_EVENTS, REMINDER_DECISIONS, MESSAGE_EVENTS))
"""What this service has put aside unread."""


async def erase(connection: Connection, request: ErasureRequested) -> None:
    """Takes a customer out of every table. The caller holds the lock of erasures alone. Again: finds nothing."""
    await erasure.remember(connection, request)
    found = await erase_customer.erase(connection, request)
    found["audit"] = await audit.forget(connection, request.store_id, request.customer_ids)
    now = await database_now(connection)
    tables = [Place(place=f"table {name}", done="anonymised", rows=rows) for name, rows in found.items()]
    report = CustomerErased(
        event_id=uuid7(),
        occurred_at=now,
        erasure_id=request.erasure_id,
        store_id=request.store_id,
        service=SERVICE,
        places=(*tables, *(Place.topic(topic, "expires", now) for topic in EXPIRING)),
    )
    await outbox.append(connection, [report], SOURCE)
