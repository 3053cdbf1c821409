"""Tells the relay, and the streams of every replica, what was committed: one statement for many commits."""

import asyncio
import secrets
from collections.abc import Iterable
from typing import Protocol

from libs.outbox.waker import SPACING_S
from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool
from libs.runtime.run_every import run_when
from services.cart.db import stream_states
from services.cart.live.names import Changed, name_of
from services.cart.live.subscriptions import Subscriptions

PAGE = 600
"""Names in one notification: PostgreSQL takes less than 8000 bytes."""


class Committed(Protocol):
    """Called after a commit with whatever carts may have changed by it."""

    def __call__(self, *changed: Changed) -> None:
        """Something was committed; it may have left something in the outbox."""


class LivePublisher:
    """Wakes the relay as `libs.outbox.waker` does, and names the changed carts in the same statement.

    A lost announcement costs a stream the time until the next catch-up, never a state.
    """

    def __init__(self, pool: Pool, subscriptions: Subscriptions) -> None:
        self._pool, self._subscriptions = pool, subscriptions
        self._due, self._names = asyncio.Event(), set[str]()
        self.sender = secrets.token_urlsafe(6)

    def touch(self, *changed: Changed) -> None:
        """These were changed and committed. Streams of this process look at once."""
        names = [name_of(one) for one in changed]
        self._subscriptions.wake(names)
        self._names.update(names)
        self._due.set()

    async def run(self) -> None:
        """Announces at most once per spacing, until cancelled."""
        await run_when(self._due, SPACING_S, self._announce, "announcing.failed", FAILURES)

    async def _announce(self) -> None:
        names, self._names = self._names, set()
        for page in pages(names):
            await stream_states.announce(self._pool, " ".join((self.sender, *page)))


def pages(names: Iterable[str]) -> list[list[str]]:
    """The names in pages that fit a notification; one empty page where there are none."""
    ordered = list(names)
    return [ordered[start : start + PAGE] for start in range(0, max(len(ordered), 1), PAGE)]
