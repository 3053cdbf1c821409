"""What a provider said to one message for one recipient."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from services.notifier.domain.snapshot import CartSnapshot

Closing = Literal["bounced", "stop"]
"""Why no message is to go to an address any more: it does not exist, or whoever has it wants none."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it; `provider_id` is its name for it, where it gives one."""

    provider_id: str | None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider surely has not taken it, and never will. `suppress` closes the channel to the address."""

    reason: str
    suppress: Closing | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The provider surely has not taken it, and may later; `retry_after_s` is its own wish, in seconds.

    `ours`: it refuses us, not this message, and somebody has to repair something: log-in, sender, account. `down`: it
    is out of reach or out of order, for every message. Without `asked` it was not its turn yet, and nobody asked it.
    """

    reason: str
    retry_after_s: float | None = None
    ours: bool = False
    down: bool = False
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Unclear:
    """It was handed over and no answer came: the provider may have it or not."""

    reason: str
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """The last word was no: the provider was not given it."""


Outcome = Accepted | Refused | Postponed | Unclear | Withheld
"""`provider` is whose answer it is, by its name; providers themselves leave it out (`by_name.py` puts it there)."""


def said_by(provider: str, outcome: Outcome) -> Outcome:
    """The answer, with whose it is where that may be the last one."""
    return replace(outcome, provider=provider) if isinstance(outcome, Accepted | Refused | Unclear) else outcome


def provider_works(outcome: Outcome | None) -> bool | None:
    """What an answer says of the provider, for this store: None where nobody asked it."""
    match outcome:
        case None | Withheld() | Postponed(asked=False):
            return None
        case Unclear():
            return False
        case Postponed():
            return not (outcome.ours or outcome.down)
    return True


LastWord = Callable[[], Awaitable[CartSnapshot | None]]
"""Asked immediately before a message is handed over: the cart that it may speak of, or None where it must not go."""

Send = Callable[[LastWord], Awaitable[Outcome]]
"""A finished message, waiting for the word."""
