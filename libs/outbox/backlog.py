"""How long the oldest event has been waiting, as the database says: asked without Kafka, by leaders and standbys."""

import asyncio
import time

from prometheus_client import Gauge

from libs.outbox.floor import Floor
from libs.outbox.store import OLDEST
from libs.postgres.errors import FAILURES
from libs.postgres.pool import connect
from libs.runtime.keep_running import keep_running

# by database, so that a process without a relay tells nothing instead of a 0
BEHIND = Gauge(
    "evercart_outbox_behind_seconds", "Age of the oldest event not published, as the database says", ["database"]
)
INTERVAL_S = 2.0
COMMAND_S = 10.0
UNHEARD_S = 10.0
"""So long a look may be overdue before nobody knows that nothing waits."""
STALE_S = 60.0
"""Events that wait for longer than this make every relay of the service not ready, whichever of them is to blame."""


class Backlog:
    """Looks every few seconds, on a connection of its own: the relay's may be what is stuck."""

    def __init__(self, dsn: str, *, interval_s: float = INTERVAL_S, stale_s: float = STALE_S) -> None:
        self._dsn, self._interval_s, self._stale_s = dsn, interval_s, stale_s
        self._age, self._looked_at = 0.0, time.monotonic()

    async def run(self) -> None:
        """Looks until cancelled; an outage of PostgreSQL is waited out with growing pauses."""
        self._looked_at = time.monotonic()
        await keep_running(self._look, "relay.backlog_unknown", FAILURES)

    async def _look(self) -> None:
        connection = await connect(self._dsn, command_timeout_s=COMMAND_S)
        try:
            BEHIND.labels(await connection.fetchval("SELECT current_database()")).set_function(self.seconds)
            floor = Floor()
            while True:
                await floor.note(connection)
                oldest = await connection.fetchrow(OLDEST, floor.id)
                floor.saw(oldest["id"] if oldest else None)
                self._age = oldest["age"] if oldest else 0.0
                self._looked_at = time.monotonic()
                await asyncio.sleep(self._interval_s)
        finally:
            connection.terminate()

    def seconds(self) -> float:
        """The age of the oldest event; what was waiting at the last look is taken to wait still."""
        unheard = time.monotonic() - self._looked_at
        return self._age + (unheard if self._age or unheard > UNHEARD_S else 0.0)

    def check(self) -> None:
        """Raises where events wait for too long, or nobody knows."""
        if (waiting := self.seconds()) > self._stale_s:
            raise RuntimeError(f"events have been waiting for {waiting:.0f} s")
