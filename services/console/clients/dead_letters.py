"""Dead letters of all services, as the brokers keep them. What they say is read to be put back, and never shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from libs.inbox.put_back import (
    PORTION,
    UNANSWERED,
    DeadLetter,
    DeadLetterBox,
    Waiting,
    dismiss_waiting,
    put_back_waiting,
    waiting_of,
)
from libs.kafka.cluster import Servers
from services.console.clients.service import ServiceError

ASKING_S, PUTTING_BACK_S = 3.0, 20.0


@dataclass(frozen=True, slots=True)
class LettersShown:
    """The oldest of a topic that wait, how many wait in all, and the number of the newest of those."""

    topic: str
    letters: tuple[DeadLetter, ...]
    waiting: int
    through: int


class Letters(Protocol):
    """What pages ask of the dead letters. All raise `ServiceError` where the brokers don't answer, `KeyError` for a
    topic that has none.
    """

    async def counts(self) -> list[Waiting]:
        """How many wait, by topic."""

    async def shown(self, topic: str) -> LettersShown:
        """The oldest that wait."""

    async def put_back(self, topic: str, through: int) -> int:
        """Puts back those that wait, up to a number; how many that were. What takes too long stays."""

    async def dismiss(self, topic: str, through: int) -> int:
        """Takes those that wait as dealt with, up to a number; how many that were."""


class KafkaLetters:
    """Them on Kafka: each call opens a box of its own, for they are few, and far between."""

    def __init__(self, servers: Servers, prefix: str) -> None:
        self._servers, self._prefix = servers, prefix

    async def counts(self) -> list[Waiting]:
        """How many wait, by topic."""
        async with self._box() as box:
            return await box.counts()

    async def shown(self, topic: str) -> LettersShown:
        """The oldest that wait."""
        async with self._box() as box:
            through = await box.newest(topic)
            waiting = await waiting_of(box, topic)
            return LettersShown(topic, tuple(await box.letters(topic, most=PORTION)), waiting, through)

    async def put_back(self, topic: str, through: int) -> int:
        """As many as there is time for."""
        async with self._box(2 * PUTTING_BACK_S) as box:
            return await put_back_waiting(box, topic, through, PUTTING_BACK_S)

    async def dismiss(self, topic: str, through: int) -> int:
        """Up to the number, and none that came later."""
        async with self._box() as box:
            return await dismiss_waiting(box, topic, through)

    @asynccontextmanager
    async def _box(self, seconds: float = ASKING_S) -> AsyncIterator[DeadLetterBox]:
        try:
            async with asyncio.timeout(seconds), DeadLetterBox(self._servers, self._prefix) as box:
                yield box
        except UNANSWERED as error:
            raise ServiceError("kafka", 0, type(error).__name__) from None
