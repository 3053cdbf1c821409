"""What a provider has to do for its channel, and what it is told of in return."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.runtime.clock import Clock, utc_now
from services.notifier.channels.outcome import Outcome
from services.notifier.domain.answers import Answer
from services.notifier.domain.envelope import Envelope
from services.notifier.domain.replies import Meaning
from services.notifier.domain.store import Store


class ProviderSettings(BaseSettings):
    """A provider's own settings, read from the environment; each subclass has a prefix of its own.

    A provider that lacks one of them is not configured: messages that it should carry wait, all others go on.
    `per_second` is how many messages it is given in a second, by all processes together, `connections` how many it is
    given at once by each; 0 is no limit.
    """

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # what was given may be a secret

    per_second: float = Field(default=0, ge=0, le=10_000)
    connections: int = Field(default=0, ge=0, le=256)

    @property
    def relay(self) -> str:
        """The host that hands a store's messages on; empty where that is the provider's affair."""
        return ""

    def returns_to(self, store: Store) -> str:  # noqa: ARG002 - of those that have an envelope
        """The address to which a store's e-mails come back; empty where that is the provider's own."""
        return ""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections one process should keep to a provider while nothing is sent, and what its time is, for
    signatures that hold for minutes. `public_url` is where providers may call us, if they may; `name` is the account's.
    """

    in_flight: int = 32
    clock: Clock = utc_now
    public_url: str | None = None
    name: str = ""


EmailLastWord = Callable[[], Awaitable[Envelope | None]]
"""Asked immediately before an e-mail is handed over: what is to be sent, or None where nothing is."""
SmsLastWord = Callable[[], Awaitable[str | None]]
"""The same for a text."""


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A template that a provider has approved, filled: `parameters` are names and texts in the order of its places,
    `button` is what its button's link ends in.
    """

    name: str
    language: str
    parameters: tuple[tuple[str, str], ...] = field(repr=False)
    named: bool = False
    button: str | None = field(repr=False, default=None)


TemplateLastWord = Callable[[], Awaitable[FilledTemplate | None]]
"""The same for a filled template."""


class EmailProvider(Protocol):
    """Takes finished e-mails, several at a time."""

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:
        """Hands one message over and says what became of it: whatever goes wrong is an outcome, not an error.

        `last_word` is asked when nothing but the message is left to be said: `Withheld` where it gives none. What it
        raises is for the caller.
        """
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class SmsProvider(Protocol):
    """Takes text messages, several at a time."""

    async def send(self, sender: str, recipient: str, last_word: SmsLastWord, *, reminder_id: UUID) -> Outcome:
        """Hands one message over, from the store's `sms_from` to an E.164 number; as `EmailProvider.send`.

        `reminder_id` is for a field of the provider's that comes back with what it tells later, where it has one.
        """
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class TemplateProvider(Protocol):
    """Takes filled templates, several at a time."""

    async def send(self, sender: str, recipient: str, last_word: TemplateLastWord, *, reminder_id: UUID) -> Outcome:
        """Hands one message over, from the store's sender to a handle; as `SmsProvider.send`."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """Which message a provider is asked for: that of a reminder, begun to be sent at `since`, to an address or number,
    None where that is not known any more. `text` is what a text message said, where that is still known.
    """

    reminder_id: UUID
    since: datetime
    recipient: str | None = field(repr=False)
    text: str | None = field(repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Callback:
    """A provider's request to us. `url` is the one that it called, names of headers are in lower case."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A message that a customer sent to one of the senders `to`, by the provider's id for it.

    `read_as` is the provider's own reading, where it has one; `answered` is whether it has answered the customer then.
    `payload` is what came with the link by which they started a chat.
    """

    reply_id: str
    sender: str = field(repr=False)
    to: frozenset[str]
    text: str = field(repr=False)
    read_as: Meaning | None = None
    channel: str = "sms"
    payload: str | None = field(repr=False, default=None)
    answered: bool = True


class ForgedCallbackError(ValueError):
    """The request is not the provider's."""


class UnreadableCallbackError(ValueError):
    """The request is the provider's and lacks something; the message says what."""


class UncheckedCallbackError(Exception):
    """It can't be told at the moment whether the request is the provider's: it has to come again."""


class ReplyReader(Protocol):
    """Reads the replies that a provider calls back with, at `<public URL>/<name of the provider>/inbound`."""

    media_type: str
    """Of what `answer` gives."""
    signed_by: str
    """The header that bears the provider's signature."""
    request_body: Mapping[str, Any]
    """What the provider sends, as OpenAPI describes it."""

    def read(self, callback: Callback) -> Reply | None:
        """None where it tells nothing of a customer. Raises `ForgedCallbackError` or `UnreadableCallbackError`."""
        ...

    def answer(self, text: str, reply: Reply | None = None) -> str:
        """The body of our response, which sends `text` back to whom the reply is of, or nothing where it is empty."""
        ...


class CallbackReader(Protocol):
    """Reads what a provider tells of messages that it has taken, at `<public URL>/<name of the provider>/events`."""

    request_body: Mapping[str, Any]
    """What the provider sends, as OpenAPI describes it."""

    @property
    def signed_by(self) -> str | None:
        """The header that bears the provider's signature, or its credentials; None where they stand in the body."""
        ...

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer | Reply]:
        """What it tells, in its order, replies included where it has one webhook for both; what says nothing of a
        message is left out.

        Raises `UnreadableCallbackError`, `UncheckedCallbackError`, and `ForgedCallbackError`, also for what was signed
        too long ago, or lies ahead, where the provider signs when.
        """
        ...


@runtime_checkable
class AnswersChallenge(Protocol):
    """What a reader of callbacks has besides, where the provider asks whether the webhook is ours before it calls."""

    def challenge(self, query: Mapping[str, str]) -> str:
        """What is to be said back. Raises `ForgedCallbackError`."""
        ...
