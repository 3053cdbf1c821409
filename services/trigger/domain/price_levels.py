"""What an item costs, and when that is a fall. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.events import PriceSet, ToldPrice

Priced = tuple[str, str]
"""Store, sku."""
Choice = tuple[str, tuple[tuple[str, str], ...]]
"""Currency, options."""


@dataclass(frozen=True, slots=True)
class PriceState:
    """All prices of an item, in minor units."""

    version: int
    prices: Mapping[Choice, int]


def choice(told: ToldPrice) -> Choice:
    """What a price is the price of, beside the item."""
    return told.currency, tuple(sorted(told.options.items()))


def apply_prices(before: PriceState | None, event: PriceSet) -> tuple[PriceState, tuple[ToldPrice, ...]]:
    """The item after its prices were set, and those that fell, each with what it was before (`previous`).

    What is not newer changes nothing. A price that was never told before has not fallen: nobody saw it higher. Where
    nothing is known of the item yet, what the event says of before counts.
    """
    if before is not None and event.price_version <= before.version:
        return before, ()
    fallen = list[ToldPrice]()
    for told in event.prices:
        was = told.previous if before is None else before.prices.get(choice(told))
        if was is not None and told.price < was:
            fallen.append(told.model_copy(update={"previous": was}))
    return PriceState(event.price_version, {choice(told): told.price for told in event.prices}), tuple(fallen)
