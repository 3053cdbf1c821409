"""A trace as the events that the cart service would have made of it. Pure.

A shopper has one cart across sessions; after a purchase the next add begins another. Memory does not grow with
shoppers: those who were not there lately are on disk.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from deploy.traffic.shoppers import Line, Shopper, Shoppers
from deploy.traffic.trace import CLICK, LEVEL, OF_ITEMS, SAVING, VIEW, WATCHING, Row
from deploy.traffic.trace_beside import BesideEvents
from deploy.traffic.trace_saving import set_aside, taken_back, told_lines
from libs.contracts.events import (
    CartDetailsSet,
    CartEvent,
    CartOrdered,
    Event,
    LevelSet,
    LineAdded,
    LineRemoved,
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderPlaced,
    OrderReturned,
    OrderShipped,
    PriceSet,
    ToldPrice,
)
from libs.runtime.ids import uuid5

NAMESPACE = UUID("3d7cf7a4-6a0f-5b8e-8d5c-6b1c4f9a2e10")

_FATES: dict[str, type[OrderEvent]] = {
    "shipped": OrderShipped,
    "delivered": OrderDelivered,
    "cancelled": OrderCancelled,
    "returned": OrderReturned,
}
_Kind = TypeVar("_Kind", bound=Event)
_MOST_SHARED = 20_000
_MOST_IDS = 10_000


class TraceEvents:
    """Makes the events of rows. Ids hang on shopper and ordinal of the cart: the same trace gives the same ids.

    Where `checked` they are whole and held against the contract; else they are what the backtest asks of them, without
    ids of events and lines, in a quarter of the time: the rows have been checked. Nobody hears of `views` who does not
    say so.
    """

    def __init__(self, store_id: str, currency: str = "EUR", *, checked: bool = True, views: bool = False) -> None:
        self._store_id, self._currency = store_id, currency
        self._checked, self._make = checked, _checked if checked else _unchecked
        self._shoppers = Shoppers()
        self._beside, self._views = BesideEvents(store_id), views
        self._ids: dict[tuple[str, int], tuple[UUID, str]] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self.order: OrderPlaced | None = None
        """What the last row told beside its event: that something was ordered."""
        self._lines: dict[Line, Line] = {}

    def event(self, row: Row) -> Event | None:
        """What a row comes to, if it changes anything."""
        kind, self.order = row.event, None
        if kind == VIEW:
            return self._beside.event(row) if self._views else None
        if kind in WATCHING or kind == CLICK:
            return self._beside.event(row)
        if kind in OF_ITEMS:
            return self._of_item(row)
        shopper = self._shoppers.of(row.customer_id)
        if kind == "cart":
            return self._added(shopper, row)
        if kind in _FATES:
            return self._of_order(row, shopper.ordinal)
        if kind in SAVING:
            return self._saved(shopper, row)
        if not shopper.lines:
            if kind == "purchase":
                name = f"{self._store_id}|order|{row.customer_id}|{row.at}|{row.sku}"
                self._place(row, str(uuid5(NAMESPACE, name)), ((row.sku, 1, row.price),))
            return None
        if kind == "purchase":
            return self._ordered(shopper, row)
        previous = _units_of(shopper.lines, row.sku)
        return self._removed(shopper, row, previous) if previous else None

    def _added(self, cart: Shopper, row: Row) -> CartEvent:
        sku = row.sku
        units = _units_of(cart.lines, sku) + 1
        line = self._shared((sku, units, row.price))
        lines = (*cart.lines, line) if units == 1 else tuple([line if one[0] == sku else one for one in cart.lines])
        return self._make(LineAdded, self._next(cart, row, lines), sku=sku, added=1, quantity=units)

    def _removed(self, cart: Shopper, row: Row, previous: int) -> CartEvent:
        lines = tuple([one for one in cart.lines if one[0] != row.sku])
        return self._make(LineRemoved, self._next(cart, row, lines), sku=row.sku, previous=previous)

    def _saved(self, cart: Shopper, row: Row) -> CartEvent | None:
        """What is in the cart changes with what is aside, so that each is told."""
        after = set_aside(cart, row.sku) if row.event == "save" else taken_back(cart, row.sku)
        if after is None:
            return None
        facts = self._next(after, row, after.lines)
        return self._make(CartDetailsSet, facts, changed=("goods", "saved"), lines=told_lines(after, self._currency))

    def _ordered(self, cart: Shopper, row: Row) -> CartEvent:
        facts = self._next(cart, row, ())
        self._place(row, str(facts["cart_id"]), cart.lines, facts["cart_id"])
        self._shoppers.keep(row.customer_id, Shopper(cart.ordinal + 1, 0, (), cart.aside))
        facts["order_id"] = str(facts["cart_id"])
        return self._make(CartOrdered, facts)

    def _next(self, cart: Shopper, row: Row, lines: tuple[Line, ...]) -> dict[str, Any]:
        """The cart with other lines, one version on, and what every event says of it."""
        ordinal, version = cart.ordinal, cart.version + 1
        cart_id, customer_id = self._id(row.customer_id, ordinal)
        after = Shopper(ordinal, version, lines, cart.aside)
        self._shoppers.keep(customer_id, after)
        units = total = 0
        holds = {}
        for sku, number, price in lines:
            holds[sku] = number
            units += number
            total += number * price
        facts = {
            "occurred_at": row.at,
            "cart_id": cart_id,
            "store_id": self._store_id,
            "customer_id": customer_id,
            "cart_version": version,
            "currency": self._currency,
            "total": total,
            "units": units,
            "holds": holds,
        }
        if after.aside:
            facts["lines"] = told_lines(after, self._currency)
        return facts

    def _id(self, customer_id: str, ordinal: int) -> tuple[UUID, str]:
        """Of a cart, and of its shopper, the same objects again: whoever keeps much of a cart keeps them once. Those of
        the last ones are known: of a million carts few are in hand at a time.
        """
        found = self._ids.get((customer_id, ordinal))
        if found is None:
            if len(self._ids) > _MOST_IDS:
                self._ids.clear()
            found = uuid5(NAMESPACE, f"{self._store_id}|{customer_id}|{ordinal}"), customer_id
            self._ids[customer_id, ordinal] = found
        return found

    def _shared(self, line: Line) -> Line:
        """The same line of other carts, where there is one: most carts hold one unit of what others hold, too."""
        if len(self._lines) > _MOST_SHARED:
            self._lines.clear()
        return self._lines.setdefault(line, line)

    def _place(self, row: Row, order_id: str, lines: tuple[Line, ...], cart_id: UUID | None = None) -> None:
        """Notes the order that is told beside the cart's event."""
        facts: dict[str, Any] = {
            "event_id": cart_id or UUID(order_id),
            "occurred_at": row.at,
            "order_id": order_id,
            "store_id": self._store_id,
            "customer_id": row.customer_id,
            "cart_id": cart_id,
            "currency": self._currency,
            "total": sum(units * price for _, units, price in lines),
            "skus": tuple([sku for sku, _, _ in lines]),
        }
        self.order = OrderPlaced.model_construct(**facts) if self._checked else _unchecked(OrderPlaced, facts)

    def _of_order(self, row: Row, ordinal: int) -> OrderEvent | None:
        """What became of the last cart that was ordered, if there is one."""
        if ordinal == 1:
            return None
        order_id, _ = self._id(row.customer_id, ordinal - 1)
        return _FATES[row.event](
            event_id=uuid5(order_id, f"{row.event}|{row.at}"),
            occurred_at=row.at,
            order_id=str(order_id),
            store_id=self._store_id,
            customer_id=row.customer_id,
            cart_id=order_id,
            happened_at=row.at,
            status=row.event,
        )

    def _of_item(self, row: Row) -> Event:
        version = self._versions[row.event, row.sku] = self._versions.get((row.event, row.sku), 0) + 1
        facts: dict[str, Any] = {
            "event_id": uuid5(NAMESPACE, f"{self._store_id}|{row.event}|{row.sku}|{version}"),
            "occurred_at": row.at,
            "store_id": self._store_id,
            "sku": row.sku,
        }
        if row.event == LEVEL:
            return LevelSet(**facts, available=row.level, level_version=version)
        told = ToldPrice(currency=self._currency, price=row.price)
        return PriceSet(**facts, price_version=version, prices=(told,))


def _checked(kind: type[CartEvent], facts: dict[str, Any], **more: Any) -> CartEvent:  # noqa: ANN401 - as the event has it
    cart_id, sku = facts["cart_id"], more.get("sku")
    ids = {"event_id": uuid5(cart_id, str(facts["cart_version"]))}
    if sku is not None:
        ids["line_id"] = uuid5(cart_id, sku)
    return kind.model_validate(facts | more | ids)


def _unchecked(kind: type[_Kind], facts: dict[str, Any], **more: Any) -> _Kind:  # noqa: ANN401
    """An event without validation: pydantic's own `model_construct` takes longer than the validation."""
    event = kind.__new__(kind)
    told = _DEFAULTS[kind] | facts
    if "lines" in more:
        told |= more
    object.__setattr__(event, "__dict__", told)
    return event


_DEFAULTS: dict[type[Event], dict[str, Any]] = {
    kind: {name: field.default for name, field in kind.model_fields.items() if not field.is_required()}
    for kind in (LineAdded, LineRemoved, CartOrdered, CartDetailsSet, OrderPlaced)
}


def _units_of(lines: tuple[Line, ...], sku: str) -> int:
    for line in lines:
        if line[0] == sku:
            return line[1]
    return 0


def cart_events(traffic: Iterable[Row], store_id: str, currency: str = "EUR") -> Iterator[CartEvent]:
    """The carts' events, whole."""
    made = TraceEvents(store_id, currency)
    for row in traffic:
        event = made.event(row)
        if isinstance(event, CartEvent):
            yield event
