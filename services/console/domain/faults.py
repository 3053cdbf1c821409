"""What is wrong with sending, and what ops are told of it: once when it begins, once when it is over. Pure.

Every kind that there is stands in `KINDS`; nothing of it names a person.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.console.domain.pulse import STUCK, Sign

Kind = Literal["silence", "lag", "outbox", "dead_letters", "sender", "dns"]
KINDS: Mapping[Kind, str] = {
    "silence": "nothing goes out",
    "lag": "events are read too late",
    "outbox": "events are not published",
    "dead_letters": "records were put aside",
    "sender": "recipients reject what is sent",
    "dns": "the DNS is not as mailbox providers want it",
}
"""What each says of itself, as the subject of a mail has it."""
SEEN_AS: Mapping[str, Kind] = {"outbox": "outbox", "reading": "lag"}
"""Which measurement of a process is which kind."""

CALM = timedelta(minutes=5)
"""A fault that was not seen for so long is over: what comes and goes is told of once."""
FEWEST_EXPECTED = 20.0
"""Where chance alone leaves out so many once in 500 million times."""
QUIETEST = timedelta(hours=1)
LONGEST_SILENCE = timedelta(hours=24)
"""What went out at the same hours of weeks before is asked no further back."""
FEWEST_SENT = 500
"""Messages of a week, below which a few answers are no rate."""
MOST_COMPLAINED, MOST_BOUNCED = 0.003, 0.05
"""Large mailbox providers refuse who has three complaints in a thousand; one bounce in twenty is a bad list."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong: `store_id` is empty where it is wrong for all, `about` is which topic, process or database.

    `value` is how much: hours of silence, seconds behind, records, a rate; `expected` what there should have been.
    Of the DNS `about` is a sentence.
    """

    kind: Kind
    store_id: str
    about: str
    value: float
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class Unasked:
    """What nobody could ask after: of a kind all faults, or those of a store (`about` is how they begin)."""

    kind: Kind
    store_id: str = ""
    about: str = ""

    def covers(self, fault: Fault) -> bool:
        """Whether nothing is known of a fault, so that it goes on."""
        of_store = self.store_id in ("", fault.store_id)
        return fault.kind == self.kind and of_store and fault.about.startswith(self.about)


@dataclass(frozen=True, slots=True)
class Sent:
    """When a store's last message went out, and how many went out at the same hours of each of the weeks before."""

    store_id: str
    last_at: datetime | None
    weeks: tuple[int, ...]


def silent_since(last_at: datetime | None, now: datetime) -> datetime | None:
    """From when on it is asked what was to be expected; None where there was a message a short while ago."""
    since = max(last_at or now - LONGEST_SILENCE, now - LONGEST_SILENCE)
    return since if now - since >= QUIETEST else None


def silence(sent: Sent, now: datetime) -> Fault | None:
    """A store that sends nothing when it always did: by the least of the weeks before, so that a sale of then is no
    measure of today.
    """
    since = silent_since(sent.last_at, now)
    if since is None or not sent.weeks or min(sent.weeks) < FEWEST_EXPECTED:
        return None
    return Fault("silence", sent.store_id, "", (now - since) / timedelta(hours=1), float(min(sent.weeks)))


def behind(process: str, signs: Iterable[Sign]) -> list[Fault]:
    """What a process says of itself that it should not: events that nobody publishes, or reads."""
    return [
        Fault(SEEN_AS[sign.what], "", f"{process} {sign.of}".strip(), sign.value)
        for sign in signs
        if sign.what in SEEN_AS and sign.state == STUCK
    ]


def put_aside(waiting: Mapping[str, int]) -> list[Fault]:
    """Records that wait for somebody, by topic."""
    return [Fault("dead_letters", "", topic, float(number)) for topic, number in waiting.items() if number]


def reputation(store_id: str, channel: str, sent: int, bounced: int, complained: int) -> list[Fault]:
    """Answers of a week that make providers refuse a sender."""
    if sent < FEWEST_SENT:
        return []
    rates = (("complained", complained / sent, MOST_COMPLAINED), ("bounced", bounced / sent, MOST_BOUNCED))
    return [
        Fault("sender", store_id, f"{channel} {answer}", rate, most) for answer, rate, most in rates if rate >= most
    ]


def in_words(fault: Fault) -> str:
    """A line for a log and a mail."""
    told = {
        "silence": f"silent for {fault.value:.0f} h, {fault.expected:.0f} expected",
        "lag": f"{fault.about}: {fault.value:.0f} s behind",
        "outbox": f"{fault.about}: the oldest event has waited for {fault.value:.0f} s",
        "dead_letters": f"{fault.about}: {fault.value:.0f} wait",
        "sender": f"{fault.about}: {fault.value:.2%} of a week's messages, at most {fault.expected:.1%} may be",
        "dns": fault.about.removesuffix("."),
    }[fault.kind]
    return f"{fault.store_id}: {told}" if fault.store_id else told


def mail_of(fault: Fault, since: datetime, ended_at: datetime | None, pages: str) -> tuple[str, str]:
    """Subject and text of the mail that a fault has begun, or is over; `pages` is where the console is, if known."""
    what = f"{KINDS[fault.kind]}: {in_words(fault)}"
    if ended_at is not None:
        lasted = (ended_at - since) / timedelta(minutes=1)
        return f"[Evercart] over: {what}", f"It is over, after {lasted:.0f} minutes: {what}.\n"
    lines = [f"Since {since:%Y-%m-%d %H:%M} UTC {what}."]
    if pages:
        lines.append(f"Health shows more: {pages}")
    lines.append("This is told once; another mail says when it is over.")
    return f"[Evercart] {what}", "\n\n".join(lines) + "\n"


def over(known: Sequence[tuple[Fault, datetime]], unasked: Collection[Unasked], now: datetime) -> list[Fault]:
    """Of the faults in force, each with when it was seen last, those that are over. Of what nobody could ask after
    nothing is known: it goes on.
    """
    return [
        fault for fault, seen_at in known if now - seen_at >= CALM and not any(one.covers(fault) for one in unasked)
    ]
