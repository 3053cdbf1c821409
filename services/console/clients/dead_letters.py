"""Dead letters of all services, as the brokers keep them. What they say is read to be put back, and never shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from libs.inbox.put_back import UNANSWERED, DeadLetter, DeadLetterBox, Waiting
from libs.kafka.cluster import Servers
from services.console.clients.service import ServiceError

ASKING_S, PUTTING_BACK_S = 3.0, 20.0
PORTION = 200


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
            waiting = {one.topic: one.waiting for one in await box.counts()}.get(topic, 0)
            return LettersShown(topic, tuple(await box.letters(topic, most=PORTION)), waiting, through)

    async def put_back(self, topic: str, through: int) -> int:
        """Puts back a portion at a time: what is cut off goes on where it was."""
        done, until = 0, monotonic() + PUTTING_BACK_S
        async with self._box(2 * PUTTING_BACK_S) as box:
            while monotonic() < until:
                letters = [one for one in await box.letters(topic, most=PORTION) if one.number <= through]
                if not letters:
                    break
                done += await box.put_back(letters)
                await box.dealt_with(topic, letters[-1].number)
        return done

    async def dismiss(self, topic: str, through: int) -> int:
        """Up to the number, and none that came later."""
        async with self._box() as box:
            before = {one.topic: one.waiting for one in await box.counts()}.get(topic, 0)
            newest = await box.newest(topic)
            if not before or through <= newest - before:
                return 0
            await box.dealt_with(topic, min(through, newest))
            return before - (newest - min(through, newest))

    @asynccontextmanager
    async def _box(self, seconds: float = ASKING_S) -> AsyncIterator[DeadLetterBox]:
        try:
            async with asyncio.timeout(seconds), DeadLetterBox(self._servers, self._prefix) as box:
                yield box
        except UNANSWERED as error:
            raise ServiceError("kafka", 0, type(error).__name__) from None
