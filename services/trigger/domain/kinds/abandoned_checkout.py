"""`abandoned_checkout`: reminds of a cart whose shopper began to pay and did not finish."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from services.trigger.domain.carts import CartState
from services.trigger.domain.kinds.entered_carts import EnteredCartCampaign

IN_CHECKOUT = "in_checkout"
"""The reason of steps of other campaigns for a cart that one of checkouts has taken."""


class AbandonedCheckout(EnteredCartCampaign):
    """Reminds of a checkout that was left. Delays count from when it began; other goods or an order end it."""

    goes_before: ClassVar[Mapping[str, str]] = {"abandoned_cart": IN_CHECKOUT}

    kind: Literal["abandoned_checkout"]

    def since(self, cart: CartState) -> datetime | None:
        """When the shopper began to pay for the goods that are in the cart."""
        return cart.checkout_since
