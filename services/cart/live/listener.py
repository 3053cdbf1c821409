"""Hears of changes that other replicas have committed, and finds those of which nobody told."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge

from libs.postgres.errors import FAILURES
from libs.postgres.pool import Session, connect
from libs.runtime.keep_running import keep_running
from services.cart.db import stream_states
from services.cart.live.subscriptions import Subscription, Subscriptions

log = structlog.get_logger(__name__)

CATCH_UP_S = 8.0
DOUBT_S = 0.05
REST = 4
"""Between two comparisons it rests for so long, and for as many times as one took: a run on one good stays cheap."""
TIMEOUT_S = 10.0
NAME = "cart streams"

LISTENING = Gauge("evercart_cart_streams_listening", "1 while this process hears of the other replicas' changes")
MISSED = Counter("evercart_cart_streams_missed_total", "Changes that only the catch-up found")


class Listener:
    """LISTENs on a connection of its own while streams are open, and compares their states now and then.

    A notification is lost when the connection breaks or a replica dies between commit and announcement: the catch-up
    (one query for all open streams) is run at each connect and each `catch_up_s`.
    """

    def __init__(
        self, dsn: str, subscriptions: Subscriptions, sender: str = "", catch_up_s: float = CATCH_UP_S
    ) -> None:
        self._dsn, self._subscriptions, self._sender, self._catch_up_s = dsn, subscriptions, sender, catch_up_s
        self._heard = False

    async def run(self) -> None:
        """Listens until cancelled, then closes every stream."""
        try:
            await keep_running(self._hold, "listening.retry", FAILURES)
        finally:
            self._subscriptions.close()

    async def _hold(self) -> None:
        """Listens while streams are open and the connection lasts; raises where it could not even begin."""
        await self._subscriptions.occupied.wait()
        self._heard = False
        try:
            await self._listen()
        except FAILURES as error:
            if not self._heard:
                raise
            log.warning("listening.retry", error=type(error).__name__, attempt=0)
        finally:
            LISTENING.set(0)

    async def _listen(self) -> None:
        connection = await connect(self._dsn, name=NAME, timeout_s=TIMEOUT_S, command_timeout_s=TIMEOUT_S)
        connection.add_termination_listener(lambda *_: self._subscriptions.doubt.set())
        try:
            await connection.add_listener(stream_states.CHANNEL, self._hear)
            LISTENING.set(1)
            self._heard = True
            await self._watch(connection)
        finally:
            connection.terminate()

    async def _watch(self, connection: Session) -> None:
        """Compares all streams now and then, and those in doubt soon after they are, while the connection lasts."""
        now = asyncio.get_running_loop().time
        due = now()
        while self._subscriptions.occupied.is_set() and not connection.is_closed():
            if now() >= due:
                due = now() + self._catch_up_s
                MISSED.inc(await self._compare(connection, self._subscriptions.all()))
            began = now()
            await self._compare(connection, self._subscriptions.in_doubt())
            await asyncio.sleep(max(DOUBT_S, REST * (now() - began)))
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._subscriptions.doubt.wait()

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        sender, *names = str(payload).split(" ")
        if sender != self._sender:  # our own streams have looked already
            self._subscriptions.wake(names)

    async def _compare(self, connection: Session, subscriptions: Sequence[Subscription]) -> int:
        """Wakes those subscriptions that show anything else than they would now; how many had not begun to read."""
        if not subscriptions:
            return 0
        before = [subscription.state for subscription in subscriptions]
        states = await stream_states.states(connection, [subscription.shopper for subscription in subscriptions])
        missed = 0
        for subscription, seen, state in zip(subscriptions, before, states, strict=True):
            if state != subscription.state:
                missed += seen == subscription.state is not None
                subscription.wake()
        return missed
