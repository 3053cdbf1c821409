"""Anna, to whom the story happens, and what she finds in her mailbox and on her phone."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from deploy.story.mailbox import Channel, Letter, Mailbox
from deploy.story.narrator import ensure

T = TypeVar("T")
_LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Anna:
    """A customer, new for every telling. Nobody has her addresses: they are reserved (RFC 2606; 555-0100 to 0199)."""

    customer_id: str
    email: str
    phone: str

    @classmethod
    def new(cls) -> "Anna":
        """Another Anna."""
        run = secrets.token_hex(4)
        return cls(f"anna-{run}", f"anna.{run}@example.com", f"+1202555{secrets.randbelow(100) + 100:04d}")

    def profile(self) -> dict[str, object]:
        """How the store may reach her: both ways, and she has agreed to it."""
        consent = {"email_consent": True, "sms_consent": True}
        return {"email": self.email, "phone": self.phone, "name": "Anna", "locale": "en", **consent}


class Post:
    """What came for Anna since the story began: another Anna may have had her number before."""

    def __init__(self, anna: Anna, mail: Mailbox, texts: Mailbox) -> None:
        self._boxes: dict[Channel, tuple[Mailbox, str]] = {"email": (mail, anna.email), "sms": (texts, anna.phone)}
        self._old: set[str] = set()

    async def open(self) -> None:
        """Leaves aside what is there already."""
        self._old = {letter.id for letter in await self.all()}

    async def all(self) -> list[Letter]:
        """Every message so far."""
        return [letter for channel in self._boxes for letter in await self.received(channel)]

    async def received(self, channel: Channel, wait_s: float = 0) -> list[Letter]:
        """The messages of a channel so far, oldest first; with `wait_s` after the next one, or so many seconds."""
        box, address = self._boxes[channel]
        return [letter for letter in await box.arrived(address, wait_s) if letter.id not in self._old]

    async def until(
        self, channel: Channel, wanted: Callable[[list[Letter]], T | None], by: datetime, otherwise: str
    ) -> T:
        """What `wanted` finds among the messages, as soon as it does. Raises `NotSoError` if that is not `by` then."""
        found = wanted(await self.received(channel))
        while found is None:
            left = by - datetime.now(UTC)
            ensure(left > timedelta(), otherwise)
            found = wanted(await self.received(channel, min(_LONGEST_WAIT_S, left.total_seconds())))
        return found
