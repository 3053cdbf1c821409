"""What a command is answered, and what its caller insists on."""

from dataclasses import replace

from libs.postgres.pool import Connection
from services.cart.db import carts
from services.cart.domain.cart import Cart
from services.cart.domain.cart_json import CartView, empty_view, etag
from services.cart.domain.commands import AddLine, Command
from services.cart.domain.request import Answer, StoredReply, WriteRequest
from services.cart.domain.shopper import Shopper

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


async def replay(connection: Connection, shopper: Shopper, kept: StoredReply, request: WriteRequest) -> Answer:
    """What was said once, with the cart as it is. It is read after the key: never older than the first answer."""
    first = kept.replay(request)
    if first.once is None:
        return first  # an earlier release kept it whole
    row = await carts.read(connection, shopper)
    view = carts.view_of(row) if row else empty_view(shopper.store_id, shopper.customer_id)
    if first.once != NOTHING:
        view = replace(view, notices=first.once)
    return replace(first, body=view.json(), etag=view.etag, first_etag=first.etag)
