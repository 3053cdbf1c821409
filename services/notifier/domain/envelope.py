"""What is handed to an e-mail channel. Pure."""

from dataclasses import dataclass, field
from uuid import UUID


def message_id(reminder_id: UUID, sender: str) -> str:
    """The send-once key: the same reminder always has the same Message-ID."""
    return f"<{reminder_id}@{sender.rpartition('@')[2]}>"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a message is made of, as plain text, for providers that put it together themselves.

    `headers` are those that the message has besides: names as they are written, values in ASCII.
    """

    sender_name: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)


NOTHING = Parts("", "", "", "", ())


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a channel is handed: whom it is from and to, its identity, and the finished message, whole and in parts.

    `return_path` is where it comes back to by SMTP; the sender where it is None.
    """

    reminder_id: UUID
    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)
    parts: Parts = field(repr=False, default=NOTHING)
    return_path: str | None = None

    @property
    def message_id(self) -> str:
        """The one that the finished message has."""
        return message_id(self.reminder_id, self.sender)

    @property
    def named_sender(self) -> str:
        """The sender with its name (RFC 5322, 3.4), the name as people read it."""
        name = self.parts.sender_name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{name}" <{self.sender}>' if name else self.sender
