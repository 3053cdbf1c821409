"""An order that came to nothing gives back what it took out of carts. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from libs.contracts.events import CartReopened
from services.cart.domain.cart import Cart, Change, Context, Line, event, next_version
from services.cart.domain.limits import Limits
from services.cart.domain.merge.merge import merge
from services.cart.domain.merge.receipt import Mode
from services.cart.domain.orders.fulfilment import Standing, Update


@dataclass(frozen=True, slots=True)
class Returned:
    """The lines of a cart that an order had closed, as far as they are to be in a cart again."""

    record: Cart
    lines: tuple[Line, ...]

    def units(self) -> dict[str, int]:
        """Units by sku."""
        return replace(self.record, lines=self.lines).holds()


def what_returns(
    records: Sequence[Cart], bought: Mapping[str, int], before: Standing, update: Update, given: Mapping[str, int]
) -> list[Returned]:
    """What of the closed carts is to be in a cart again: what the update names, or all that is not gone otherwise.

    `given` are the units by sku that were given back before: nothing comes back twice.
    """
    gone = Counter({sku: units - before.left[sku] for sku, units in bought.items()})
    out, wanted, found = gone | Counter(given), Counter(update.units), list[Returned]()
    for record in records:
        lines = list[Line]()
        for line in record.lines:
            passed = min(line.quantity, out[line.sku])
            out[line.sku] -= passed
            units = line.quantity - passed
            if update.units:
                units = min(units, wanted[line.sku])
                wanted[line.sku] -= units
            if units:
                lines.append(line.holding(units, line.updated_at))
        if lines:
            found.append(Returned(record, tuple(lines)))
    return found


def still_held(held: Mapping[str, int], standing: Standing, given: Mapping[str, int]) -> dict[str, int]:
    """Units by sku that an order may hold back still, of those that it took out of carts: what is gone from it, or is
    in a cart again, is nobody's.
    """
    if not any(standing.left.values()):
        return {}
    return {sku: max(min(units - given.get(sku, 0), standing.left.get(sku, units)), 0) for sku, units in held.items()}


def still_awaited(awaited: Mapping[str, int], standing: Standing) -> dict[str, int]:
    """Units by sku that an order may still find in carts that come later; none where it was not paid, or is over."""
    if standing.status in ("payment_failed", "cancelled", "returned"):
        return {}
    left = {sku: min(units, standing.left.get(sku, units)) for sku, units in awaited.items()}
    return {sku: units for sku, units in left.items() if units}


def bring_back(
    own: Cart,
    returned: Returned,
    mode: Mode,
    stock: Mapping[str, int],
    order_id: str,
    context: Context,
    limits: Limits,
) -> Change | None:
    """The cart with the lines in it as well, by the store's mode for log-ins; one that is not stored yet (version 0)
    with these alone. None where that is what is there already.
    """
    record = returned.record
    if own.version == 0:
        after = next_version(own, context, lines=returned.lines, currency=record.currency)
    else:
        coming = replace(record, status="active", lines=returned.lines, saved=(), attributes={}, silent_since=None)
        done = merge(own, coming, mode, stock, context, limits).own
        if done is None:
            return None
        after = done.cart
    return Change(after, event(CartReopened, after, context, order_id=order_id, from_cart_id=record.cart_id))
