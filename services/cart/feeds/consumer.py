"""The feeds of the shop's own systems: one consumer for all of them, each read and taken in by its own part."""

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from prometheus_client import Counter, Gauge

from libs.contracts.topics import Topic
from libs.inbox.consumer import OUTSIDE, Inbox, Received, Refused
from libs.inbox.dead_letters import PoisonFloodError
from libs.inbox.records import Wire
from libs.runtime.run_every import run_every
from services.cart.settings import CartSettings

log = structlog.get_logger(__name__)

RECORDS = Counter("evercart_cart_feed_records_total", "Records of the shop's feeds, by outcome", ["feed", "outcome"])
BEHIND = Gauge("evercart_cart_feed_unread_records", "Records of the shop's feeds that nobody has handled yet", ["feed"])
GROUP = "cart-feeds"
PAUSE_S = 30.0
MEASURED_S = 15.0


class Feed(Protocol):
    """What comes in on one topic."""

    topic: Topic

    def read(self, wire: Wire) -> Any:  # noqa: ANN401 - each feed has records of its own
        """What a record says. Raises `UnreadableError` with a reason that names no values."""

    async def handle(self, batch: Sequence[Received[Any]]) -> Sequence[Refused[Any]]:
        """Commits what records say, in their order; gives those that can't be accepted. The same again changes nothing.

        Raises one of `libs.inbox.consumer.OUTSIDE` for what will pass: the batch comes again.
        """


class Feeds:
    """Consumes the topics of `feeds` in one group. Junk goes to the dead letters, and stops nobody."""

    def __init__(self, settings: CartSettings, feeds: Sequence[Feed]) -> None:
        self._settings, self._feeds = settings, {feed.topic.name: feed for feed in feeds}
        self._inbox = self._open()

    async def run(self) -> None:
        """Consumes until cancelled, and measures how far it is behind."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._consume())
            measuring = run_every(MEASURED_S, self._measure, "feeds.measure_failed", OUTSIDE, wait_first=True)
            tasks.create_task(measuring)

    async def _consume(self) -> None:
        """Where every record makes us fail it pauses: the relay next door has to go on."""
        while True:
            try:
                await self._inbox.run()
            except PoisonFloodError as error:
                log.error("feeds.paused", error=str(error), seconds=PAUSE_S)  # noqa: TRY400 - its words say all
                await asyncio.sleep(PAUSE_S)
                self._inbox = self._open()

    async def _measure(self) -> None:
        unread = dict[str, int]()
        try:
            for topic in self._feeds:
                unread[topic] = sum((await self._inbox.unread(topic)).values())
        finally:  # of a feed whose end nobody knows there is no figure: the last one would stay for the whole outage
            BEHIND.clear()
            for topic, records in unread.items():
                BEHIND.labels(topic).set(records)

    async def check(self) -> None:
        """Health check: raises unless the feeds are being read."""
        await self._inbox.check()

    async def read_to_end(self, topic: str) -> dict[int, bool]:
        """For each partition of a feed that is read here: whether all that stood in it when asked was handled."""
        return await self._inbox.read_to_end(topic)

    def read(self, wire: Wire) -> Any:  # noqa: ANN401 - each feed has records of its own
        """What a record says, to the feed of its topic."""
        return self._feeds[wire.topic].read(wire)

    async def handle(self, batch: Sequence[Received[Any]]) -> Sequence[Refused[Any]]:
        """Hands each feed its own part of the batch."""
        refused: list[Refused[Any]] = []
        for topic, feed in self._feeds.items():
            if own := [one for one in batch if one.topic == topic]:
                refused += await feed.handle(own)
        return refused

    def _open(self) -> Inbox[Any]:
        return Inbox(
            self._settings.kafka,
            GROUP,
            tuple(self._feeds),
            self.handle,
            topic_prefix=self._settings.topic_prefix,
            read=self.read,
        )
