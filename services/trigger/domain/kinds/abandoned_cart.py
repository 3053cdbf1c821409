"""`abandoned_cart`: reminds of a cart that went quiet."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from services.trigger.domain.carts import CartState
from services.trigger.domain.kinds.campaign import Campaign, Planned
from services.trigger.domain.steps import Steps, Strict, lateness_budgets


class Conditions(Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: Annotated[int, Field(ge=0)] | dict[str, Annotated[int, Field(ge=0)]] = 0

    @field_validator("minimum_total")
    @classmethod
    def _currencies(cls, value: int | dict[str, int]) -> int | dict[str, int]:
        for code in value if isinstance(value, dict) else ():
            if not (len(code) == 3 and code.isascii() and code.isupper()):
                raise ValueError(f"{code!r} is not a currency code such as EUR")
        return value

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class AbandonedCart(Campaign):
    """Reminds of a cart that went quiet. Delays count from the cart's last change."""

    kind: Literal["abandoned_cart"]
    conditions: Conditions = Conditions()
    steps: Steps

    def plan_episode(self, cart: CartState) -> Iterator[Planned]:
        """Every step, skipped where the cart does not meet the conditions."""
        skip = self.conditions.unmet(cart.total, cart.currency)
        for number, (step, lateness) in enumerate(zip(self.steps, self._lateness, strict=True), start=1):
            due_at = cart.quiet_since + step.delay
            yield Planned(self, number, step, due_at, due_at + lateness, skip)

    @cached_property
    def _lateness(self) -> tuple[timedelta, ...]:
        return lateness_budgets(self.steps)
