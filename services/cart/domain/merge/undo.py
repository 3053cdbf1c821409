"""A merge is undone: what it did is reverted line by line, and what happened since stays. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from uuid import UUID

from libs.contracts.events import CartDetailsSet, CartMerged
from services.cart.domain.cart import Cart, Change, Context, Line, SavedLine, event, next_version
from services.cart.domain.merge.basket import Basket
from services.cart.domain.saved_lines import taken_back

L = TypeVar("L", bound=Line)


@dataclass(frozen=True, slots=True)
class Contents:
    """What was in a cart at a moment."""

    currency: str | None = None
    lines: tuple[Line, ...] = ()
    saved: tuple[SavedLine, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undoing:
    """What an undo has to know: the customer's cart before and after the merge, and the guest's as it came.

    `shelved` tells that the merge set all of the customer's own lines aside.
    """

    before: Contents
    after: Contents
    guest: Contents
    shelved: bool


@dataclass(frozen=True, slots=True)
class Units:
    """How much of one line is in the cart and how much is set aside."""

    lines: int
    saved: int


def contents(cart: Cart) -> Contents:
    """What is in a cart now."""
    return Contents(cart.currency, cart.lines, cart.saved, cart.attributes)


def undo_merge(
    cart: Cart, undoing: Undoing, from_cart_id: UUID, context: Context, *, keep: bool = False
) -> Change | None:
    """The customer's cart as if the other had not come; None where nothing of that is left to revert.

    `keep` sets aside what is taken out, where there is nobody to whom it could be given back.
    """
    reverted = _basket(cart, undoing, context, keep=keep)
    attributes = _attributes(cart, undoing)
    if (reverted.lines, reverted.saved, attributes) == (cart.lines, cart.saved, cart.attributes):
        return None
    currency = reverted.currency if reverted.lines else None
    facts = {"lines": reverted.lines, "saved": reverted.saved, "attributes": attributes, "currency": currency}
    after = next_version(cart, context, **facts)
    if (after.holds(), after.total, after.currency) == (cart.holds(), cart.total, cart.currency):
        return Change(after, event(CartDetailsSet, after, context))
    return Change(after, event(CartMerged, after, context, from_cart_id=from_cart_id))


def give_back(guest: Contents, empty: Cart, from_cart_id: UUID, context: Context) -> Change:
    """A new cart for the guest with everything that the merge had taken."""
    facts = {"lines": guest.lines, "saved": guest.saved, "attributes": guest.attributes, "currency": guest.currency}
    after = next_version(empty, context, **facts)
    return Change(after, event(CartMerged, after, context, from_cart_id=from_cart_id))


def revert_units(before: Units, after: Units, now: Units, *, shelved: bool) -> Units:
    """Units of one line without the merge that led from `before` to `after`, when there are `now`.

    What was moved between cart and shelf since is reverted as if it had stayed, and moved again.
    """
    moved = _moved(after, now)
    now = Units(now.lines - moved, now.saved + moved)
    taken_off = max(after.saved - now.saved, 0) if shelved else 0
    lines = _three_way(max(before.lines - taken_off, 0), after.lines, now.lines)
    saved = _three_way(before.saved, after.saved, now.saved)
    again = max(min(moved, saved), -lines)
    return Units(lines + again, saved - again)


def _moved(after: Units, now: Units) -> int:
    """Units that went from the shelf to the cart since; negative where they went the other way."""
    came, went = now.lines - after.lines, after.saved - now.saved
    return max(min(came, went), 0) + min(max(came, went), 0)


def _three_way(before: int, after: int, now: int) -> int:
    """What was added since comes on top of what was before; what was lowered since is not raised again."""
    return before + now - after if now >= after else min(now, before)


def _basket(cart: Cart, undoing: Undoing, context: Context, *, keep: bool) -> Basket:
    before, after = undoing.before, undoing.after
    there, then, was = _by_id(cart.lines), _by_id(after.lines), _by_id(before.lines)
    aside, aside_then, aside_was = _by_id(cart.saved), _by_id(after.saved), _by_id(before.saved)
    lines: list[tuple[Line, str | None]] = []
    saved: list[tuple[Line, int, str]] = []
    for line_id in dict.fromkeys((*was, *aside_was, *there, *aside)):
        units = revert_units(
            Units(_quantity(was, line_id), _quantity(aside_was, line_id)),
            Units(_quantity(then, line_id), _quantity(aside_then, line_id)),
            Units(_quantity(there, line_id), _quantity(aside, line_id)),
            shelved=undoing.shelved,
        )
        if units.lines:
            found, currency = _source(line_id, there, then, was, cart.currency, before.currency)
            line = found or taken_back((aside | aside_was)[line_id], context.now)
            lines.append((_holding(line, units.lines), currency or (aside | aside_was)[line_id].currency))
        taken = _quantity(there, line_id) + _quantity(aside, line_id) - units.lines - units.saved
        if keep and taken > 0:
            whole = (aside | there)[line_id]
            saved.append((whole, taken, _currency(whole, cart.currency)))
        if units.saved:
            shelf, _ = _source(line_id, aside, aside_then, aside_was, None, None)
            assert shelf is not None, "what is aside then is aside now, or was before"
            saved.append((shelf, units.saved, shelf.currency))
    return _gathered(lines, saved, cart.currency, context)


def _source(
    line_id: UUID,
    now: Mapping[UUID, L],
    after: Mapping[UUID, L],
    before: Mapping[UUID, L],
    now_in: str | None,
    before_in: str | None,
) -> tuple[L | None, str | None]:
    """The line as it was before, unless it was touched since: then as it is."""
    current, old = now.get(line_id), before.get(line_id)
    if old is not None and (current is None or current == after.get(line_id)):
        return old, before_in
    return current, now_in


def _gathered(
    lines: Sequence[tuple[Line, str | None]],
    saved: Sequence[tuple[Line, int, str]],
    currency: str | None,
    context: Context,
) -> Basket:
    found = {currency for _, currency in lines}
    basket = Basket(found.pop() if len(found) == 1 else currency, (), (), {})
    for line, quantity, saved_in in saved:
        basket.shelve(line, quantity, saved_in, line.updated_at)
    for line, line_in in lines:
        assert line_in is not None, "a cart with lines has a currency"
        fits = basket.room(line)[0] if line_in == basket.currency else 0
        if fits:
            basket.put(_holding(line, fits))
        basket.shelve(line, line.quantity - fits, line_in, context.now)
    return basket


def _attributes(cart: Cart, undoing: Undoing) -> dict[str, str]:
    before, after, now = undoing.before.attributes, undoing.after.attributes, cart.attributes
    names = dict.fromkeys((*before, *now))
    settled = {name: before.get(name) if now.get(name) == after.get(name) else now.get(name) for name in names}
    return {name: value for name, value in settled.items() if value is not None}


def _holding(line: L, quantity: int) -> L:
    return line if line.quantity == quantity else replace(line, quantity=quantity, total=line.price * quantity)


def _currency(line: Line, otherwise: str | None) -> str:
    currency = line.currency if isinstance(line, SavedLine) else otherwise
    assert currency is not None, "a line has a currency"
    return currency


def _by_id(lines: Sequence[L]) -> dict[UUID, L]:
    return {line.line_id: line for line in lines}


def _quantity(lines: Mapping[UUID, Line], line_id: UUID) -> int:
    line = lines.get(line_id)
    return line.quantity if line else 0
