"""Messages: the notifier's delivery process on a scratch database against two clients, all to the same bare sink: a
bare one, and one that a mail library sends for.

The notifier looks at real carts of the cart API. What is due is written into its database beforehand; it may be taken
up as soon as the profiles are said to have been read. Latencies are of MAIL to the last reply, as the sink sees them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from deploy.bench.http_load import HttpLoad
from deploy.bench.mail_library import send_by_library
from deploy.bench.meter import OWN, POSTGRES, clock_of, metering
from deploy.bench.rows import Turn
from deploy.bench.shoppers import STORE
from deploy.bench.smtp import Sink, send
from libs.contracts.topics import CUSTOMER_PROFILES
from libs.runtime.ids import uuid7

CONNECTIONS = 16
_CLEAR = "TRUNCATE contacts, deliveries, answers, link_visits, profiles_read, outbox"
_CONTACTS = """
INSERT INTO contacts (store_id, customer_id, version, email, phone, name, locale, timezone, email_consent, sms_consent)
SELECT $1, customer_id, 2^62, customer_id || '@example.com', NULL, 'Anna', 'en', NULL, true, false
FROM unnest($2::text[]) AS customer_id
"""
_REMINDERS = """
INSERT INTO deliveries (reminder_id, store_id, customer_id, campaign, kind, step, channel, template, cart_id,
                        cart_version, due_at, expires_at)
SELECT reminder_id, $1, customer_id, 'abandoned_cart', 'abandoned_cart', 1, 'email', 'abandoned_cart_1', cart_id,
       cart_version, $6, $7
FROM unnest($2::uuid[], $3::text[], $4::uuid[], $5::bigint[]) AS t(reminder_id, customer_id, cart_id, cart_version)
"""
_BEGIN = """
WITH read AS (INSERT INTO profiles_read (partition, read_until) SELECT n, 'infinity' FROM generate_series(1, $1) AS n)
SELECT pg_notify('deliveries', '')
"""
_STATES = "SELECT state || coalesce(': ' || reason, '') AS state, count(*) FROM deliveries GROUP BY 1"
_UNDER_WAY = "SELECT count(*) FROM deliveries WHERE state IN ('pending', 'sending')"
_PATIENCE_S = 120
_POLL_S = 0.02
_Client = Callable[[int, int, int], Awaitable[tuple[list[float], float]]]
"""By port, messages and connections: the latencies of all, and how long it took, in seconds."""


class MessageLoad:
    """The notifier `pid` on the database `dsn`, with carts that `http` makes, and a sink at `port`."""

    def __init__(self, http: HttpLoad, dsn: str, port: int, pids: dict[str, int]) -> None:
        self._http, self._dsn, self._port, self._pids = http, dsn, port, pids
        self._sink = Sink()

    async def ours(self, tag: str, messages: int) -> dict[str, Any]:
        """A turn of reminders that are due, from the claim to the record."""
        await self._sink.open(self._port)
        carts = await self._http.fill_carts(tag, messages, 1)
        await self._http.agree(cart["customer_id"] for cart in carts)
        connection = await asyncpg.connect(self._dsn)
        try:
            await _fill(connection, carts)
            clocks = {name: clock_of(pid) for name, pid in self._pids.items()} | {"sink": OWN}
            async with metering(self._dsn, clocks) as meter:
                arrived, before, began = self._sink.expect(messages), await meter.read(), time.perf_counter()
                await connection.execute(_BEGIN, CUSTOMER_PROFILES.partitions)
                ended = await _all(arrived, connection)
                cost = (await meter.read()).since(before)
            return Turn.of(messages, ended - began, self._sink.latencies, cost).as_json()
        finally:
            await connection.execute(_CLEAR)
            await connection.close()

    async def open_sink(self) -> None:
        """Begins to listen, for whoever sends to it from elsewhere."""
        await self._sink.open(self._port)

    async def bare(self, messages: int, sink_pid: int) -> dict[str, Any]:
        """A turn of as many messages of about the same size, by as many connections."""
        return await self._reference(send, messages, sink_pid)

    async def by_library(self, messages: int, sink_pid: int) -> dict[str, Any]:
        """The same by a mail library."""
        return await self._reference(send_by_library, messages, sink_pid)

    async def _reference(self, client: _Client, messages: int, sink_pid: int) -> dict[str, Any]:
        async with metering(self._dsn, {"client": OWN, "sink": clock_of(sink_pid)}) as meter:
            before = await meter.read()
            latencies, took = await client(self._port, messages, CONNECTIONS)
            cost = (await meter.read()).since(before)
        cost.cpu_s.pop(POSTGRES, None)  # it takes no part
        return Turn.of(messages, took, latencies, cost).as_json()


async def _fill(connection: "asyncpg.Connection[asyncpg.Record]", carts: list[dict[str, Any]]) -> None:
    now, customers = datetime.now(UTC), [cart["customer_id"] for cart in carts]
    ids, versions = [cart["id"] for cart in carts], [cart["version"] for cart in carts]
    await connection.execute(_CLEAR)
    await connection.execute(_CONTACTS, STORE, customers)
    reminders = [uuid7() for _ in carts]
    until = now + timedelta(hours=6)
    await connection.execute(_REMINDERS, STORE, reminders, customers, ids, versions, now, until)
    await connection.execute("ANALYZE contacts, deliveries")  # as autovacuum does once there are some hundreds more


async def _all(arrived: "asyncio.Future[float]", connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """When the last message had come; waits until it is recorded too."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            ended = await arrived
            while await connection.fetchval(_UNDER_WAY):
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        found = {row["state"]: row["count"] for row in await connection.fetch(_STATES)}
        raise RuntimeError(f"not every message has come; what became of them: {found}") from None
    return ended
