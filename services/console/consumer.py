"""Events in: each batch is written in one transaction, and only then acknowledged to Kafka."""

from collections.abc import Sequence
from datetime import datetime

from libs.contracts.events import Event
from libs.contracts.topics import (
    CART_EVENTS,
    CUSTOMER_ERASURES,
    INVENTORY_CROSSINGS,
    MESSAGE_EVENTS,
    REMINDER_DECISIONS,
    STORES,
)
from libs.inbox.consumer import Received
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.console.db.reading import Place
from services.console.handlers.take_in import take_in

GROUP = "console"
TOPICS = (
    *(STORES.name, CART_EVENTS.name, REMINDER_DECISIONS.name, MESSAGE_EVENTS.name),
    *(INVENTORY_CROSSINGS.name, CUSTOMER_ERASURES.name),
)


class Consumer:
    """Takes batches over in one transaction each; the same batch again changes nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.newest: dict[Place, datetime] = {}
        """When the newest record of each partition was made that was taken over."""

    async def handle(self, batch: Sequence[Received[Event]]) -> None:
        """One batch, one commit."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            await take_in(connection, [one.event for one in batch])
        for one in batch:
            place = (one.event.topic, one.partition)
            self.newest[place] = max(self.newest.get(place, one.timestamp), one.timestamp)
