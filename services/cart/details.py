"""What a shopper or a shop writes on a cart: notes on its lines, and where it comes from. Pure."""

from dataclasses import replace

from libs.contracts.events import CartDetailsSet
from services.cart.cart import Cart, Change, Moment, advanced, told
from services.cart.commands import SetAttributes, SetNote
from services.cart.limits import MAX_ATTRIBUTES
from services.cart.refusals import Refusal
from services.cart.shelf import unknown_line


def annotate(cart: Cart, command: SetNote, moment: Moment) -> Change | None:
    """The cart with another note on one line. What is written stays out of events: people write names into notes.

    Raises `Refusal` unknown-line.
    """
    line = cart.line(command.line_id)
    if line is None:
        raise unknown_line()
    if line.note == command.note:
        return None
    noted = replace(line, note=command.note, updated_at=max(moment.now, line.updated_at))
    after = advanced(cart, moment, lines=tuple(noted if other is line else other for other in cart.lines))
    return Change(after, told(CartDetailsSet, after, moment))


def describe(cart: Cart, command: SetAttributes, moment: Moment) -> Change | None:
    """The cart with attributes set, or removed where the value is None. Raises `Refusal` limit-reached."""
    merged = {**cart.attributes, **command.attributes}
    attributes = {name: value for name, value in merged.items() if value is not None}
    if attributes == cart.attributes:
        return None
    if len(attributes) > MAX_ATTRIBUTES:
        detail = f"A cart has at most {MAX_ATTRIBUTES} attributes."
        raise Refusal("limit-reached", detail, limit=MAX_ATTRIBUTES)
    after = advanced(cart, moment, attributes=attributes)
    return Change(after, told(CartDetailsSet, after, moment))
