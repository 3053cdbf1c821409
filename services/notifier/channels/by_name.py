"""A provider that says who it is: what is told of a message names who really took or refused it, whoever was first."""

from typing import Any

from services.notifier.channels.outcome import Outcome, said_by


class ByName:
    """Sends as its provider does; what may be final bears its name."""

    def __init__(self, name: str, provider: Any) -> None:  # noqa: ANN401 - of any channel
        self._name, self._provider = name, provider

    async def send(self, *message: Any, **more: Any) -> Outcome:  # noqa: ANN401 - each channel has a port of its own
        """What the provider says, by its name."""
        return said_by(self._name, await self._provider.send(*message, **more))

    async def close(self) -> None:
        """Closes the provider's connections."""
        await self._provider.close()
