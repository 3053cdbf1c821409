"""Who belongs to a segment, by what they have ordered and abandoned. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from services.trigger.domain.amounts import Currency, Minor, Range
from services.trigger.domain.orders import CustomerOrder
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.durations import Duration

YEAR = timedelta(days=365)
LONGEST_ABANDONED = timedelta(days=90)
"""Decisions are kept for so long, and what was abandoned is counted in them."""


def _none_or_least(value: Any) -> Any:  # noqa: ANN401 - pydantic hands in whatever the file holds
    """No order at all is a range of its own: everybody has ordered nothing or more."""
    return [0, 0] if isinstance(value, int) and value == 0 else value


class Segment(Strict):
    """Customers of whom all of it is so `within` a time: what they `spent` (in one of the currencies at least so much,
    minor units), how many `orders` they placed (0: none, a number: at least so many, two: from and to), and how many
    carts they have `abandoned` at least. What was cancelled, returned or not paid is no order.
    """

    spent: dict[Currency, Annotated[Minor, Field(ge=1)]] | None = Field(default=None, min_length=1)
    orders: Annotated[Range, BeforeValidator(_none_or_least)] | None = None
    abandoned: int | None = Field(default=None, ge=1, le=1000)
    within: Duration | None = Field(default=None, gt=timedelta(0))

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.spent is None and self.orders is None and self.abandoned is None:
            raise ValueError("a segment says spent, orders or abandoned")
        if self.abandoned is not None and self.within is not None and self.within > LONGEST_ABANDONED:
            raise ValueError(f"what was abandoned is known for {LONGEST_ABANDONED.days} days")
        return self

    @property
    def of_orders(self) -> bool:
        """Whether it hangs on what was ordered."""
        return self.spent is not None or self.orders is not None

    def has(self, orders: Iterable[CustomerOrder], abandoned: Sequence[datetime], at: datetime) -> bool:
        """Whether a customer is in it at a moment, by what they had ordered up to then and by when the carts that they
        abandoned came to a first step.
        """
        since = at - (self.within or (YEAR if self.abandoned is None else LONGEST_ABANDONED))
        placed = [order for order in orders if order.counts and since <= order.placed_at <= at]
        if self.orders is not None:
            least, most = self.orders
            if len(placed) < least or (most is not None and len(placed) > most):
                return False
        if self.spent is not None and not any(_spent(placed, code) >= least for code, least in self.spent.items()):
            return False
        return self.abandoned is None or sum(since <= one <= at for one in abandoned) >= self.abandoned


def _spent(orders: Iterable[CustomerOrder], currency: str) -> int:
    return sum(order.total or 0 for order in orders if order.currency == currency)
