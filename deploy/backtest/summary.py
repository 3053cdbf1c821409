"""What a backtest comes to, as it is printed, and prices as they are typed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from rich.console import Console
from rich.table import Table

from services.trigger.backtest.summary import Summary


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
    for reason in sorted({reason for side in sides for reason in side.put_off}):
        _row(table, f"sent later: {reason}", [side.put_off[reason] for side in sides])
    console.print(table)


def _row(table: Table, name: str, numbers: Sequence[int]) -> None:
    table.add_row(name, *(f"{number:,}" for number in numbers), *_change(numbers))


def _change(numbers: Sequence[int] | Sequence[Decimal]) -> list[str]:
    if len(numbers) < 2:
        return []
    change = numbers[1] - numbers[0]
    return [f"{change:+,}" if isinstance(change, int) else f"{change:+,.2f}"] if change else [""]
