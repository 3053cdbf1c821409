"""What a link to a shared cart shows. Pure: the goods, and nothing of whose they are."""

from dataclasses import replace
from datetime import datetime

from services.cart.cart import Cart
from services.cart.refusals import Refusal
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
    if link.expires_at <= now:
        raise Refusal("link-expired", "This link has expired.")
    if link.epoch != epoch:
        raise Refusal("link-revoked", "This link does not hold any more.")
    if cart.status != "active":
        raise Refusal("cart-gone", _GONE[cart.status], cart_status=cart.status)
    lines = tuple(replace(line, note=None, device=None, history=()) for line in cart.lines)
    return replace(cart, customer_id=None, lines=lines, saved=(), attributes={})
