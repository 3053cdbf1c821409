"""Moves outbox rows to Kafka: in order per key, at least once, by one process at a time with others standing by."""

import asyncio
import json
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from prometheus_client import Counter, Gauge

from libs.outbox.store import DELETE, READ
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Row, Session, connect
from libs.runtime.clock import utc_now
from libs.runtime.keep_running import keep_running

log = structlog.get_logger(__name__)

LOCK = 0x6F_75_74_62  # any constant of our own: "outb"; advisory locks are per database, so one constant serves all
BATCH = 2000
POLL_S = 1.0
PASSING = (*FAILURES, KafkaError)
"""What an outage of PostgreSQL or Kafka ends a round with."""

PUBLISHED = Counter("evercart_outbox_published_total", "Outbox rows that Kafka has acknowledged", ["topic"])
FAILED_ROUNDS = Counter("evercart_outbox_relay_failures_total", "Rounds of the relay that failed and are tried again")
BEHIND = Gauge("evercart_outbox_behind_seconds", "Age of the oldest outbox row that was found at the last round")
LEADER = Gauge("evercart_outbox_relay_leader", "1 where this process holds the relay's lock")

Producer = Any  # aiokafka carries no types


def producer(bootstrap: str) -> Producer:
    """A producer that loses nothing: every replica acknowledges, and a retry is not a duplicate."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=262_144,
        max_request_size=4_194_304,
        request_timeout_ms=10_000,
    )


class Relay:
    """Reads behind the horizon of open transactions, sends pipelined, deletes after every acknowledgement has come.

    A crash between acknowledgement and delete sends a batch again: consumers drop what they have seen. Order per key
    holds because the rows of one key are written under one row lock, and because a failed send stops the round.
    """

    def __init__(self, dsn: str, bootstrap: str, *, topic_prefix: str = "", poll_s: float = POLL_S) -> None:
        self._dsn, self._bootstrap, self._prefix, self._poll_s = dsn, bootstrap, topic_prefix, poll_s
        self._woken = asyncio.Event()
        self.leading = False
        self._failing = False

    async def run(self) -> None:
        """Relays until cancelled; an outage of PostgreSQL or Kafka is waited out with growing pauses."""
        await keep_running(self._hold, "relay.retry", PASSING)

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
        """Health check: raises while PostgreSQL or Kafka keep this relay from leading or standing by."""
        if self._failing:
            raise RuntimeError("the relay is failing")

    async def _lead(self) -> None:
        connection = await connect(self._dsn, command_timeout_s=30)
        try:
            # a session lock: it is free again the moment that this process or its connection dies
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                self._failing = False
                await asyncio.sleep(self._poll_s)
            kafka = producer(self._bootstrap)
            await kafka.start()
            try:
                await connection.add_listener("outbox", lambda *_: self._woken.set())
                self.leading = True
                LEADER.set(1)
                await self._rounds(connection, kafka)
            finally:
                with suppress(KafkaError):
                    await kafka.stop()
        finally:
            connection.terminate()

    async def _rounds(self, connection: Session, kafka: Producer) -> None:
        while True:
            self._woken.clear()
            published = await self.publish(connection, kafka)
            self._failing = False
            if published == BATCH:
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._woken.wait()

    async def publish(self, connection: Session, kafka: Producer) -> int:
        """One round: up to `BATCH` rows; returns how many. Raises before it deletes anything that was not taken."""
        batch = await connection.fetch(READ, BATCH)
        if not batch:
            BEHIND.set(0)
            return 0
        BEHIND.set(_age(batch[0]))
        await self._acknowledged([await self._send(kafka, row) for row in batch])
        await connection.execute(DELETE, batch[-1]["id"], batch[-1]["horizon"])
        for row in batch:
            PUBLISHED.labels(row["topic"]).inc()
        return len(batch)

    async def _send(self, kafka: Producer, row: Row) -> "asyncio.Future[object]":
        headers = [(name, value.encode()) for name, value in json.loads(row["headers"]).items()]
        future: asyncio.Future[object] = await kafka.send(
            self._prefix + row["topic"], value=row["value"], key=row["key"].encode(), headers=headers
        )
        return future

    async def _acknowledged(self, sends: list["asyncio.Future[object]"]) -> None:
        """Waits for all of them, so that none is under way when the round ends, and raises the first failure."""
        for outcome in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome


def _age(row: Row) -> float:
    occurred_at = datetime.fromisoformat(json.loads(row["headers"])["ce_time"])
    return max(0.0, (utc_now() - occurred_at).total_seconds())
