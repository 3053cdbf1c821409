"""Whether a provider has a message after all, where its answer was lost: asked of those that can be asked.

Only a yes is believed. What a provider does not find may still be on its way through it, so that stays as it was.
"""

import asyncio
from datetime import datetime
from typing import Any, Final, Protocol, runtime_checkable

from libs.runtime.clock import Clock
from services.notifier.channels.outcome import Accepted, Outcome, Unclear
from services.notifier.channels.ports import Question
from services.notifier.domain.envelope import Envelope

PAUSES_S: Final = (2.0, 8.0)
"""Before it is asked, and asked again: together less than after what a delivery seems to hang (`domain/lanes`)."""


@runtime_checkable
class CanBeAsked(Protocol):
    """What a provider has besides, where it can be asked for a message."""

    async def ask(self, question: Question) -> Accepted | None:
        """The message, if the provider surely has it; None where it does not say so, or can't be reached."""
        ...


class Asking:
    """Sends as its provider does, and asks it where the answer leaves open whether it has the message."""

    def __init__(self, provider: Any, clock: Clock) -> None:  # noqa: ANN401 - of any channel
        self._provider, self._clock = provider, clock

    async def send(self, *message: Any, **more: Any) -> Outcome:  # noqa: ANN401 - each channel has a port of its own
        """What the provider says, or is found to have."""
        since, (*to, last_word), said = self._clock(), message, []

        async def heard() -> Any:  # noqa: ANN401 - an envelope or a text
            said.append(await last_word())
            return said[-1]

        outcome: Outcome = await self._provider.send(*to, heard, **more)
        if not isinstance(outcome, Unclear):
            return outcome
        question = _question(said[-1], to, more, since)
        for pause in PAUSES_S:
            await asyncio.sleep(pause)
            if found := await self.ask(question):
                return found
        return outcome

    async def ask(self, question: Question) -> Accepted | None:
        """As its provider's."""
        found: Accepted | None = await self._provider.ask(question)
        return found

    async def close(self) -> None:
        """Closes the provider's connections."""
        await self._provider.close()


def _question(said: Any, to: list[Any], more: dict[str, Any], since: datetime) -> Question:  # noqa: ANN401
    if isinstance(said, Envelope):
        return Question(said.reminder_id, since, said.recipient)
    return Question(more["reminder_id"], since, to[1], said)
