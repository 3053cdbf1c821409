"""What is handed to an e-mail channel. Pure."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a channel is handed: whom it is from and to, its identity, and the finished message."""

    reminder_id: UUID
    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
