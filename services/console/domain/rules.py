"""By what a store's figures are counted: how long a click counts, and what other currencies are worth. Pure."""

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from libs.money.currencies import CODES, EXPONENTS

WINDOW_DAYS = 5
LONGEST = timedelta(days=30)


def _listed(code: str) -> str:
    if code not in CODES:
        raise ValueError("no currency of ISO 4217")
    return code


Code = Annotated[str, Field(min_length=3, max_length=3), AfterValidator(_listed)]
Days = Annotated[int, Field(ge=1, le=LONGEST.days, strict=True)]


class Rate(BaseModel):
    """What one unit of a currency is worth in the store's from a day on: 1 USD is 0.91 EUR."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: Code
    since: date
    rate: Annotated[Decimal, Field(gt=0, lt=10**9, max_digits=18)]


class Rules(BaseModel):
    """`window_days` for every channel but those of `channel_days`; `currency` is that in which it sums up, where that
    is not the store's own; `rates` say what others are worth in it. An order in one without a rate is in no such sum.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    window_days: Days = WINDOW_DAYS
    channel_days: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")], Days] = Field(
        default={}, max_length=20
    )
    currency: Code | None = None
    rates: tuple[Rate, ...] = Field(default=(), max_length=5000)

    @model_validator(mode="after")
    def _rates_are_told_once(self) -> Self:
        if len({(rate.currency, rate.since) for rate in self.rates}) < len(self.rates):
            raise ValueError("there are two rates of one currency from the same day on")
        return self

    def window(self, channel: str) -> timedelta:
        """How long after a click on this channel an order is credited to it."""
        return timedelta(days=self.channel_days.get(channel, self.window_days))

    def worth(self, amount: int, currency: str | None, own: str | None, day: date) -> int | None:
        """What an amount of that day is in minor units of the currency in which the store sums up: `self.currency`, or
        its `own`. None where nobody can say. Halves are rounded to even.
        """
        into = self.currency or own
        if into is None:
            return None
        if currency == into:
            return amount
        told = [rate for rate in self.rates if rate.currency == currency and rate.since <= day]
        if not told or into not in EXPONENTS:
            return None
        last = max(told, key=lambda one: one.since)
        minor_units = (amount * last.rate).scaleb(EXPONENTS[into] - EXPONENTS[last.currency])
        return int(minor_units.to_integral_value(ROUND_HALF_EVEN))
