"""`abandoned_cart`: reminds of a cart that went quiet."""

from collections.abc import Collection, Iterator
from typing import Literal

from pydantic import Field

from services.trigger.domain.amounts import Currency, Minor
from services.trigger.domain.carts import CartState
from services.trigger.domain.conditions import Continue, Enter
from services.trigger.domain.kinds.campaign import Conditional, Planned, QuietCartCampaign
from services.trigger.domain.strict import Strict


class Conditions(Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: Minor | dict[Currency, Minor] = 0

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class AbandonedCart(Conditional, QuietCartCampaign):
    """Reminds of a cart that went quiet. Delays count from the cart's last change."""

    kind: Literal["abandoned_cart"]
    enter: Enter = Enter()
    continue_: Continue = Field(default=Continue(), alias="continue")
    conditions: Conditions = Conditions()
    """As releases before `enter` said it; what both say must hold."""

    @property
    def not_of_origin(self) -> Collection[str]:
        """Whose carts the campaign is not for."""
        return self.enter.origin.none

    def plan_episode(self, cart: CartState) -> Iterator[Planned]:
        """Every step, skipped where the cart is not one that the campaign is for."""
        why_not = self.unmet(cart.customer_id, cart.total, cart.currency)
        return self.planned(cart, why_not or self.conditions.unmet(cart.total, cart.currency))
