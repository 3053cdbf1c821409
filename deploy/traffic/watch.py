"""Watches what the stack tells itself in Kafka about one replay."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiokafka import ConsumerRecord, TopicPartition

from deploy.traffic.effect import Sale
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import CartEvent, CartOrdered, MessageAnswer, MessageEvent, ReminderRequested
from libs.contracts.topics import CART_EVENTS, MESSAGE_EVENTS, REMINDER_REQUESTS
from libs.kafka.clients import consumer
from libs.kafka.cluster import Servers

_TOPICS = (CART_EVENTS, REMINDER_REQUESTS, MESSAGE_EVENTS)


class Watch:
    """Reads the topics from where they end now on, and keeps what concerns customers of one store with a prefix."""

    def __init__(self, servers: Servers, topic_prefix: str, store_id: str, customers: str) -> None:
        self._store_id, self._customers, self._prefix = store_id, customers, topic_prefix
        self._consumer = consumer(servers, group_id=None)
        self._changed = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self.unreadable = 0
        self.carts: dict[str, CartEvent] = {}
        self.cart_events: dict[str, int] = {}
        self.requests: dict[str, ReminderRequested] = {}
        self.sales: list[Sale] = []
        self.outcomes: dict[str, MessageEvent] = {}

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        partitions = [TopicPartition(self._prefix + t.name, number) for t in _TOPICS for number in range(t.partitions)]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_end()
        # the position is where reading begins: known before the first change is made
        for partition in partitions:
            await self._consumer.position(partition)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def until(self, enough: Callable[[], bool], timeout_s: float) -> bool:
        """Whether it was enough within so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not enough():
                    self._changed.clear()
                    await self._changed.wait()
                return True
        return enough()

    async def _read(self) -> None:
        async for record in self._consumer:
            self._take(record)
            self._changed.set()

    def _take(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        headers = {name: value.decode() for name, value in record.headers}
        try:
            event = decode(record.key.decode() if record.key else None, headers, record.value)
        except UnreadableError:
            self.unreadable += 1
            return
        if isinstance(event, CartEvent | ReminderRequested | MessageEvent) and self._ours(event):
            self._keep(event)

    def _ours(self, event: CartEvent | ReminderRequested | MessageEvent) -> bool:
        return event.store_id == self._store_id and (event.customer_id or "").startswith(self._customers)

    def _keep(self, event: CartEvent | ReminderRequested | MessageEvent) -> None:
        if isinstance(event, CartEvent):
            before = self.carts.get(str(event.cart_id))
            if isinstance(event, CartOrdered) and before is not None and not before.closes:
                # an ordered cart is empty: what it cost is what was told of it before
                self.sales.append(Sale(str(event.cart_id), event.occurred_at, before.total, before.currency))
            self.carts[str(event.cart_id)] = event
            self.cart_events[event.type] = self.cart_events.get(event.type, 0) + 1
        elif isinstance(event, ReminderRequested):
            self.requests[str(event.reminder_id)] = event
        elif not isinstance(event, MessageAnswer):
            self.outcomes[str(event.reminder_id)] = event
