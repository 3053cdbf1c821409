"""How an attempt to deliver can end: for good, or put off. Pure: what was decided or answered, told as an end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from libs.contracts.events import Channel
from libs.policy.held_back import CLOSED, Cancel, Expire, Wait
from services.notifier.channels.outcome import Accepted, Closing, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.domain.policy import retry_at
from services.notifier.domain.reminder import COPIES_MOST, Reminder

FinalState = Literal["sent", "cancelled", "expired", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Finished:
    """It has a final state. `closes` is why the provider wants no more messages for this address; `provider` is who
    took or refused the message, or may have it.
    """

    state: FinalState
    reason: str | None = None
    provider_id: str | None = None
    closes: Closing | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class PutOff:
    """It is taken up again after `wait`; `failed` counts towards the back-off, `copies` are those that may be out."""

    wait: timedelta
    reason: str
    failed: bool
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Switched:
    """It is taken up again at once, by another of its channels: this one is closed to it."""

    channel: Channel


End = Finished | PutOff | Switched


def closed_channel(end: End) -> bool:
    """Whether it ends only because its channel is closed to it, and surely was not sent."""
    return isinstance(end, Finished) and end.state in ("cancelled", "failed") and end.reason in CLOSED


def stopped(r: Reminder, verdict: Cancel | Expire | Wait, now: datetime) -> End:
    """The end that a verdict makes. What an earlier attempt may have sent is never told as cancelled or expired."""
    match verdict:
        case Cancel(reason):
            return Finished("unknown" if r.interrupted else "cancelled", reason)
        case Expire(reason):
            return Finished("unknown" if r.interrupted else "expired", reason)
        case Wait(until, reason):
            return PutOff(max(until - now, timedelta()), reason, failed=False, copies=r.copies)


def retried(
    r: Reminder, reason: str, now: datetime, *, retry_after_s: float | None = None, more_copies: int = 0
) -> PutOff:
    """To be tried again, later after every failure; `retry_after_s` is the provider's own wish."""
    wait = max(retry_at(r, now, retry_after_s) - now, timedelta())
    return PutOff(wait, reason, failed=True, copies=r.copies + more_copies)


def answered(r: Reminder, outcome: Outcome, now: datetime, *, repeat_unclear: bool) -> End:
    """The end that a provider's answer makes; `repeat_unclear` is the store's choice `at_least_once`."""
    match outcome:
        case Accepted(provider_id, provider):
            return Finished("sent", provider_id=provider_id, provider=provider)
        case Refused(reason, suppress, provider):
            return Finished("failed", reason, closes=suppress, provider=provider)
        case Postponed(reason, retry_after_s):
            return retried(r, reason, now, retry_after_s=retry_after_s)
        case Withheld():
            return retried(r, "withheld", now)
        case Unclear(reason) if repeat_unclear and r.copies + 1 < COPIES_MOST:
            return retried(r, reason, now, more_copies=1)
        case Unclear(reason, provider):
            return Finished("unknown", reason, provider=provider)
