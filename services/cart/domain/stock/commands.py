"""What a store's servers tell of its goods: how many there are, and what they cost."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from services.cart.domain.commands import Body, like
from services.cart.domain.currency import Currency
from services.cart.domain.goods import GoodsName, Options
from services.cart.domain.limits import MAX_AVAILABLE, MAX_LEVELS, MAX_PRICE, MAX_SEQUENCE

Sequence = Annotated[int, Field(ge=0, le=MAX_SEQUENCE)]
"""Grows with every change of the same thing at the shop: a number, or a time in whole milliseconds or less."""
PriceOf = tuple[str, str, tuple[tuple[str, str], ...]]
"""Sku, currency, options."""


class Told(Body):
    """What was left out is left as it is; what was given as null is taken away."""

    @model_serializer(mode="wrap")
    def _as_told(self, default: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Calls are compared by their JSON: what an older shop does not send must not tell them apart."""
        return {name: value for name, value in default(self).items() if name in self.model_fields_set}


class NewLevel(Told):
    """Units that can be sold now, at a location or (without one) wherever the store has no name for.

    A level with an older or equal `sequence` than the one before at the same place is dropped. At `threshold`
    units this sku (at this location) runs low, whatever the rules of the store say. A sku on `backorder` may be ordered
    beyond its level: nothing of it is set aside, held back or told of as sold out.
    """

    model_config = like({"available": 12, "location": "warsaw", "sequence": 1773500966000})

    available: int = Field(ge=0, le=MAX_AVAILABLE)
    location: GoodsName | None = None
    sequence: Sequence | None = None
    category: GoodsName | None = None
    threshold: int | None = Field(default=None, ge=0, le=MAX_AVAILABLE)
    backorder: bool | None = None


class Level(NewLevel):
    """The level of one sku."""

    model_config = like({"sku": "tea-100", "available": 12, "location": "warsaw", "sequence": 1773500966000})

    sku: GoodsName


class Levels(Body):
    """Many levels at once, each a row that stands or falls alone; they count in their order."""

    model_config = like(
        {
            "levels": [
                {"sku": "tea-100", "available": 12, "location": "warsaw", "sequence": 41},
                {"sku": "jam-340", "available": 3, "category": "preserves", "threshold": 10},
            ]
        }
    )

    levels: list[Level] = Field(min_length=1, max_length=MAX_LEVELS)


class NewPrice(Told):
    """What one piece costs, in minor units of `currency`, with these `options` or (without any) whatever was chosen:
    of the prices that fit a line, the one that names most options counts. A price with an older or equal `sequence`
    than the one before of the same options in this currency is dropped.
    """

    model_config = like({"price": 1250, "currency": "EUR"})

    price: int = Field(ge=0, le=MAX_PRICE)
    currency: Currency
    options: Options = Field(default_factory=dict)
    sequence: Sequence | None = None


class Price(NewPrice):
    """The price of one sku, or of one choice of its options, in one currency."""

    model_config = like({"sku": "tea-100", "price": 1250, "currency": "EUR"})

    sku: GoodsName

    def of(self) -> PriceOf:
        """What it is the price of."""
        return self.sku, self.currency, tuple(sorted(self.options.items()))


class Prices(Body):
    """Many prices at once, each a row that stands or falls alone; they count in their order."""

    model_config = like({"prices": [{"sku": "tea-100", "price": 1250, "currency": "EUR", "sequence": 7}]})

    prices: list[Price] = Field(min_length=1, max_length=MAX_LEVELS)


def newest(prices: Iterable[Price]) -> tuple[list[int], list[int]]:
    """Which of these prices count, each choice of a sku once in each currency, and which are older by their sequence.

    Without a sequence the one that comes last counts.
    """
    counting: dict[PriceOf, int] = {}
    told: dict[PriceOf, int] = {}
    stale: list[int] = []
    for number, price in enumerate(prices):
        key = price.of()
        if price.sequence is not None:
            if key in told and price.sequence <= told[key]:
                stale.append(number)
                continue
            told[key] = price.sequence
        counting[key] = number
    return sorted(counting.values()), stale
