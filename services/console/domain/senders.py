"""What the DNS and recipients say of who sends: what of it is a fault, and how good its rates are. Pure.

The notifier asks the DNS and says what it found; here it is only weighed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.console.domain.faults import FEWEST_SENT, MOST_BOUNCED, MOST_COMPLAINED, Fault, Unasked

Json = Mapping[str, Any]
GOOD_COMPLAINED, GOOD_BOUNCED = 0.001, 0.02
"""What Gmail and Yahoo want of complaints (and never 0.3 %), and what large providers take for a list in order."""
LABELS: Mapping[str, str] = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}
"""What everybody calls them."""
Answer = Literal["complained", "bounced"]
RateState = Literal["good", "warn", "bad", "unknown", "few"]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of a week's messages were answered so: `few` are no rate, and of `unknown` nobody tells us anything.

    `good` is what it should stay below, `most` where providers begin to refuse; all are shares.
    """

    answer: Answer
    share: float
    state: RateState
    good: float
    most: float


def rates(sent: int, delivered: int, bounced: int, complained: int) -> list[Rate]:
    """The rates of a week on one channel."""
    heard = bool(delivered or bounced or complained)
    told: tuple[tuple[Answer, int, float, float], ...] = (
        ("complained", complained, GOOD_COMPLAINED, MOST_COMPLAINED),
        ("bounced", bounced, GOOD_BOUNCED, MOST_BOUNCED),
    )
    found = []
    for answer, number, good, most in told:
        share = number / sent if sent else 0.0
        state: RateState = "bad" if share >= most else "warn" if share >= good else "good"
        if sent < FEWEST_SENT:
            state = "few"
        elif not heard:
            state = "unknown"
        found.append(Rate(answer, share, state, good, most))
    return found


def dns_faults(store_id: str, senders: Sequence[Json]) -> tuple[list[Fault], list[Unasked]]:
    """What the DNS lacks of a store's senders, and of what it could not be asked: that goes on as it was."""
    found: list[Fault] = []
    unasked: list[Unasked] = []
    for one in (finding for sender in senders for finding in sender["findings"]):
        label = f"{LABELS.get(one['what'], one['what'].capitalize())}: "
        if one["state"] == "bad":
            found.append(Fault("dns", store_id, label + one["detail"], 1.0))
        elif one["state"] == "unknown":
            unasked.append(Unasked("dns", store_id, label))
    return found, unasked


def worst(senders: Sequence[Json], of_rates: Sequence[Rate]) -> str:
    """The worst of all that is known, as a tag has it; what is not known is no worse than good."""
    states = {finding["state"] for sender in senders for finding in sender["findings"]} | {
        one.state for one in of_rates
    }
    return next((state for state in ("bad", "warn") if state in states), "good" if "good" in states else "")
