"""What a unit of a line costs: what the page showed, what the store told, what a server set. Pure.

A line has one price for all its units. Where pages and the store disagree, a store whose prices are `told` has the last
word; a store that trusts its pages has it only about which of two prices is stale.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple, TypeVar
from uuid import UUID

from libs.contracts.events import CartDetailsSet
from services.cart.domain.cart import Cart, Change, Context, Line, event, next_version
from services.cart.domain.commands import AddLine, Command, RestoreLine, SetQuantity
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import Limits, Pricing, within_total
from services.cart.domain.notice import Kind, Notice, notice

L = TypeVar("L", bound=Line)


class Priced(NamedTuple):
    """Goods that have a price: a sku with a choice of options, in a currency."""

    sku: str
    options: Mapping[str, str]
    currency: str


def asked_of_store(cart: Cart, command: Command, pricing: Pricing) -> Priced | None:
    """The goods whose told price has to be known to decide on a command; None where it does not matter."""
    match command:
        case AddLine():
            known = known_line(cart, command)
            if known is not None and (known.fixed_price or (pricing == "trusted" and known.price == command.price)):
                return None
            if known is None and pricing == "trusted":
                return None
            return Priced(command.sku, command.options, command.currency)
        case SetQuantity():
            line = cart.line(command.line_id)
            if line is None or command.quantity <= line.quantity:
                return None
            return _of_line(line, cart.currency, pricing)
        case RestoreLine():
            aside = cart.saved_line(command.line_id)
            return None if aside is None else _of_line(cart.line(aside.line_id) or aside, aside.currency, pricing)
        case _:
            return None


def known_line(cart: Cart, command: AddLine) -> Line | None:
    """The line to which an add comes, if it is there."""
    return cart.line(command.line_id()) or cart.line_of(command.sku, command.options)


def settle(asked: int, known: Line | None, told: int | None, pricing: Pricing) -> int:
    """What a unit costs after an add at the price `asked` to a line that is `known`, where the store has `told` one.

    A page that is trusted says what it costs now, for all units: unless the store says that the page is stale, not the
    line.
    """
    if known is not None and known.fixed_price:
        return known.price
    if pricing == "told":
        return asked if told is None else told
    return told if known is not None and told == known.price else asked


def unsettled(own: Cart, other: Cart, limits: Limits) -> list[Line]:
    """The lines that come from another cart whose price the store may settle."""
    if limits.prices == "told":
        return list(other.lines)
    here = {line.line_id: line.price for line in own.lines}
    return [line for line in other.lines if here.get(line.line_id, line.price) != line.price]


def settles(told: int | None, ours: Line | None, theirs: Line, pricing: Pricing) -> int | None:
    """What the store has told where that decides what a line costs that comes from another cart, perhaps to `ours`."""
    if pricing == "told":
        return told
    return told if ours is not None and told in (ours.price, theirs.price) else None


def priced(line: L, told: int | None) -> L:
    """The line at the price that the store has told, if it has told any; a price that a server set stays."""
    if told is None or told == line.price or line.fixed_price:
        return line
    return replace(line, price=told, total=told * line.quantity)


def settled(cart_id: UUID, asked: int, known: Line | None, line: Line, context: Context) -> tuple[Notice, ...]:
    """What is told of an add: that it was not taken at the price that its page asked, and that the others' changed."""
    told = list[Notice]()
    if asked != line.price:
        told.append(_told(cart_id, "price_taken", asked, line, context))
    if known is not None and known.price not in (asked, line.price):
        told.append(_told(cart_id, "price_changed", known.price, line, context))
    return tuple(told)


def changed(cart_id: UUID, before: int, line: Line, context: Context) -> tuple[Notice, ...]:
    """What is told of a line that costs another price than before; nothing where it does not."""
    return () if before == line.price else (_told(cart_id, "price_changed", before, line, context),)


def set_price(
    cart: Cart, line_id: UUID, price: int | None, currency: str, context: Context, told: int | None
) -> Change | None:
    """The cart with a line whose price a server has set, or (None) let go: then it costs what the store has told.

    None where it is so already. Raises `Refusal`: unknown-line, currency-mismatch, limit-reached.
    """
    line = cart.line(line_id)
    if line is None:
        raise Refusal("unknown-line", "The cart has no such line.")
    if cart.currency != currency:
        raise Refusal("currency-mismatch", f"The cart is in {cart.currency}.", currency=cart.currency)
    free = replace(line, fixed_price=False)
    after_all = priced(free, told) if price is None else replace(priced(free, price), fixed_price=True)
    if after_all == line:
        return None
    after_all = replace(after_all, updated_at=max(context.now, line.updated_at))
    lines = tuple(after_all if other is line else other for other in cart.lines)
    after = next_version(cart, context, lines=lines)
    within_total(after.total)
    return Change(after, event(CartDetailsSet, after, context))


def _of_line(line: Line, currency: str | None, pricing: Pricing) -> Priced | None:
    if pricing == "trusted" or line.fixed_price or currency is None:
        return None
    return Priced(line.sku, line.options, currency)


def _told(cart_id: UUID, kind: Kind, before: int, line: Line, context: Context) -> Notice:
    name = f"{cart_id}|{kind}|{line.line_id}|{before}|{line.price}|{context.now.isoformat()}"
    return notice(name, kind, line, before=before, after=line.price, at=context.now)
