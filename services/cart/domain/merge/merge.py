"""Two carts become one, as at log-in. Pure: it never fails, no limit is exceeded, and every line is accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from libs.contracts.events import CartClaimed, CartDetailsSet, CartMerged, CartMergedAway
from services.cart.domain.cart import Cart, Change, Context, Line, SavedLine, close_cart, event, next_version
from services.cart.domain.limits import MAX_ATTRIBUTES, WIDEST, Limits
from services.cart.domain.merge.basket import Basket
from services.cart.domain.merge.modes.mode import MergeMode
from services.cart.domain.merge.modes.registry import MODES
from services.cart.domain.merge.receipt import Fate, MergedLine, Mode, Reason
from services.cart.domain.merge.undo import Contents, Undoing, contents
from services.cart.domain.prices import priced, settles


@dataclass(frozen=True, slots=True)
class Merge:
    """The customer's cart (None where it is as it was) and the guest's, closed (None where it became the customer's);
    a word on every line, and what an undo has to know.
    """

    own: Change | None
    guest: Change | None
    lines: tuple[MergedLine, ...]
    undoing: Undoing


def claim_cart(guest: Cart, customer_id: str, context: Context) -> Merge:
    """The guest's cart as the customer's own. Recovery links that the guest may have passed on end here."""
    epoch = guest.recovery_epoch + 1
    after = next_version(guest, context, customer_id=customer_id, recipient_id=None, recovery_epoch=epoch)
    lines = [_fate_of(line, None, line.quantity, 0, 0, None) for line in guest.lines]
    saved = [_fate_of_saved(line, 0) for line in guest.saved]
    undoing = Undoing(Contents(), contents(guest), contents(guest), shelved=False)
    return Merge(Change(after, event(CartClaimed, after, context)), None, (*lines, *saved), undoing)


def merge(
    own: Cart,
    guest: Cart,
    mode: Mode,
    stock: Mapping[str, int],
    context: Context,
    limits: Limits = WIDEST,
    told: Mapping[UUID, int] = MappingProxyType({}),
) -> Merge:
    """The guest's lines in the customer's cart. `stock` holds the levels that are known, `told` what the
    store says that lines cost, by their ids.

    A cart has one currency: lines in another are set aside; the customer's where the guest's win, else the guest's.
    """
    how = MODES[mode]
    shelving = _sets_own_lines_aside(own, guest, how)
    basket = Basket(own.currency, () if shelving else own.lines, own.saved, stock, limits)
    fates = [_set_own_aside(basket, line, own, context) for line in own.lines] if shelving else []
    if not basket.lines:
        basket.currency = guest.currency
    fates += [_merge_line(basket, theirs, guest, how, context, told.get(theirs.line_id)) for theirs in guest.lines]
    fates += [
        _fate_of_saved(line, basket.shelve(line, line.quantity, line.currency, line.updated_at)) for line in guest.saved
    ]
    change = _change(own, basket, _attributes(own, guest, how), guest, context)
    away = close_cart(guest, "merged", CartMergedAway, context, into_cart_id=own.cart_id)
    undoing = Undoing(contents(own), contents(change.cart if change else own), contents(guest), shelving)
    return Merge(change, away, tuple(fates), undoing)


def _sets_own_lines_aside(own: Cart, guest: Cart, how: MergeMode) -> bool:
    if not (own.lines and guest.lines) or how.own_lines_aside == "never":
        return False
    return how.own_lines_aside == "always" or own.currency != guest.currency


def _set_own_aside(basket: Basket, line: Line, own: Cart, context: Context) -> MergedLine:
    assert own.currency is not None, "a cart with lines has a currency"
    dropped = basket.shelve(line, line.quantity, own.currency, context.now)
    told_of = _fate_of(line, line, 0, line.quantity - dropped, dropped, "mode")
    return replace(told_of, guest_quantity=0)


def _merge_line(
    basket: Basket, theirs: Line, guest: Cart, how: MergeMode, context: Context, told: int | None
) -> MergedLine:
    assert guest.currency is not None, "a cart with lines has a currency"
    ours = basket.line(theirs.line_id)
    asked = how.quantity(ours.quantity, theirs.quantity) if ours else theirs.quantity
    line = priced(_combine(ours, theirs, asked), settles(told, ours, theirs, basket.pricing))
    fits, reason = basket.room(line) if basket.currency == guest.currency else (0, "currency")
    held = ours.quantity if ours else 0
    # what stands in the cart is not cut by what comes: where the new price leaves no room it stays as it was
    if line != ours and not (fits < asked and fits <= held):
        basket.put(line.holding(fits, max(context.now, line.updated_at)))
        held = fits
    beyond = max(asked - held, 0)
    dropped = basket.shelve(theirs, beyond, guest.currency, context.now)
    return _fate_of(theirs, ours, held, beyond - dropped, dropped, reason if beyond else None)


def _combine(ours: Line | None, theirs: Line, quantity: int) -> Line:
    """The line with this quantity, at the price and with the words that were seen last; a note is not lost."""
    if ours is None:
        return theirs
    if theirs.fixed_price and not ours.fixed_price:
        ours = replace(ours, price=theirs.price, fixed_price=True).holding(ours.quantity, ours.updated_at)
    newest, oldest = (ours, theirs) if ours.updated_at >= theirs.updated_at else (theirs, ours)
    note = newest.note or oldest.note
    if quantity == ours.quantity:
        return replace(ours, note=note)
    first = min(ours, theirs, key=lambda line: line.added_at)
    cost = ours if ours.fixed_price else newest
    whole = replace(newest, price=cost.price, fixed_price=cost.fixed_price).holding(quantity, newest.updated_at)
    return replace(whole, device=first.device, added_at=first.added_at, note=note)


def _fate_of(
    line: Line, ours: Line | None, quantity: int, set_aside: int, dropped: int, reason: Reason | None
) -> MergedLine:
    before = ours.quantity if ours else 0
    fate: Fate = "lowered" if quantity < before else "raised" if quantity > before else "kept"
    if not before or not quantity:
        fate = "added" if quantity else "set_aside" if set_aside else "dropped"
    facts = (line.line_id, line.sku, line.title, fate, quantity, line.quantity, before, set_aside, dropped, reason)
    return MergedLine(*facts, line.device, line.added_at)


def _fate_of_saved(line: SavedLine, dropped: int) -> MergedLine:
    fate: Fate = "saved" if dropped < line.quantity else "dropped"
    facts = (line.line_id, line.sku, line.title, fate, 0, line.quantity, 0, line.quantity - dropped, dropped)
    return MergedLine(*facts, "limit" if dropped else None, line.device, line.added_at)


def _silent_since(own: Cart, guest: Cart) -> datetime | None:
    """A log-in puts nothing into a cart that its customer did not see when ordering: two silent carts are one."""
    since = [cart.silent_since for cart in (own, guest) if cart.lines]
    known = [at for at in since if at is not None]
    return max(known) if known and len(known) == len(since) else None


def _attributes(own: Cart, guest: Cart, how: MergeMode) -> dict[str, str]:
    first, second = (guest, own) if how.attributes_of == "guest" else (own, guest)
    both = {**first.attributes, **{name: v for name, v in second.attributes.items() if name not in first.attributes}}
    return dict(list(both.items())[:MAX_ATTRIBUTES])


def _change(own: Cart, basket: Basket, attributes: Mapping[str, str], guest: Cart, context: Context) -> Change | None:
    currency = basket.currency if basket.lines else None
    if (basket.lines, basket.saved, attributes) == (own.lines, own.saved, own.attributes):
        return None
    after = next_version(own, context, lines=basket.lines, saved=basket.saved, attributes=attributes, currency=currency)
    if "goods" in after.changed:
        after = replace(after, silent_since=_silent_since(own, guest))
    if (after.holds(), after.total, after.currency) == (own.holds(), own.total, own.currency):
        return Change(after, event(CartDetailsSet, after, context))
    return Change(after, event(CartMerged, after, context, from_cart_id=guest.cart_id))
