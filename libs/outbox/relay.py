"""Moves outbox rows to Kafka: in order per key, at least once, by one process at a time with others standing by."""

import asyncio
from collections import Counter as Counted
from collections.abc import Sequence
from contextlib import suppress

import structlog
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge

from libs.kafka.clients import Producer, producer
from libs.kafka.cluster import Servers
from libs.outbox.backlog import Backlog
from libs.outbox.batches import Sent, hand_over
from libs.outbox.fencing import abandon, claim, under
from libs.outbox.floor import Floor
from libs.outbox.horizon import Horizon
from libs.outbox.store import DELETE, READ
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Row, Session, connect
from libs.runtime.keep_running import keep_running

log = structlog.get_logger(__name__)

LOCK = 0x6F_75_74_62  # any constant of our own: "outb"; advisory locks are per database, so one constant serves all
BATCH = 2000
POLL_S = 1.0
LAPSE_S = 10.0
"""A leader of whom PostgreSQL hears nothing for so long has lost the lock; a live one speaks several times as often."""
COMMAND_S = 10.0
PATIENCE_S = 60.0
"""So long Kafka may take over one round; then another process may have better luck."""
FLOOR_S = 5.0
TENURE_S = 12 * 3600.0
"""A claim is renewed before brokers forget the name: `transactional.id.expiration.ms` is a week."""
PASSING = (*FAILURES, KafkaError)
"""What an outage of PostgreSQL or Kafka ends a round with."""

# Whatever becomes of the leader, its session ends: frozen or silent (idle), or cut off while an answer is on its way
# to it (keepalives, unacknowledged data). Sequential scans: plans are made while the table is empty.
SESSION = """
SELECT set_config('idle_session_timeout', $1, false), set_config('tcp_user_timeout', $1, false),
    set_config('tcp_keepalives_idle', '3', false), set_config('tcp_keepalives_interval', '2', false),
    set_config('tcp_keepalives_count', '3', false), set_config('enable_seqscan', 'off', false)
"""
TAKE = "SELECT pg_try_advisory_lock($1)"
NAME = "SELECT 'outbox-' || current_database()"
ALIVE = "SELECT 1"

PUBLISHED = Counter("evercart_outbox_published_total", "Outbox rows that Kafka has acknowledged", ["topic"])
FAILED_ROUNDS = Counter("evercart_outbox_relay_failures_total", "Rounds of the relay that failed and are tried again")
LEADER = Gauge("evercart_outbox_relay_leader", "1 where this process holds the relay's lock")


class Relay:
    """Reads what is visible in the order of ids, sends pipelined, deletes after every acknowledgement has come.

    A crash between acknowledgement and delete sends a batch again: consumers drop what they have seen. Order per key
    holds because the rows of one key are written under one lock, and because a failed send stops the round.
    What is told occurred when the database says so; of `recorded` traffic, when its callers say so.
    """

    def __init__(
        self,
        dsn: str,
        bootstrap: Servers,
        *,
        topic_prefix: str = "",
        recorded: bool = False,
        horizon: Horizon | None = None,
        poll_s: float = POLL_S,
        lapse_s: float = LAPSE_S,
    ) -> None:
        self._dsn, self._bootstrap, self._prefix, self._recorded = dsn, bootstrap, topic_prefix, recorded
        self._poll_s, self._lapse_s = poll_s, lapse_s
        self._backlog = Backlog(dsn)
        self._floor, self._horizon = Floor(), horizon
        self._telling: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self.leading = False
        self._failing = False

    async def run(self) -> None:
        """Relays until cancelled; an outage of PostgreSQL or Kafka is waited out with growing pauses."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._backlog.run())
            tasks.create_task(keep_running(self._hold, "relay.retry", PASSING))

    async def _hold(self) -> None:
        """Leads for as long as it can; raises where it could not even begin."""
        try:
            await self._lead()
        except PASSING as error:
            FAILED_ROUNDS.inc()
            self._failing = True
            if not self.leading:
                raise
            log.warning("relay.retry", error=type(error).__name__, attempt=0)
        finally:
            self.leading = False
            LEADER.set(0)

    async def check(self) -> None:
        """Health check: raises while PostgreSQL or Kafka keep this relay from leading or standing by, and while events
        wait, whoever should have published them.
        """
        if self._failing:
            raise RuntimeError("the relay is failing")
        self._backlog.check()

    async def _lead(self) -> None:
        connection = await connect(self._dsn, command_timeout_s=COMMAND_S)
        try:
            await connection.fetchrow(SESSION, str(int(self._lapse_s * 1000)))
            # a session lock: it is free again the moment that this process or its connection dies
            while not await connection.fetchval(TAKE, LOCK):
                self._failing = False
                await asyncio.sleep(self._poll_s)
            held = await claim(self._bootstrap, self._prefix + await connection.fetchval(NAME))
            kafka = under(producer(self._bootstrap), held)
            await kafka.start()
            try:
                await connection.add_listener("outbox", lambda *_: self._woken.set())
                self._floor = Floor()
                if self._horizon:
                    self._horizon.open()
                self.leading = True
                LEADER.set(1)
                await self._rounds(connection, kafka)
            finally:
                await self._end_telling()
                await abandon(kafka)
        finally:
            connection.terminate()

    async def _rounds(self, connection: Session, kafka: Producer) -> None:
        clock = asyncio.get_running_loop().time
        until, noting = clock() + TENURE_S, clock()
        while clock() < until:
            if clock() >= noting:
                await self._floor.note(connection)
                noting = clock() + FLOOR_S
            self._woken.clear()
            if self._horizon:
                await self._horizon.look(connection)
            published = await self.publish(connection, kafka)
            if self._horizon:
                await self._tell(self._horizon, kafka)
            self._failing = False
            if published == BATCH:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._horizon.pause_s(self._poll_s) if self._horizon else self._poll_s):
                    await self._woken.wait()

    async def _tell(self, horizon: Horizon, kafka: Producer) -> None:
        """Beside the rounds: events wait for no horizon. What the last one failed of is raised here."""
        if self._telling and self._telling.done():
            telling, self._telling = self._telling, None
            await telling
        if horizon.due and not self._telling:
            self._telling = asyncio.create_task(horizon.tell(kafka))

    async def _end_telling(self) -> None:
        if self._telling:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
            self._telling = None

    async def publish(self, connection: Session, kafka: Producer) -> int:
        """One round: up to `BATCH` rows; returns how many. Raises before it deletes anything that was not taken."""
        batch = await connection.fetch(READ, BATCH, self._floor.id)
        self._floor.saw(batch[0]["id"] if batch else None)
        if not batch:
            self._published(None)
            return 0
        await self._while_alive(connection, asyncio.create_task(self._send_all(kafka, batch)))
        await connection.execute(DELETE, [row["id"] for row in batch])
        for topic, count in Counted(row["topic"] for row in batch).items():
            PUBLISHED.labels(topic).inc(count)
        self._published(batch[-1]["id"] if len(batch) == BATCH else None)
        return len(batch)

    def _published(self, last: int | None) -> None:
        if self._horizon:
            self._horizon.published(last)

    async def _while_alive(self, connection: Session, sending: "asyncio.Task[None]") -> None:
        """Waits for Kafka, and says meanwhile that this process is not frozen. Raises `TimeoutError` past patience."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not (await asyncio.wait({sending}, timeout=self._lapse_s / 3))[0]:
                    await connection.execute(ALIVE)
            await sending
        finally:
            sending.cancel()

    async def _send_all(self, kafka: Producer, batch: Sequence[Row]) -> None:
        sent: list[Sent] = []
        try:
            await hand_over(kafka, batch, self._prefix, sent, recorded=self._recorded)
        finally:
            await self._acknowledged(sent)

    async def _acknowledged(self, sent: list[Sent]) -> None:
        """Waits for all of them, so that none is under way when the round ends, and raises the first failure."""
        outcomes = await asyncio.gather(*(one.outcome for one in sent), return_exceptions=True)
        for one, outcome in zip(sent, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            if self._horizon:
                last = outcome.offset + one.count - 1 if outcome.offset >= 0 else outcome.offset
                self._horizon.acknowledged(outcome.topic, outcome.partition, last)
