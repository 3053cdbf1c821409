"""What a recovery link shows. Pure: one cart and nothing else, for as long as the link holds, and never a log-in."""

from datetime import datetime

from services.cart.cart import Cart
from services.cart.linked import Goods, goods_of
from services.cart.links import opened
from services.cart.tokens import Recovery

_GONE = {
    "ordered": "This cart has been ordered.",
    # the cart that it went into may hold what was gathered on other devices: it is shown after a log-in only
    "merged": "This cart has become part of a customer's cart: log in to see it.",
    "expired": "This cart was not touched for so long that it has expired.",
}


def recovered(link: Recovery, cart: Cart, epoch: int, now: datetime) -> Goods:
    """The goods of the cart: the link is opened by whom it was sent to, or by whomever they passed it on to.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    opened(link, cart.status, epoch, now, _GONE)
    return goods_of(cart)
