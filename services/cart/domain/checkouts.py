"""A shopper who begins to pay. Pure."""

from libs.contracts.events import CheckoutStarted
from services.cart.domain.cart import Cart, Change, Context, event, next_version


def start(cart: Cart, context: Context) -> Change | None:
    """The cart in checkout with the goods that are in it; None where that is known of them, or where nothing is.

    The goods are as they were. What staff, a bot or an import begins is no shopper's checkout, and is not told.
    """
    if not cart.lines or context.origin is not None or cart.checkout_version == cart.goods_version:
        return None
    after = next_version(cart, context, checkout_version=cart.goods_version)
    return Change(after, event(CheckoutStarted, after, context))
