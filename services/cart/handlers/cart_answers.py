"""What a command is answered, and what its caller insists on."""

from services.cart.domain.cart import Cart
from services.cart.domain.cart_json import CartView, etag
from services.cart.domain.commands import AddLine, Command
from services.cart.domain.request import Answer, WriteRequest

NOTHING = b"[]"
"""Kept where an answer said nothing beside the cart."""


def answer_with(view: CartView) -> Answer:
    """A cart as the answer to a command; its notices are said this once, and by replays."""
    return Answer(view.json(), 200, view.etag, once=view.notices or NOTHING)


def made_before(command: Command, cart: Cart | None, request: WriteRequest) -> bool:
    """Whether a device made an add on another cart than this one."""
    if request.made_on is None or not isinstance(command, AddLine):
        return False
    return cart is None or cart.cart_id != request.made_on


def etag_of(cart: Cart | None) -> str:
    """The entity tag of a cart, or of none."""
    return etag(cart.cart_id, cart.version) if cart else etag(None, 0)
