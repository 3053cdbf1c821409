"""Facts before messages: how far the profiles have been read.

A withdrawn consent may lie unread on Kafka while the reminder lies in the database already. So a delivery is taken up
only when every partition of the profiles has been read to where it ended after the delivery fell due.
"""

import asyncio

from libs.contracts.events import Event
from libs.contracts.topics import CUSTOMER_PROFILES
from libs.inbox import consumer
from libs.inbox.consumer import Inbox
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.run_every import run_every
from services.notifier.db import deliveries, profiles_read


class ProfilesRead:
    """Notes it for the partitions that this process consumes, when something waits for it."""

    def __init__(self, pool: Pool, inbox: Inbox[Event], poll_s: float) -> None:
        self._pool, self._inbox, self._poll_s = pool, inbox, poll_s
        self._wanted, self._warm = asyncio.Event(), False

    def wanted(self) -> None:
        """Something has come in that waits."""
        self._wanted.set()

    async def run(self) -> None:
        """Notes until cancelled; what waits elsewhere is found by polling."""
        passing = (*FAILURES, *consumer.OUTSIDE)
        await run_every(self._poll_s, self.note, "profiles_read.waiting", passing, wake=self._wanted)

    async def note(self) -> None:
        """The end is asked for after the moment that is noted, so that nothing written before it can be missed."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            moment = await profiles_read.waiting_since(connection)
        if moment is None and self._warm:
            return
        # the first time costs a request for each partition: better at the start than before the first message
        ends = await self._inbox.read_to_end(CUSTOMER_PROFILES.name)
        self._warm = bool(ends)
        if moment is None:
            return
        if read := [partition for partition, at_end in ends.items() if at_end]:
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                await profiles_read.note(connection, read, moment)
                await deliveries.wake(connection)
