"""Polls of a consumer wait longer while nothing comes, and keep nothing else waiting (decisions/polls.md)."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest

from libs.kafka.clients import Consumer

SHORT_MS = 500
LONG_MS = 5_000
"""Far below the 10 s that a request may take."""
QUIET_S = 10.0
"""So long nothing has come when polls begin to be long."""
CONNECTION = max(ConnectionGroup) + 1
"""A broker answers what comes over one connection in order: what stood behind a poll would wait for its end."""

Monotonic = Callable[[], float]


class Polls:
    """Those of one consumer, which must have been started; each ends as soon as there is a record.

    They are short again once anything comes, partitions are given or taken, or a broker is in trouble.
    """

    def __init__(self, client: Any, monotonic: Monotonic = time.monotonic) -> None:  # noqa: ANN401 - aiokafka's own
        self._client, self._send, self._monotonic = client, client.send, monotonic
        self._stirred_at = monotonic()
        self._long = set[int]()
        client.send = self.send

    async def send(self, node_id: int, request: Any, *, group: int = ConnectionGroup.DEFAULT) -> Any:  # noqa: ANN401
        """What the client sends for the consumer. Raises `KafkaError`."""
        if isinstance(request, FetchRequest):
            return await self._poll(node_id, request)
        return await self._send(node_id, request, group=group)

    async def _poll(self, node_id: int, request: Any) -> Any:  # noqa: ANN401
        long = self._monotonic() - self._stirred_at >= QUIET_S
        request._max_wait_ms = LONG_MS if long else SHORT_MS  # noqa: SLF001 - else set once for a consumer's life
        if long:
            self._long.add(node_id)
        try:
            answer = await self._send(node_id, request, group=CONNECTION)
        except asyncio.CancelledError:  # other partitions: the broker would answer the old poll before the new one
            self._hang_up(node_id)
            self._stir()
            raise
        except KafkaError:
            if long and node_id not in self._long:
                return _Nothing
            self._rouse(node_id)
            raise
        self._long.discard(node_id)
        self._note(node_id, answer)
        return answer

    def _note(self, node_id: int, answer: Any) -> None:  # noqa: ANN401
        found = [(error, rest[-1]) for _, partitions in answer.topics for _, error, _, *rest in partitions]
        if any(error for error, _ in found):
            self._rouse(node_id)
        elif any(records for _, records in found):
            self._stir()

    def _stir(self) -> None:
        self._stirred_at = self._monotonic()

    def _rouse(self, troubled: int) -> None:
        """Ends the long polls of other brokers, who may be given this one's partitions."""
        self._stir()
        others, self._long = self._long - {troubled}, set()
        for node_id in others:
            self._hang_up(node_id)

    def _hang_up(self, node_id: int) -> None:
        self._long.discard(node_id)
        connection = self._client._conns.get((node_id, CONNECTION))  # noqa: SLF001 - it closes all or none by itself
        if connection is not None:
            connection.close()


class _Nothing:
    """An answer in which there is nothing of any partition."""

    API_VERSION, topics = 0, ()


def let_polls_wait(consumer: Consumer) -> None:
    """Once it has been started."""
    Polls(consumer._client)  # noqa: SLF001 - aiokafka takes no client from outside
