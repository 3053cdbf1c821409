"""What a link to a shared cart shows. Pure: the goods, and nothing of whose they are."""

from dataclasses import replace
from datetime import datetime

from services.cart.cart import Cart
from services.cart.links import opened
from services.cart.tokens import Share

_GONE = {
    "ordered": "This cart has been ordered.",
    "merged": "This cart has become part of another one.",
    "expired": "This cart was not touched for so long that it has expired.",
}


def shared(link: Share, cart: Cart, epoch: int, now: datetime) -> Cart:
    """The cart as others see it: without its customer, notes, devices, attributes, and what is saved for later.

    Raises `Refusal`: link-expired, link-revoked, cart-gone (with the cart's status).
    """
    opened(link, cart.status, epoch, now, _GONE)
    lines = tuple(replace(line, note=None, device=None, history=(), changed_at=()) for line in cart.lines)
    return replace(cart, customer_id=None, lines=lines, saved=(), attributes={})
