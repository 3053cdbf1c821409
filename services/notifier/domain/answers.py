"""What a provider tells of a message after it has taken it, and what follows from that. Pure.

Each provider has words of its own; its reader (`channels/<channel>/<provider>_events.py`) makes these of them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

AnswerKind = (
    Literal["delivered", "deferred", "bounced", "undelivered", "complained", "opened", "clicked"]
    | Literal["prefetched", "suspected", "unsubscribed"]
)
"""`bounced`: the address was refused; `undelivered`: it was on its way, and was not handed over; `prefetched`: what
tells of opens was fetched, and it need not be that anybody has; `suspected`: a click that may have been a machine's;
`unsubscribed`: by its link, the page where they choose, or a reply.
"""
Weight = Literal["hard", "soft", "ours"]
"""There is no such address; it may work another time; it is we, or what we wrote, who were refused."""
Closing = Literal["bounced", "complained"]

_NO_SUCH_ADDRESS: Final = re.compile(r"5\.1\.(?![789]$)\d{1,3}|5\.2\.1|5\.4\.[14]|550|551|553")
_OURS: Final = re.compile(r"5\.1\.[789]|5\.3\.[0-35-9]|5\.4\.5|5\.5\.\d{1,3}|5\.6\.\d{1,3}|5\.7\.\d{1,3}|4\.7\.\d{1,3}")
"""Sender, system, quota, how we speak, content, and policy: as `channels/email/refusals.py` reads a relay."""
_FOR_NOW: Final = re.compile(r"5\.2\.[234]|5\.3\.4|5\.4\.[67]|552|4\d\d|4\.\d{1,3}\.\d{1,3}")
"""A mailbox that is full, a message that is too long, a time that ran out: another one may get through."""
_FOR_GOOD: Final = re.compile(r"5\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a provider tells, by its own id for it (`event_id`): of which message, and since when it is so.

    `hard` is what the provider makes of a bounce, `status` the recipient's server's word (RFC 3463, or three digits),
    `reason` a stable word such as `twilio_30003`. `agent` is the program that opened or clicked; `machine`: the
    provider knows that it was no person.
    """

    event_id: str
    kind: AnswerKind
    at: datetime
    reminder_id: UUID | None = None
    provider_id: str | None = None
    hard: bool | None = None
    status: str | None = None
    reason: str | None = None
    agent: str | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class SoftBounces:
    """So many messages to an address that come back for now, within so long, close it."""

    count: int
    within: timedelta

    @classmethod
    def read(cls, text: str) -> "SoftBounces | None":
        """Of `3 in 7d`; an empty text is none."""
        count, _, days = text.partition(" in ")
        return cls(int(count), timedelta(days=int(days.removesuffix("d")))) if text else None


def weight(answer: Answer) -> Weight | None:
    """What a bounce says of the address; None of what is no bounce.

    The status goes before the provider's own word, where it says anything: a bounce that a provider calls passing, with
    the status of an address that does not exist, is for good, and one that it calls permanent because the sender was
    refused closes no address.
    """
    if answer.kind != "bounced":
        return None
    status = answer.status or ""
    if _NO_SUCH_ADDRESS.fullmatch(status):
        return "hard"
    if _OURS.fullmatch(status):
        return "ours"
    if _FOR_NOW.fullmatch(status):
        return "soft"
    return "hard" if answer.hard or _FOR_GOOD.fullmatch(status) else "soft"


def closes(answer: Answer, soft_before: int, limit: SoftBounces | None) -> Closing | None:
    """Why no message is to go to the address any more. `soft_before` other messages came back for now within the
    store's time.
    """
    if answer.kind == "complained":
        return "complained"
    found = weight(answer)
    if found == "hard":
        return "bounced"
    too_often = limit is not None and soft_before + 1 >= limit.count
    return "bounced" if found == "soft" and too_often else None
