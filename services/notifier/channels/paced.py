"""A provider that takes so many messages a second from all processes together, and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from services.notifier.channels.outcome import Outcome, Postponed
from services.notifier.db import provider_rates

BURST: Final = timedelta(seconds=1)
"""What comes in a second may go at once."""
LONGEST_WAIT: Final = timedelta(seconds=10)
"""So long a message waits for its turn where it is: less than after what it would seem to hang (`domain/lanes`)."""

Turns = Callable[[str, float], Awaitable[float | None]]
"""By a provider's name and rate: after how many seconds it is somebody's turn, None where that takes too long."""


def turns_by(pool: Pool) -> Turns:
    """The turns that all processes on a database share."""

    async def turn(provider: str, per_second: float) -> float | None:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await provider_rates.take(connection, provider, per_second, BURST, LONGEST_WAIT)

    return turn


class Paced:
    """Sends as its provider does, in its turn. The turn comes before the last word, which is as fresh as ever."""

    def __init__(self, name: str, provider: Any, per_second: float, turns: Turns) -> None:  # noqa: ANN401 - of any channel
        self._name, self._provider, self._per_second, self._turns = name, provider, per_second, turns

    async def send(self, *message: Any, **more: Any) -> Outcome:  # noqa: ANN401 - each channel has a port of its own
        """What the provider says, or that it has to wait for longer: then nobody was asked."""
        wait = await self._turns(self._name, self._per_second)
        if wait is None:
            return Postponed(f"{self._name}_paced", LONGEST_WAIT.total_seconds(), asked=False)
        if wait:
            await asyncio.sleep(wait)
        outcome: Outcome = await self._provider.send(*message, **more)
        return outcome

    async def close(self) -> None:
        """Closes the provider's connections."""
        await self._provider.close()
