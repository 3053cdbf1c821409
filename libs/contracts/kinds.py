"""Kinds of campaigns of which also services have to know that neither decide on them nor send them."""

WAITED_FOR = frozenset({"back_in_stock"})
"""Those that tell people of an item for which they wait: who was told waits no more."""

TRANSACTIONAL = frozenset(
    {
        *("order_confirmed", "order_shipped", "order_delivered", "order_cancelled", "order_partly_cancelled"),
        "order_returned",
    }
)
"""Those that tell somebody of what they have ordered: they need no consent, and know neither caps nor quiet hours."""
ONCE_A_CART = frozenset({"abandoned_cart", "abandoned_checkout"})
"""Those of which a channel that allows one message an abandonment carries no second."""
