"""Items that run low or are waited for: what is left, who holds them, what was told about them. Pure.

Who holds an item and who waits for it is the trigger's, asked of it for the moment; where it is silent that is None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.console.domain.figures import CampaignFunnel, Money

KINDS = ("low_stock", "back_in_stock", "price_drop")
"""The campaigns that are about an item."""


@dataclass(frozen=True, slots=True)
class Level:
    """An item as it last crossed its threshold, over all (`location` is empty) or at a place."""

    sku: str
    location: str
    available: int
    threshold: int
    low: bool
    since: datetime


@dataclass(frozen=True, slots=True)
class LowItem:
    """An item that runs low since `since`: over all, or at these `places`."""

    sku: str
    since: datetime
    available: int
    threshold: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LowItems:
    """A page of them, the newest first; `after` asks for the next one, None where there is none. `in_all` run low."""

    rows: tuple[LowItem, ...]
    after: str | None
    in_all: int


@dataclass(frozen=True, slots=True)
class Told:
    """What was told about an item by campaigns of a kind: messages, people, and orders that a click led to."""

    sku: str
    kind: str
    sent: int
    people: int
    clicked: int
    ordered: int


@dataclass(frozen=True, slots=True)
class Item:
    """What a page shows of an item. `available` is as of now where the trigger knows it (`is_now`), else as of the
    crossing; `carts` hold it, `asked` and `saved` wait for it.
    """

    sku: str
    available: int | None
    is_now: bool
    low: LowItem | None
    carts: int | None
    asked: int | None
    saved: int | None
    waits_since: str | None
    told: tuple[Told, ...]

    @property
    def waiting(self) -> int:
        """How many wait for it, as far as is known."""
        return (self.asked or 0) + (self.saved or 0)


@dataclass(frozen=True, slots=True)
class KindTold:
    """What all campaigns of a kind came to over some days."""

    kind: str
    campaigns: tuple[str, ...]
    sent: int
    clicked: int
    ordered: int
    revenue: tuple[Money, ...]


def item_of(sku: str, low: LowItem | None, counted: Mapping[str, Any] | None, told: Iterable[Told]) -> Item:
    """One item out of what the console has read of it, and what the trigger counts of it now, where it answers."""
    about = tuple(sorted(told, key=lambda one: KINDS.index(one.kind)))
    crossed = None if low is None else low.available
    if counted is None:
        return Item(sku, crossed, False, low, carts=None, asked=None, saved=None, waits_since=None, told=about)
    now: int | None = counted["available"]
    counts = {name: counted[name] for name in ("carts", "asked", "saved")}
    return Item(
        sku, crossed if now is None else now, now is not None, low, waits_since=counted["since"], told=about, **counts
    )


def items_of(low: Iterable[LowItem], counted: Mapping[str, Mapping[str, Any]], told: Iterable[Told]) -> list[Item]:
    """Items that run low, with who holds them, and what was told."""
    by_sku = _by_sku(told)
    return [item_of(one.sku, one, counted.get(one.sku), by_sku.get(one.sku, ())) for one in low]


def waited_of(waited: Sequence[Mapping[str, Any]], low: Mapping[str, LowItem], told: Iterable[Told]) -> list[Item]:
    """Items for which people wait, as the trigger tells them, with what was told."""
    by_sku = _by_sku(told)
    return [item_of(one["sku"], low.get(one["sku"]), one, by_sku.get(one["sku"], ())) for one in waited]


def by_kind(funnels: Iterable[CampaignFunnel]) -> list[KindTold]:
    """What was told by each kind of campaign that is about an item; none of kinds that told nothing."""
    found = []
    for kind in KINDS:
        of = [one for one in funnels if one.kind == kind]
        steps = [step for one in of for step in one.steps]
        sums: dict[str, int] = {}
        for amount in (amount for step in steps for amount in step.revenue.amounts):
            sums[amount.currency] = sums.get(amount.currency, 0) + amount.amount
        if of:
            found.append(
                KindTold(
                    kind,
                    tuple(one.campaign for one in of),
                    sum(step.sent for step in steps),
                    sum(step.clicked for step in steps),
                    sum(step.ordered for step in steps),
                    tuple(Money(currency, amount) for currency, amount in sorted(sums.items())),
                )
            )
    return found


def _by_sku(told: Iterable[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for one in told:
        found.setdefault(one.sku, []).append(one)
    return found
