"""What decisions come to: people, messages by step, channel and reason, what they cost. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from services.trigger.backtest.policy import HELD_BACK
from services.trigger.domain.told import Told

Step = tuple[str, str, str]
"""Campaign, name of the step, channel."""


@dataclass(slots=True)
class Summary:
    """Counts of decisions, and who would be sent something."""

    people: int = 0
    counted: Counter[tuple[Step, str, str]] = field(default_factory=Counter)
    """By step, outcome and reason."""
    by_day: Counter[tuple[date, str]] = field(default_factory=Counter)
    """What would be sent, by day (UTC) and channel."""
    put_off: Counter[str] = field(default_factory=Counter)
    """What of that would go out later than it is due, by why."""

    def take(self, one: Told) -> None:
        """Counts a decision."""
        self.counted[(one.campaign, one.name, one.channel), one.outcome, one.reason] += 1
        if one.outcome == "would_send":
            self.by_day[(one.sent_at or one.due_at).date(), one.channel] += 1
            if one.put_off is not None:
                self.put_off[one.put_off] += 1

    def __add__(self, other: "Summary") -> "Summary":
        """Of both, where nobody is in both."""
        people, by_day = self.people + other.people, self.by_day + other.by_day
        return Summary(people, self.counted + other.counted, by_day, self.put_off + other.put_off)

    @property
    def steps(self) -> dict[Step, int]:
        """How many messages of each step would be sent."""
        found: dict[Step, int] = {}
        for (step, outcome, _), number in sorted(self.counted.items()):
            found[step] = found.get(step, 0) + (number if outcome == "would_send" else 0)
        return found

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        """How many there were of each outcome and reason."""
        found: Counter[tuple[str, str]] = Counter()
        for (_, outcome, reason), number in self.counted.items():
            found[outcome, reason] += number
        return found

    @property
    def held_back(self) -> dict[str, int]:
        """How many were not sent by the rules of the store, or because nobody was reached, by reason."""
        found = {reason: number for (_, reason), number in self.outcomes.items() if reason in HELD_BACK}
        return dict(sorted(found.items()))

    def cost(self, prices: Mapping[str, Decimal]) -> Decimal:
        """What the messages cost."""
        return sum((prices.get(step[2], Decimal()) * number for step, number in self.steps.items()), Decimal())
