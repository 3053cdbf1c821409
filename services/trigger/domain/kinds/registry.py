"""Every kind of campaign there is: one line each. README.md of the service, "Add a campaign kind"."""

from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.domain.kinds.abandoned_checkout import AbandonedCheckout
from services.trigger.domain.kinds.back_in_stock import BackInStock
from services.trigger.domain.kinds.browse import Browse
from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.domain.kinds.order_messages import (
    OrderCancelled,
    OrderConfirmed,
    OrderDelivered,
    OrderPartlyCancelled,
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
    OrderPartlyCancelled,
    OrderReturned,
    PostPurchase,
    WinBack,
    SavedItems,
    Browse,
)
