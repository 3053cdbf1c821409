"""What campaigns may follow besides quiet carts and levels of items: named as the events that tell it. Pure."""

from libs.contracts.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPlaced,
    OrderReturned,
    OrderShipped,
    ProductViewed,
)

PLACED, SHIPPED, DELIVERED = OrderPlaced.type, OrderShipped.type, OrderDelivered.type
CANCELLED, RETURNED = OrderCancelled.type, OrderReturned.type
PARTLY_CANCELLED = "order.partly_cancelled"
"""Some of an order was cancelled, and the rest of it stands."""
LAST_ORDER = "customer.ordered"
"""A customer's last order, wherever they placed it."""
SAVED = "cart.saved"
"""What a customer has set aside for later, with a cart."""
VIEWED = ProductViewed.type
"""What a customer looked at and has not put into a cart since."""
