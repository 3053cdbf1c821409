"""What a shopper sets aside for later, and takes back. Pure."""

from dataclasses import fields, replace
from datetime import datetime

from libs.contracts.events import CartDetailsSet, LineAdded, LineRemoved
from services.cart.domain import prices
from services.cart.domain.cart import Cart, Change, Context, Line, SavedLine, event, next_version
from services.cart.domain.commands import DiscardSaved, RestoreLine, SaveLine
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY, WIDEST, Limits, limit_reached, within_total

_FIELDS = tuple(field.name for field in fields(Line))


def set_aside(line: Line, currency: str, now: datetime) -> SavedLine:
    """A line of a cart in `currency` as it waits for later."""
    facts = {name: getattr(line, name) for name in _FIELDS} | {"updated_at": max(now, line.updated_at)}
    return SavedLine(**facts, currency=currency)


def taken_back(saved: SavedLine, now: datetime) -> Line:
    """A line that was set aside as it stands in a cart again."""
    facts = {name: getattr(saved, name) for name in _FIELDS} | {"updated_at": max(now, saved.updated_at)}
    return Line(**facts)


def save(cart: Cart, command: SaveLine, context: Context) -> Change | None:
    """The cart with one line set aside; None where it is aside already.

    What was aside of it joins it, as far as a line goes. Raises `Refusal`: unknown-line, limit-reached.
    """
    line = cart.line(command.line_id)
    if line is None:
        if cart.saved_line(command.line_id):
            return None
        raise unknown_line()
    assert cart.currency is not None, "a cart with lines has a currency"
    aside = set_aside(line, cart.currency, context.now)
    before = cart.saved_line(line.line_id)
    if before is None and len(cart.saved) >= MAX_LINES:
        raise limit_reached("saved_lines", MAX_LINES, f"At most {MAX_LINES} lines are saved for later.")
    if before is not None and before.currency == aside.currency:
        joint = aside.holding(min(aside.quantity + before.quantity, MAX_QUANTITY), aside.updated_at)
        aside = replace(aside, quantity=joint.quantity, total=joint.total)
    lines = tuple(other for other in cart.lines if other is not line)
    saved = (*(other for other in cart.saved if other is not before), aside)
    after = next_version(cart, context, lines=lines, saved=saved, currency=cart.currency if lines else None)
    return Change(after, event(LineRemoved, after, context, line_id=line.line_id, sku=line.sku, previous=line.quantity))


def restore(
    cart: Cart, command: RestoreLine, context: Context, limits: Limits = WIDEST, told: int | None = None
) -> Change:
    """The cart with one saved line back in it, added to what is there of it, at the price that the store has `told`.

    Raises `Refusal`: unknown-line, currency-mismatch, currency-not-accepted, limit-reached; it stays saved then.
    """
    aside = cart.saved_line(command.line_id)
    if aside is None:
        raise unknown_line()
    if cart.lines and cart.currency != aside.currency:
        raise Refusal("currency-mismatch", f"The cart is in {cart.currency}.", currency=cart.currency)
    limits.sold_in(aside.currency)
    known = cart.line(aside.line_id)
    if known is None:
        limits.one_more_line(len(cart.lines))
    back = taken_back(aside, context.now) if known is None else known
    quantity = aside.quantity + (known.quantity if known else 0)
    limits.within_line(quantity)
    back = prices.priced(back.holding(quantity, max(context.now, back.updated_at)), told)
    lines = tuple(back if line is known else line for line in cart.lines) if known else (*cart.lines, back)
    saved = tuple(other for other in cart.saved if other is not aside)
    after = next_version(cart, context, lines=lines, saved=saved, currency=aside.currency)
    within_total(after.total)
    facts = {"line_id": back.line_id, "sku": back.sku, "added": aside.quantity, "quantity": quantity}
    notices = prices.changed(after.cart_id, aside.price, back, context)
    return Change(after, event(LineAdded, after, context, **facts), notices)


def discard(cart: Cart, command: DiscardSaved, context: Context) -> Change | None:
    """The cart without one saved line; None where there is none."""
    aside = cart.saved_line(command.line_id)
    if aside is None:
        return None
    after = next_version(cart, context, saved=tuple(other for other in cart.saved if other is not aside))
    return Change(after, event(CartDetailsSet, after, context))


def unknown_line() -> Refusal:
    """Told when a line is named that is not there."""
    return Refusal("unknown-line", "The cart has no such line.")
