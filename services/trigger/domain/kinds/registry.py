"""Every kind of campaign there is: one line each. README.md of the service, "Add a campaign kind"."""

from typing import Any, get_args

from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.domain.kinds.abandoned_checkout import AbandonedCheckout
from services.trigger.domain.kinds.back_in_stock import BackInStock
from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.domain.kinds.order_messages import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderReturned,
    OrderShipped,
)
from services.trigger.domain.kinds.post_purchase import PostPurchase
from services.trigger.domain.kinds.price_drop import PriceDrop
from services.trigger.domain.kinds.protocols import CartCampaign, OccasionCampaign, PriceCampaign, StockCampaign
from services.trigger.domain.kinds.saved_items import SavedItems
from services.trigger.domain.kinds.win_back import WinBack

Kind = type[CartCampaign] | type[OccasionCampaign] | type[StockCampaign] | type[PriceCampaign]

KINDS: tuple[Kind, ...] = (
    AbandonedCart,
    AbandonedCheckout,
    LowStock,
    BackInStock,
    PriceDrop,
    OrderConfirmed,
    OrderShipped,
    OrderDelivered,
    OrderCancelled,
    OrderReturned,
    PostPurchase,
    WinBack,
    SavedItems,
)
PLANNED_KINDS = ("browse",)
"""Kinds that a campaign file is told of in a sentence of their own."""


def kind_names() -> list[str]:
    """The names of all kinds, as campaign files say them."""
    models: tuple[Any, ...] = KINDS
    return [name for model in models for name in get_args(model.model_fields["kind"].annotation)]
