"""What is found of a sender's domain, in words, and what the findings rest on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

State = Literal["good", "warn", "bad", "unknown"]
What = Literal["domain", "spf", "dkim", "dmarc", "alignment", "bounce", "reverse"]
WHATS: tuple[What, ...] = get_args(What)
Said = tuple[str, ...] | None
"""What the DNS says to a question, each record as text: none of them where there is nothing, None where nobody could be
asked.
"""
Records = Mapping[str, Said]
"""By name what was said; a name that is not there was not asked."""

CODES: Mapping[str, tuple[State, str]] = {
    "reserved": ("unknown", "{name} is a name for examples and networks of one's own, of which nobody is asked."),
    "spf_good": ("good", "{name} says who may send for it, after {value} of at most 10 look-ups."),
    "spf_missing": ("bad", "{name} has no SPF record: nobody knows who may send for it."),
    "spf_unneeded": ("warn", "{name} has no SPF record; the provider's own is asked for."),
    "spf_many": ("bad", "{name} has {value} SPF records: with more than one, none counts."),
    "spf_broken": ("bad", "The SPF record of {name} has a term that nobody knows: {value}."),
    "spf_lookups": ("bad", "The SPF record of {name} takes more than 10 look-ups: none of it counts."),
    "spf_include": ("bad", "The SPF record of {name} leads to {value}, which has none: none of it counts."),
    "spf_open": ("bad", "The SPF record of {name} lets everybody send for it."),
    "spf_loose": ("warn", "The SPF record of {name} does not say that others may not send."),
    "spf_unknown": ("unknown", "Nobody could say whether {name} has an SPF record."),
    "dkim_unsaid": ("warn", "It is not said by which selectors messages of {name} are signed."),
    "dkim_good": ("good", "The key at {name} is there."),
    "dkim_missing": ("bad", "There is no key at {name}: signatures can't be checked."),
    "dkim_revoked": ("bad", "The key at {name} is revoked: its record is empty."),
    "dkim_broken": ("bad", "The record at {name} is no key."),
    "dkim_short": ("bad", "The key at {name} has {value} bits: signatures of less than 1024 do not count."),
    "dkim_weak": ("warn", "The key at {name} has {value} bits: 2048 are usual."),
    "dkim_testing": ("warn", "The key at {name} says that it is a test (t=y)."),
    "dkim_unknown": ("unknown", "Nobody could say whether there is a key at {name}."),
    "dmarc_good": ("good", "{name} says what becomes of messages in its name that are not its own: {value}."),
    "dmarc_missing": ("bad", "{name} has no DMARC record: large providers refuse who sends much without one."),
    "dmarc_many": ("bad", "{name} has {value} DMARC records: with more than one, none counts."),
    "dmarc_broken": ("bad", "The DMARC record of {name} has no policy that counts."),
    "dmarc_watching": ("warn", "The DMARC policy of {name} is p=none: it counts, and stops nobody."),
    "dmarc_unknown": ("unknown", "Nobody could say whether {name} has a DMARC record."),
    "aligned_by_key": ("good", "Messages pass DMARC: their signature is of {name}."),
    "aligned_by_envelope": ("good", "Messages pass DMARC: their envelope belongs to {name}."),
    "not_aligned": ("bad", "Messages fail DMARC: neither their signature nor their envelope belongs to {name}."),
    "bounce_good": ("good", "{name} takes what comes back, at {value}."),
    "bounce_nowhere": ("bad", "{name} has no mail server: what comes back is lost."),
    "bounce_refused": ("bad", "{name} says that it takes no mail (MX 0 .): what comes back is lost."),
    "bounce_unknown": ("unknown", "Nobody could say where mail to {name} goes."),
    "reverse_good": ("good", "The relay's addresses lead back to {name}."),
    "reverse_missing": ("bad", "{value}, an address of the relay {name}, has no name (PTR)."),
    "reverse_other": ("bad", "{value}, an address of the relay {name}, has a name that does not lead back to it."),
    "reverse_unknown": ("unknown", "Nobody could say which names the addresses of {name} have."),
}
"""Each finding that there is: how good it is, and what it says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found: `what` was looked at, of which `name`; `code` is one of `CODES`, `record` what the DNS says."""

    what: What
    name: str
    code: str
    value: str = ""
    record: str = ""

    @property
    def state(self) -> State:
        """How good it is. Of what could not be asked nothing is bad."""
        return CODES[self.code][0]

    @property
    def detail(self) -> str:
        """A sentence."""
        return CODES[self.code][1].format(name=self.name, value=self.value)


def unknown(what: What, name: str) -> Finding:
    """Nobody could be asked, or not in time."""
    return Finding(what, name, f"{what}_unknown")


def tags(record: str) -> dict[str, str]:
    """The `name=value; …` of a DKIM or DMARC record (RFC 6376, 3.2); of a name that is there twice the first."""
    pairs = [part.partition("=") for part in record.split(";") if "=" in part]
    found: dict[str, str] = {}
    for name, _, value in pairs:
        found.setdefault(name.strip().lower(), value.strip())
    return found
