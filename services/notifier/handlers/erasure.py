"""A customer is forgotten here, and the cart service is told where: in the transaction of the batch that asked."""

from collections.abc import Iterable
from datetime import datetime

from libs.contracts.events import CustomerErased, ErasureRequested, Place, ProfileErased
from libs.contracts.topics import (
    CUSTOMER_CONSENTS,
    CUSTOMER_PROFILES,
    CUSTOMER_REACH,
    MESSAGE_EVENTS,
    REMINDER_REQUESTS,
    dlq,
    named,
)
from libs.erasure import store as erasure
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import erase_customer
from services.notifier.handlers.reach import bury_reach
from services.notifier.handlers.source import SOURCE

SERVICE = "notifier"
EXPIRING = (MESSAGE_EVENTS, CUSTOMER_CONSENTS, named(dlq(REMINDER_REQUESTS.name)))
DEAD_PROFILES = named(dlq(CUSTOMER_PROFILES.name))


async def erase(connection: Connection, request: ErasureRequested, now: datetime) -> None:
    """Takes a customer out of every table. The caller holds the lock of erasures alone. Again: finds nothing."""
    await erasure.remember(connection, request)
    tables = [
        Place(place=f"table {name}", done=done, rows=rows)
        for name, done, rows in await erase_customer.erase(connection, request)
    ]
    tombstoned = (DEAD_PROFILES, CUSTOMER_REACH)
    topics = [
        *(Place.topic(topic, "tombstoned", now) for topic in tombstoned),
        *(Place.topic(t, "expires", now) for t in EXPIRING),
    ]
    report = CustomerErased(
        event_id=uuid7(),
        occurred_at=now,
        erasure_id=request.erasure_id,
        store_id=request.store_id,
        service=SERVICE,
        places=(*tables, *topics),
    )
    await bury_profiles(connection, request.store_id, request.customer_ids, now)
    await bury_reach(connection, request.store_id, request.customer_ids, now)
    await outbox.append(connection, [report], SOURCE)


async def bury_profiles(connection: Connection, store_id: str, customer_ids: Iterable[str], now: datetime) -> None:
    """Removes what this service has put among the dead letters of the profiles, after what it has put there."""
    tombstones = [
        ProfileErased(event_id=uuid7(), occurred_at=now, store_id=store_id, customer_id=customer_id)
        for customer_id in customer_ids
    ]
    await outbox.publish_to_dead_letters(connection, tombstones, SOURCE)
