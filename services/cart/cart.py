"""A cart and what may be done to it. Pure: the same state, command and moment give the same change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from libs.contracts.events import CartCleared, CartEvent, CartOrdered, LineAdded, LineQuantitySet, LineRemoved
from libs.runtime.ids import uuid7
from services.cart.commands import AddLine, Clear, Command, RemoveLine, SetQuantity
from services.cart.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL
from services.cart.refusals import Refusal

Status = Literal["active", "ordered", "merged", "expired"]
E = TypeVar("E", bound=CartEvent)


@dataclass(frozen=True, slots=True)
class Line:
    """One sku with one choice of options. `price` (of one unit, as last seen) and `total` are in minor units."""

    line_id: UUID
    sku: str
    options: dict[str, str]
    title: str
    price: int
    quantity: int
    total: int
    image_url: str | None
    url: str | None
    device: str | None
    added_at: datetime
    updated_at: datetime
    note: str | None = None

    def holding(self, quantity: int, now: datetime) -> "Line":
        """This line with another quantity."""
        return replace(self, quantity=quantity, total=self.price * quantity, updated_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedLine(Line):
    """A line that is set aside: it counts in no total and holds no stock. It has a currency of its own, because it may
    have come from a cart in another one; the same `line_id` may stand in the cart as well.
    """

    currency: str


@dataclass(frozen=True, slots=True)
class Moment:
    """When a command came, from which device, and where new ids come from."""

    now: datetime
    device: str | None = None
    new_id: Callable[[], UUID] = field(default=uuid7, repr=False)


@dataclass(frozen=True, slots=True)
class Cart:
    """The lines that a customer (`customer_id`) or a guest (None) has gathered; `version` counts the changes.

    `recovery_epoch` is part of every recovery link: raising it revokes those that are out. `saved` lines are not part
    of what is bought; `attributes` say where the cart comes from (channel, campaign).
    """

    cart_id: UUID
    store_id: str
    customer_id: str | None
    created_at: datetime
    updated_at: datetime
    status: Status = "active"
    version: int = 0
    currency: str | None = None
    lines: tuple[Line, ...] = ()
    recovery_epoch: int = 0
    saved: tuple[SavedLine, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """Units over all lines."""
        return sum(line.quantity for line in self.lines)

    @property
    def total(self) -> int:
        """Price of everything, in minor units of `currency`."""
        return sum(line.total for line in self.lines)

    def holds(self) -> dict[str, int]:
        """Units of each sku, whatever its options."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        return units

    def line(self, line_id: UUID) -> Line | None:
        """The line with this id, if it is there."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    def saved_line(self, line_id: UUID) -> SavedLine | None:
        """The line that is set aside under this id, if there is one."""
        return next((line for line in self.saved if line.line_id == line_id), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A cart after a command, and the fact that others are told."""

    cart: Cart
    event: CartEvent


def no_cart_yet(store_id: str, customer_id: str | None, moment: Moment) -> Cart:
    """The state before a first command: version 0, nothing in it, not stored."""
    return Cart(moment.new_id(), store_id, customer_id, moment.now, moment.now)


def decide(cart: Cart, command: Command, moment: Moment) -> Change | None:
    """The change that a command makes, or None where it changes nothing.

    Raises `Refusal` (limit-reached, currency-mismatch, unknown-line) when the command can't be done.
    """
    match command:
        case AddLine():
            return _add(cart, command, moment)
        case SetQuantity():
            return _set_quantity(cart, command, moment)
        case RemoveLine():
            line = cart.line(command.line_id)
            return _remove(cart, line, moment) if line else None
        case Clear():
            return _clear(cart, moment)


def ordered(cart: Cart, order_id: str, moment: Moment) -> Change:
    """The cart closed by an order; it keeps its lines as a record, though nobody holds them any more."""
    return closed(cart, "ordered", CartOrdered, moment, order_id=order_id)


def advanced(cart: Cart, moment: Moment, **changes: Any) -> Cart:  # noqa: ANN401 - fields of Cart
    """The cart one version on. Its time never runs backwards, whichever replica's clock stamped it last."""
    return replace(cart, version=cart.version + 1, updated_at=max(moment.now, cart.updated_at), **changes)


def closed(cart: Cart, status: Status, kind: type[CartEvent], moment: Moment, **facts: Any) -> Change:  # noqa: ANN401 - fields of `kind`
    """The cart closed for ever, and the event that says that nothing is held any more."""
    after = advanced(cart, moment, status=status)
    return Change(after, told(kind, replace(after, lines=(), currency=None), moment, **facts))


def told(kind: type[E], cart: Cart, moment: Moment, **facts: Any) -> E:  # noqa: ANN401 - fields of `kind`
    """The event of that kind with the state of the cart after it."""
    return kind(
        event_id=moment.new_id(),
        occurred_at=cart.updated_at,
        cart_id=cart.cart_id,
        store_id=cart.store_id,
        customer_id=cart.customer_id,
        cart_version=cart.version,
        currency=cart.currency,
        total=cart.total,
        units=cart.units,
        holds=cart.holds(),
        device=moment.device,
        **facts,
    )


def _add(cart: Cart, command: AddLine, moment: Moment) -> Change:
    if cart.lines and cart.currency != command.currency:
        raise Refusal("currency-mismatch", f"The cart is in {cart.currency}.", currency=cart.currency)
    line_id = command.line_id()
    known = cart.line(line_id)
    if known is None and len(cart.lines) >= MAX_LINES:
        raise Refusal("limit-reached", f"A cart holds at most {MAX_LINES} lines.", limit=MAX_LINES)
    line = _line(line_id, command, known, moment)
    _within_line_limit(line.quantity)
    lines = _with(cart, line) if known else (*cart.lines, line)
    after = _within_total(advanced(cart, moment, lines=lines, currency=command.currency))
    return Change(
        after,
        told(LineAdded, after, moment, line_id=line_id, sku=line.sku, added=command.quantity, quantity=line.quantity),
    )


def _line(line_id: UUID, command: AddLine, known: Line | None, moment: Moment) -> Line:
    """The line as the shop shows it now; device and time of the first add stay."""
    quantity = command.quantity + (known.quantity if known else 0)
    return Line(
        line_id=line_id,
        sku=command.sku,
        options=command.options,
        title=command.title,
        price=command.price,
        quantity=quantity,
        total=command.price * quantity,
        image_url=command.image_url,
        url=command.url,
        device=known.device if known else moment.device,
        added_at=known.added_at if known else moment.now,
        updated_at=moment.now,
        note=known.note if known else None,
    )


def _set_quantity(cart: Cart, command: SetQuantity, moment: Moment) -> Change | None:
    line = cart.line(command.line_id)
    if line is None:
        raise Refusal("unknown-line", "The cart has no such line.")
    if command.quantity == line.quantity:
        return None
    if command.quantity == 0:
        return _remove(cart, line, moment)
    _within_line_limit(command.quantity)
    set_to = line.holding(command.quantity, moment.now)
    after = _within_total(advanced(cart, moment, lines=_with(cart, set_to)))
    facts = {"line_id": line.line_id, "sku": line.sku, "previous": line.quantity, "quantity": command.quantity}
    return Change(after, told(LineQuantitySet, after, moment, **facts))


def _remove(cart: Cart, line: Line, moment: Moment) -> Change:
    lines = tuple(other for other in cart.lines if other is not line)
    after = advanced(cart, moment, lines=lines, currency=cart.currency if lines else None)
    facts = {"line_id": line.line_id, "sku": line.sku, "previous": line.quantity}
    return Change(after, told(LineRemoved, after, moment, **facts))


def _clear(cart: Cart, moment: Moment) -> Change | None:
    if not cart.lines:
        return None
    after = advanced(cart, moment, lines=(), currency=None)
    return Change(after, told(CartCleared, after, moment, skus=tuple(cart.holds())))


def _with(cart: Cart, line: Line) -> tuple[Line, ...]:
    return tuple(line if other.line_id == line.line_id else other for other in cart.lines)


def _within_line_limit(quantity: int) -> None:
    if quantity > MAX_QUANTITY:
        raise Refusal("limit-reached", f"A line holds at most {MAX_QUANTITY} units.", limit=MAX_QUANTITY)


def _within_total(cart: Cart) -> Cart:
    if cart.total > MAX_TOTAL:
        raise Refusal("limit-reached", "The total of the cart is out of range.", limit=MAX_TOTAL)
    return cart
