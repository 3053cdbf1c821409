"""A guest logs in: what becomes of the cart that was filled before. Pure, and it never fails."""

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from libs.contracts.events import CartClaimed, CartMerged, CartMergedAway
from services.cart.cart import Cart, Change, Line, Moment, advanced, closed, told
from services.cart.limits import MAX_LINES, MAX_TOTAL

Fate = Literal["added", "raised", "kept", "not_added"]


@dataclass(frozen=True, slots=True)
class MergedLine:
    """What became of one line of the guest's: `quantity` is what the customer's cart holds of it now.

    `not_added` comes with a reason (`currency`, `limit`); the line stays on record in the closed cart.
    """

    line_id: UUID
    sku: str
    title: str
    fate: Fate
    quantity: int
    guest_quantity: int
    reason: Literal["currency", "limit"] | None = None


@dataclass(frozen=True, slots=True)
class Merge:
    """The customer's cart (None where it holds what it held) and the guest's, closed; a word on every guest's line."""

    own: Change | None
    guest: Change
    lines: tuple[MergedLine, ...]


def claimed(guest: Cart, customer_id: str, moment: Moment) -> Change:
    """The guest's cart as the customer's own. Recovery links that the guest may have passed on end here."""
    after = advanced(guest, moment, customer_id=customer_id, recovery_epoch=guest.recovery_epoch + 1)
    return Change(after, told(CartClaimed, after, moment))


def merge_max(own: Cart, guest: Cart, moment: Moment) -> Merge:
    """Per line the larger quantity of the two: whoever put three on the phone and two at home meant three."""
    lines, fates = {line.line_id: line for line in own.lines}, []
    total, currency = own.total, own.currency or guest.currency
    for theirs in guest.lines:
        ours = lines.get(theirs.line_id)
        taken = _larger(ours, theirs)
        reason = _obstacle(lines, ours, taken, total, currency == guest.currency)
        if reason is None and taken is not ours:
            lines[taken.line_id] = replace(taken, updated_at=max(moment.now, taken.updated_at))
            total += taken.total - (ours.total if ours else 0)
        fates.append(_told(ours, theirs, taken, reason))
    merged = _merged(own, tuple(lines.values()), currency, guest, moment)
    away = closed(guest, "merged", CartMergedAway, moment, into_cart_id=own.cart_id)
    return Merge(merged, away, tuple(fates))


def _larger(ours: Line | None, theirs: Line) -> Line:
    """The line with more units, at the price and with the words that were seen last."""
    if ours is None or ours is theirs:
        return theirs
    if theirs.quantity <= ours.quantity:
        return ours
    newest = max(ours, theirs, key=lambda line: line.updated_at)
    first = min(ours, theirs, key=lambda line: line.added_at)
    whole = newest.holding(theirs.quantity, newest.updated_at)
    return replace(whole, device=first.device, added_at=first.added_at)


def _obstacle(
    lines: dict[UUID, Line], ours: Line | None, taken: Line, total: int, same_currency: bool
) -> Literal["currency", "limit"] | None:
    if not same_currency:
        return "currency"
    if ours is None and len(lines) >= MAX_LINES:
        return "limit"
    if total + taken.total - (ours.total if ours else 0) > MAX_TOTAL:
        return "limit"
    return None


def _told(ours: Line | None, theirs: Line, taken: Line, reason: Literal["currency", "limit"] | None) -> MergedLine:
    before = ours.quantity if ours else 0
    fate: Fate = "not_added" if reason else "kept" if taken is ours else "raised" if ours else "added"
    quantity = before if reason else taken.quantity
    return MergedLine(theirs.line_id, theirs.sku, theirs.title, fate, quantity, theirs.quantity, reason)


def _merged(own: Cart, lines: tuple[Line, ...], currency: str | None, guest: Cart, moment: Moment) -> Change | None:
    if lines == own.lines:
        return None
    after = advanced(own, moment, lines=lines, currency=currency)
    return Change(after, told(CartMerged, after, moment, from_cart_id=guest.cart_id))
