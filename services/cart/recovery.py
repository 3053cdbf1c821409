"""What a recovery link shows. Pure: one cart and nothing else, for as long as the link holds, and never a log-in."""

from dataclasses import replace
from datetime import datetime

from services.cart.document import Shown
from services.cart.links import opened
from services.cart.tokens import Recovery

_GONE = {
    "ordered": "This cart has been ordered.",
    # the cart that it went into may hold what was gathered on other devices: it is shown after a log-in only
    "merged": "This cart has become part of a customer's cart: log in to see it.",
    "expired": "This cart was not touched for so long that it has expired.",
}


def recovered(link: Recovery, cart: Shown, epoch: int, now: datetime) -> Shown:
    """The cart as the link shows it: without the customer's id.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    opened(link, cart.status, epoch, now, _GONE)
    return replace(cart, customer_id=None)
