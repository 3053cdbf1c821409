"""A shared cart's lines come into one's own. Pure, and what does not fit is told rather than refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from libs.contracts.events import CartMerged
from services.cart.domain.cart import Cart, Change, Context, Line, event, next_version
from services.cart.domain.limits import MAX_TOTAL, WIDEST, Limits
from services.cart.domain.notice import Notice
from services.cart.domain.prices import changed, priced
from services.cart.domain.size import cart_bytes, line_bytes

Fate = Literal["added", "raised", "cut", "not_added"]
Reason = Literal["currency", "limit"]


@dataclass(frozen=True, slots=True)
class CopiedLine:
    """What became of one shared line: `quantity` is what one's own cart holds of it now, of `shared_quantity` more.

    `cut` (as much as a line holds) and `not_added` come with a reason.
    """

    line_id: UUID
    sku: str
    title: str
    fate: Fate
    quantity: int
    shared_quantity: int
    reason: Reason | None = None


def copy_lines(
    own: Cart, shared: Cart, context: Context, limits: Limits = WIDEST, told: Mapping[UUID, int] = MappingProxyType({})
) -> tuple[Change | None, list[CopiedLine]]:
    """One's own cart with the shared lines added; None where nothing came. They cost what the other has seen, or what
    the store has `told` (by line); a price that was set for the other is not set for others.

    A cart is copied as if each line had been added by hand: what is there already gets more of it. Copied onto itself
    it changes nothing.
    """
    if own.cart_id == shared.cart_id:
        return None, []
    lines = {line.line_id: line for line in own.lines}
    currency, total, fates = own.currency or shared.currency, own.total, list[CopiedLine]()
    size = cart_bytes(own)
    sold = currency == shared.currency and (limits.currencies is None or currency in limits.currencies)
    for theirs in (replace(line, fixed_price=False) for line in shared.lines):
        ours = lines.get(theirs.line_id)
        before = ours.quantity if ours else 0
        quantity = min(before + theirs.quantity, max(limits.quantity, before))
        price = priced(ours or theirs, told.get(theirs.line_id)).price
        more = price * quantity - (ours.total if ours else 0)
        reason: Reason | None = None if sold else "currency"
        if sold and ((ours is None and len(lines) >= limits.lines) or total + more > MAX_TOTAL):
            reason = "limit"
        if sold and ours is None and size + line_bytes(theirs) > limits.size:
            reason = "limit"
        if reason is None and quantity > before:
            line = priced(_line(ours, theirs, quantity, context, limits), price)
            total += more
            if ours is None:
                size += line_bytes(line)
            lines[line.line_id] = line
        fates.append(_fate_of(theirs, before, quantity, reason))
    if tuple(lines.values()) == own.lines:
        return None, fates
    after = next_version(own, context, lines=tuple(lines.values()), currency=currency)
    notices = _of_prices(after, own, shared, context)
    return Change(after, event(CartMerged, after, context, from_cart_id=shared.cart_id), notices), fates


def _of_prices(after: Cart, own: Cart, shared: Cart, context: Context) -> tuple[Notice, ...]:
    """Of each line that costs something else than it did here, or (of those that are new here) in the other cart."""
    seen = {line.line_id: line.price for line in (*shared.lines, *own.lines)}
    told = (changed(after.cart_id, seen[line.line_id], line, context) for line in after.lines)
    return tuple(notice for notices in told for notice in notices)


def _line(ours: Line | None, theirs: Line, quantity: int, context: Context, limits: Limits) -> Line:
    """One's own line keeps what it says of itself; a new one was added now, on this device, and leads nowhere but to
    the store: anybody may write a cart and share it.
    """
    fresh = replace(
        theirs,
        device=context.device,
        added_at=context.now,
        note=None,
        history=(),
        changed_at=(),
        image_url=limits.own_link(theirs.image_url),
        url=limits.own_link(theirs.url),
    )
    return (ours or fresh).holding(quantity, context.now)


def _fate_of(theirs: Line, before: int, quantity: int, reason: Reason | None) -> CopiedLine:
    fate: Fate = "raised" if before else "added"
    if reason is not None or quantity == before:
        fate, quantity, reason = "not_added", before, reason or "limit"
    elif quantity < before + theirs.quantity:
        fate, reason = "cut", "limit"
    return CopiedLine(theirs.line_id, theirs.sku, theirs.title, fate, quantity, theirs.quantity, reason)
