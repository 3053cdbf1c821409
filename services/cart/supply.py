"""What a store's servers tell of its goods: how many there are, and what they cost."""

from typing import Self

from pydantic import Field, model_validator

from services.cart.commands import Body, Name, like
from services.cart.currency import Currency
from services.cart.limits import MAX_AVAILABLE, MAX_LEVELS, MAX_PRICE


class Available(Body):
    """Units that can be sold now."""

    model_config = like({"available": 12})

    available: int = Field(ge=0, le=MAX_AVAILABLE)


class Level(Available):
    """The level of one sku."""

    model_config = like({"sku": "tea-100", "available": 12})

    sku: Name


class Levels(Body):
    """Many levels at once, each sku once."""

    model_config = like({"levels": [{"sku": "tea-100", "available": 12}]})

    levels: list[Level] = Field(min_length=1, max_length=MAX_LEVELS)

    @model_validator(mode="after")
    def _each_sku_once(self) -> Self:
        if len({level.sku for level in self.levels}) < len(self.levels):
            raise ValueError("a sku stands twice")
        return self


class Costs(Body):
    """What one piece costs, in minor units of `currency`."""

    price: int = Field(ge=0, le=MAX_PRICE)
    currency: Currency


class Price(Costs):
    """The price of one sku in one currency."""

    sku: Name


class Prices(Body):
    """Many prices at once, each sku once in each currency."""

    prices: list[Price] = Field(min_length=1, max_length=MAX_LEVELS)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({(price.sku, price.currency) for price in self.prices}) < len(self.prices):
            raise ValueError("a sku stands twice in one currency")
        return self
