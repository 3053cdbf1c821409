"""What decisions come to: people, messages by step, channel and reason, what they cost. Pure but for printing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from rich.console import Console
from rich.table import Table

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

    def take(self, one: Told) -> None:
        """Counts a decision."""
        self.counted[(one.campaign, one.name, one.channel), one.outcome, one.reason] += 1
        if one.outcome == "would_send":
            self.by_day[(one.sent_at or one.due_at).date(), one.channel] += 1

    def __add__(self, other: "Summary") -> "Summary":
        """Of both, where nobody is in both."""
        return Summary(self.people + other.people, self.counted + other.counted, self.by_day + other.by_day)

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

    def cost(self, prices: Mapping[str, Decimal]) -> Decimal:
        """What the messages cost."""
        return sum((prices.get(step[2], Decimal()) * number for step, number in self.steps.items()), Decimal())


def prices_of(text: str) -> dict[str, Decimal]:
    """Prices of a message by channel, written `email=0.001,sms=0.07`. Raises `ValueError`."""
    found = {}
    for part in filter(None, text.split(",")):
        channel, _, price = part.partition("=")
        try:
            found[channel.strip()] = Decimal(price)
        except InvalidOperation:
            raise ValueError("write prices as email=0.001,sms=0.07") from None
    if not all(price.is_finite() and price >= 0 for price in found.values()):
        raise ValueError("a price is 0 or more")
    return found


def show(names: Sequence[str], sides: Sequence[Summary], prices: Mapping[str, Decimal], console: Console) -> None:
    """Prints one side, or two with what changed."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    if len(sides) > 1:
        table.add_column("change", justify="right")
    _row(table, "people", [side.people for side in sides])
    for step in sorted({step for side in sides for step in side.steps}):
        _row(table, " ".join((step[0], step[1], f"({step[2]})")), [side.steps.get(step, 0) for side in sides])
    _row(table, "messages", [sum(side.steps.values()) for side in sides])
    if prices:
        costs = [side.cost(prices) for side in sides]
        table.add_row("cost", *(f"{cost:,.2f}" for cost in costs), *_change(costs))
    for reason in sorted({key[1] for side in sides for key in side.outcomes if key[0] == "skipped"}):
        _row(table, f"skipped: {reason}", [side.outcomes["skipped", reason] for side in sides])
    console.print(table)


def _row(table: Table, name: str, numbers: Sequence[int]) -> None:
    table.add_row(name, *(f"{number:,}" for number in numbers), *_change(numbers))


def _change(numbers: Sequence[int] | Sequence[Decimal]) -> list[str]:
    if len(numbers) < 2:
        return []
    change = numbers[1] - numbers[0]
    return [f"{change:+,}" if isinstance(change, int) else f"{change:+,.2f}"] if change else [""]
