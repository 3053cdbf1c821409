"""What may be done to a cart, its lines and what is written on them. Pure.

The same state, command and moment give the same change.
"""

from dataclasses import replace
from functools import partial

from libs.contracts.events import CartCleared, CartDetailsSet, LineAdded, LineQuantitySet, LineRemoved
from services.cart.domain import checkouts, prices, saved_lines
from services.cart.domain.cart import Cart, Change, Context, Line, event, next_version
from services.cart.domain.commands import (
    AddLine,
    Clear,
    Command,
    DiscardSaved,
    RemoveLine,
    RestoreLine,
    SaveLine,
    SetAttributes,
    SetNote,
    SetQuantity,
    StartCheckout,
)
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_ATTRIBUTES, WIDEST, Limits, limit_reached, within_total
from services.cart.domain.saved_lines import unknown_line
from services.cart.domain.size import cart_bytes


def decide(
    cart: Cart, command: Command, context: Context, limits: Limits = WIDEST, told: int | None = None
) -> Change | None:
    """The change that a command makes, or None where it changes nothing.

    `told` is the price that the store has told for the goods of `prices.asked_of_store`; None where it told none.
    Raises `Refusal` (limit-reached, currency-mismatch, currency-not-accepted, unknown-line) when it can't be done.
    """
    change = _decide(cart, command, context, limits, told)
    if change is not None:
        limits.within_size(cart_bytes(change.cart), partial(cart_bytes, cart))
    return change


def _decide(cart: Cart, command: Command, context: Context, limits: Limits, told: int | None) -> Change | None:
    match command:
        case AddLine():
            return _add(cart, command, context, limits, told)
        case SetQuantity():
            return _set_quantity(cart, command, context, limits, told)
        case RemoveLine():
            line = cart.line(command.line_id)
            return _remove(cart, line, context) if line else None
        case Clear():
            return _clear(cart, context)
        case SaveLine():
            return saved_lines.save(cart, command, context)
        case RestoreLine():
            return saved_lines.restore(cart, command, context, limits, told)
        case DiscardSaved():
            return saved_lines.discard(cart, command, context)
        case SetNote() | SetAttributes() | StartCheckout():
            return _decide_beside_goods(cart, command, context)


def _decide_beside_goods(
    cart: Cart, command: SetNote | SetAttributes | StartCheckout, context: Context
) -> Change | None:
    match command:
        case SetNote():
            return annotate(cart, command, context)
        case SetAttributes():
            return describe(cart, command, context)
        case StartCheckout():
            return checkouts.start(cart, context)


def _add(cart: Cart, command: AddLine, context: Context, limits: Limits, told: int | None) -> Change:
    if cart.lines and cart.currency != command.currency:
        raise Refusal("currency-mismatch", f"The cart is in {cart.currency}.", currency=cart.currency)
    limits.sold_in(command.currency)
    known = prices.known_line(cart, command)
    if known is None:
        limits.one_more_line(len(cart.lines))
    price = prices.settle(command.price, known, told, limits.prices)
    line = _line(command, known, price, context)
    limits.within_line(line.quantity)
    lines = _with(cart, known, line) if known else (*cart.lines, line)
    after = next_version(cart, context, lines=lines, currency=command.currency)
    within_total(after.total)
    facts = {"line_id": line.line_id, "sku": line.sku, "added": command.quantity, "quantity": line.quantity}
    if price == command.price and (known is None or known.price == price):
        return Change(after, event(LineAdded, after, context, **facts))
    asked = None if price == command.price else command.price
    notices = prices.settled(after.cart_id, command.price, known, line, context)
    return Change(after, event(LineAdded, after, context, **facts, asked_price=asked), notices)


def _line(command: AddLine, known: Line | None, price: int, context: Context) -> Line:
    """The line as the shop shows it now, at one price; device and time of the first add stay."""
    quantity = command.quantity + (known.quantity if known else 0)
    return Line(
        line_id=known.line_id if known else command.line_id(),
        sku=command.sku,
        options=command.options,
        title=command.title,
        price=price,
        quantity=quantity,
        total=price * quantity,
        image_url=command.image_url,
        url=command.url,
        device=known.device if known else context.device,
        added_at=known.added_at if known else context.now,
        updated_at=context.now,
        note=known.note if known else None,
        fixed_price=known is not None and known.fixed_price,
    )


def _set_quantity(
    cart: Cart, command: SetQuantity, context: Context, limits: Limits, told: int | None
) -> Change | None:
    line = cart.line(command.line_id)
    if line is None:
        raise saved_lines.unknown_line()
    if command.quantity == line.quantity:
        return None
    if command.quantity == 0:
        return _remove(cart, line, context)
    limits.within_line(command.quantity, line.quantity)
    set_to = prices.priced(line.holding(command.quantity, context.now), told)
    after = next_version(cart, context, lines=_with(cart, line, set_to))
    within_total(after.total)
    facts = {"line_id": line.line_id, "sku": line.sku, "previous": line.quantity, "quantity": command.quantity}
    notices = prices.changed(after.cart_id, line.price, set_to, context)
    return Change(after, event(LineQuantitySet, after, context, **facts), notices)


def _remove(cart: Cart, line: Line, context: Context) -> Change:
    lines = tuple(other for other in cart.lines if other is not line)
    after = next_version(cart, context, lines=lines, currency=cart.currency if lines else None)
    facts = {"line_id": line.line_id, "sku": line.sku, "previous": line.quantity}
    return Change(after, event(LineRemoved, after, context, **facts))


def _clear(cart: Cart, context: Context) -> Change | None:
    if not cart.lines:
        return None
    after = next_version(cart, context, lines=(), currency=None)
    return Change(after, event(CartCleared, after, context, skus=tuple(cart.holds())))


def _with(cart: Cart, before: Line, line: Line) -> tuple[Line, ...]:
    return tuple([line if other is before else other for other in cart.lines])


def annotate(cart: Cart, command: SetNote, context: Context) -> Change | None:
    """The cart with another note on one line. What is written stays out of events: people write names into notes.

    Raises `Refusal` unknown-line.
    """
    line = cart.line(command.line_id)
    if line is None:
        raise unknown_line()
    if line.note == command.note:
        return None
    noted = replace(line, note=command.note, updated_at=max(context.now, line.updated_at))
    after = next_version(cart, context, lines=tuple(noted if other is line else other for other in cart.lines))
    return Change(after, event(CartDetailsSet, after, context))


def describe(cart: Cart, command: SetAttributes, context: Context) -> Change | None:
    """The cart with attributes set, or removed where the value is None. Raises `Refusal` limit-reached."""
    merged = {**cart.attributes, **command.attributes}
    attributes = {name: value for name, value in merged.items() if value is not None}
    if attributes == cart.attributes:
        return None
    if len(attributes) > MAX_ATTRIBUTES:
        detail = f"A cart has at most {MAX_ATTRIBUTES} attributes."
        raise limit_reached("attributes", MAX_ATTRIBUTES, detail)
    after = next_version(cart, context, attributes=attributes)
    return Change(after, event(CartDetailsSet, after, context))
