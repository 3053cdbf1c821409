"""A cart, and the changes that are made of it. Pure. What may be done to a cart is decided in `decide.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

from libs.contracts.events import CartEvent, CartLine, CartOrdered
from libs.contracts.events.lines import MAX_LINES
from libs.runtime.ids import uuid7
from services.cart.domain import copies
from services.cart.domain.notice import Notice
from services.cart.domain.remembered import OfLine, Remembered

Status = Literal["active", "ordered", "merged", "expired"]
E = TypeVar("E", bound=CartEvent)
REMEMBERED = 8
"""Changes of its quantity that a line remembers: more than happen between pricing and ordering."""


@dataclass(frozen=True, slots=True)
class Line(OfLine):
    """One sku with one choice of options. `price` (of one unit, as last seen) and `total` are in minor units.

    `history` holds the latest changes of the quantity: the cart's version after each and the units before it, so that
    an order can take the cart as it was at the version from which it was priced. `changed_at` holds when these changes
    were made (ms since 1970), but for the first, which is `added_at`: an order may know its time only. A `fixed_price`
    was set by a server of the shop: neither pages nor told prices change it.
    """

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
    history: tuple[tuple[int, int], ...] = ()
    changed_at: tuple[int, ...] = ()
    fixed_price: bool = False

    def holding(self, quantity: int, now: datetime) -> "Line":
        """This line with another quantity."""
        return copies.changed(self, quantity=quantity, total=self.price * quantity, updated_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedLine(Line):
    """A line that is set aside: it counts in no total and holds no stock. It has a currency of its own, because it may
    have come from a cart in another one; the same `line_id` may stand in the cart as well.
    """

    currency: str


@dataclass(frozen=True, slots=True)
class Context:
    """When a command came, from which device, and where new ids come from.

    `origin` is who gave it where that was no shopper: `staff`, `bot` or `import`.
    """

    now: datetime
    device: str | None = None
    new_id: Callable[[], UUID] = uuid7
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Cart:
    """The lines that a customer (`customer_id`) or a guest (None) has gathered; `version` counts the changes.

    `recovery_epoch` is part of every recovery link: raising it revokes those that are out. `saved` lines are not part
    of what is bought; `attributes` say where the cart comes from (channel, campaign). `goods_version` is the version
    at which goods or quantities last changed (`checkout_version`: that of the last checkout), `changed` what
    the newest version did, in the words of the events. Since `silent_since` its customer has ordered, and nobody is
    reminded of it until its goods change. `recipient_id` is whom to write to about a guest's, never who may open it.
    `units` and `total` (in minor units of `currency`) are added up once, for a change asks for them several times.
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
    goods_version: int = 0
    silent_since: datetime | None = None
    changed: tuple[str, ...] = field(default=(), compare=False)
    recipient_id: str | None = None
    checkout_version: int | None = None
    units: int = field(init=False)
    total: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", sum([line.quantity for line in self.lines]))
        object.__setattr__(self, "total", sum([line.total for line in self.lines]))

    def holds(self) -> dict[str, int]:
        """Units of each sku, whatever its options."""
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.sku] = units.get(line.sku, 0) + line.quantity
        return units

    def line(self, line_id: UUID) -> Line | None:
        """The line with this id, if it is there."""
        return next((line for line in self.lines if line.line_id.int == line_id.int), None)  # as ids five times as slow

    def line_of(self, sku: str, options: Mapping[str, str]) -> Line | None:
        """The line of these goods, if it is there: one that was stored under another spelling has kept its id."""
        return next((line for line in self.lines if line.sku == sku and line.options == options), None)

    def saved_line(self, line_id: UUID) -> SavedLine | None:
        """The line that is set aside under this id, if there is one."""
        return next((line for line in self.saved if line.line_id == line_id), None)


@dataclass(frozen=True, slots=True)
class Change:
    """A cart after a command, the fact that others are told, and what its shopper is told this once."""

    cart: Cart
    event: CartEvent
    notices: tuple[Notice, ...] = ()


def no_cart_yet(store_id: str, customer_id: str | None, context: Context) -> Cart:
    """The state before a first command: version 0, nothing in it, not stored."""
    return Cart(context.new_id(), store_id, customer_id, context.now, context.now)


def order_cart(cart: Cart, order_id: str, context: Context) -> Change:
    """The cart closed by an order; it keeps its lines as a record, though nobody holds them any more."""
    return close_cart(cart, "ordered", CartOrdered, context, order_id=order_id)


def next_version(cart: Cart, context: Context, **changes: Any) -> Cart:  # noqa: ANN401 - fields of Cart
    """The cart one version on. Its time never runs backwards, whichever replica's clock stamped it last."""
    version, now = cart.version + 1, max(context.now, cart.updated_at)
    if "lines" in changes:
        changes["lines"] = _remembering(cart, changes["lines"], version, now)
    changed = _what_changes(cart, changes)
    if "goods" in changed:
        changes |= {"goods_version": version, "silent_since": None}
    else:
        changes["goods_version"] = cart.goods_version or version
    return copies.changed(cart, version=version, updated_at=now, changed=changed, **changes)


def close_cart(cart: Cart, status: Status, kind: type[CartEvent], context: Context, **facts: Any) -> Change:  # noqa: ANN401 - fields of `kind`
    """The cart closed for ever, and the event that says that nothing is held any more."""
    after = next_version(cart, context, status=status)
    return Change(after, event(kind, replace(after, lines=(), currency=None), context, **facts))


def event(kind: type[E], cart: Cart, context: Context, **facts: Any) -> E:  # noqa: ANN401 - fields of `kind`
    """The event of that kind with the state of the cart after it."""
    return kind.of_right(
        event_id=context.new_id(),
        occurred_at=cart.updated_at,
        cart_id=cart.cart_id,
        store_id=cart.store_id,
        customer_id=cart.customer_id,
        cart_version=cart.version,
        currency=cart.currency,
        total=cart.total,
        units=cart.units,
        holds=cart.holds(),
        device=context.device,
        goods_version=cart.goods_version,
        changed=cart.changed or None,
        silent=cart.silent_since is not None or None,
        recipient_id=cart.recipient_id if cart.customer_id is None else None,
        lines=None if kind.closes else _told_lines(cart),
        origin=context.origin,
        **facts,
    )


_told_line: Remembered[Line, CartLine] = Remembered("told", lambda line: CartLine(line.sku, line.quantity, line.price))


def _told_lines(cart: Cart) -> tuple[CartLine, ...]:
    saved = [CartLine(line.sku, line.quantity, line.price, True, line.currency) for line in cart.saved]
    return (*_told_line.each(cart.lines), *saved)[:MAX_LINES]


_WORDS = {
    "attributes": "attributes",
    "saved": "saved",
    "customer_id": "owner",
    "status": "closed",
    "recipient_id": "contact",
    "checkout_version": "checkout",
}


def _what_changes(cart: Cart, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """In the words of the events: what is different from the cart as it was."""
    lines = _what_changes_of_lines(cart.lines, changes["lines"]) if "lines" in changes else ()
    others = (word for name, word in _WORDS.items() if name in changes and changes[name] != getattr(cart, name))
    return (*lines, *others)


def _what_changes_of_lines(before: tuple[Line, ...], after: tuple[Line, ...]) -> tuple[str, ...]:
    if len(before) != len(after):
        return ("goods",)
    pairs = _others(before, after)
    both = [(one, other) for one, other in pairs if one is not None]
    goods = any(one is None or one.quantity != other.quantity for one, other in pairs)
    prices = any(one.price != other.price for one, other in both)
    notes = any(one.note != other.note for one, other in both)
    return tuple(word for word, so in (("goods", goods), ("prices", prices), ("notes", notes)) if so)


def _remembering(cart: Cart, lines: tuple[Line, ...], version: int, now: datetime) -> tuple[Line, ...]:
    """The lines, each knowing what this version changed of its quantity."""
    others = {id(line): _remembered(before, line, version, now) for before, line in _others(cart.lines, lines)}
    return tuple([others.get(id(line), line) for line in lines])


def _others(before: tuple[Line, ...], after: tuple[Line, ...]) -> list[tuple[Line | None, Line]]:
    """The lines that are not the same objects as before, each with what it was, if it was there."""
    same = set(map(id, before)).intersection(map(id, after))
    known = {line.line_id: line for line in before if id(line) not in same}
    return [(known.get(line.line_id), line) for line in after if id(line) not in same]


def _remembered(before: Line | None, line: Line, version: int, now: datetime) -> Line:
    history, changed_at = (before.history, before.changed_at) if before else (((version, 0),), ())
    if before and line.quantity != before.quantity:
        history = (*history, (version, before.quantity))[-REMEMBERED:]
        changed_at = (*changed_at, int(now.timestamp() * 1000))[-REMEMBERED:]
    same = (line.history, line.changed_at) == (history, changed_at)
    return line if same else copies.changed(line, history=history, changed_at=changed_at)
