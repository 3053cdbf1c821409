"""`abandoned_cart`: reminds of a cart that went quiet."""

from typing import Literal

from pydantic import ValidationInfo, field_validator

from services.trigger.domain.amounts import Currency, Minor
from services.trigger.domain.carts import CartState
from services.trigger.domain.kinds.entered_carts import EnteredCartCampaign
from services.trigger.domain.strict import Strict

Minimum = Minor | dict[Currency, Minor]


class Conditions(Strict):
    """What a cart must be like. `minimum_total` is in minor units: one number, or one for each currency it is for."""

    minimum_total: Minimum = 0

    @field_validator("minimum_total")
    @classmethod
    def _names_currencies(cls, minimum: Minimum, info: ValidationInfo) -> Minimum:
        """Of a store of which it is known that it sells in several, a bare number would count in whichever it is."""
        sells_in = (info.context or {}).get("currencies") or ()
        if isinstance(minimum, int) and minimum and len(sells_in) > 1:
            raise ValueError(f"name an amount for each currency: the store sells in {', '.join(sells_in)}")
        return minimum

    def unmet(self, total: int, currency: str | None) -> str | None:
        """Why a cart does not meet the conditions (`below_minimum`, `currency_not_listed`), or None when it does."""
        minimum = self.minimum_total
        if isinstance(minimum, dict):
            if currency not in minimum:
                return "currency_not_listed"
            minimum = minimum[currency]
        return "below_minimum" if total < minimum else None


class AbandonedCart(EnteredCartCampaign):
    """Reminds of a cart that went quiet. Delays count from the cart's last change."""

    kind: Literal["abandoned_cart"]
    conditions: Conditions = Conditions()
    """As releases before `enter` said it; what both say must hold."""

    def unmet_cart(self, cart: CartState) -> str | None:
        """Why a cart is not one that the campaign is for, or None."""
        return super().unmet_cart(cart) or self.conditions.unmet(cart.total, cart.currency)
