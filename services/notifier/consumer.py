"""Events in: reminders to deliver, and how customers may be reached."""

from collections.abc import Callable, Sequence

from libs.contracts.events import Event, MessageCancelled, ProfileErased, ProfileSet, ReminderRequested
from libs.inbox.consumer import Received
from libs.outbox import store as outbox
from libs.outbox.waker import Waker
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.notifier import contacts, store
from services.notifier.delivery import SOURCE
from services.notifier.metrics import DELIVERIES


class Consumer:
    """Takes batches over in one transaction each; the same batch again changes nothing."""

    def __init__(self, pool: Pool, waker: Waker, clock: Clock, on_requests: Callable[[], None] = lambda: None) -> None:
        self._pool, self._waker, self._clock, self._on_requests = pool, waker, clock, on_requests

    async def handle(self, batch: Sequence[Received[Event]]) -> None:
        """Profiles in their order, then requests, so that a request meets the newest contact; one commit."""
        requests = [r.event for r in batch if isinstance(r.event, ReminderRequested)]
        cancelled: list[MessageCancelled] = []
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            for received in batch:
                if isinstance(received.event, ProfileSet):
                    await contacts.keep(connection, received.event)
                elif isinstance(received.event, ProfileErased):
                    cancelled += await self._erase(connection, received.event)
            if requests:
                await store.add(connection, requests)
            await outbox.append(connection, cancelled, SOURCE)
        if requests:
            self._on_requests()
        if cancelled:
            self._waker.touch()
        for event in cancelled:
            DELIVERIES.labels(event.channel, "cancelled", event.reason).inc()

    async def _erase(self, connection: Connection, erased: ProfileErased) -> list[MessageCancelled]:
        rows = await contacts.erase(connection, erased.store_id, erased.customer_id)
        return [MessageCancelled(event_id=uuid7(), occurred_at=self._clock(), **row) for row in rows]
