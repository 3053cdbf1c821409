"""A recorded trace of shop traffic as the events that the cart service would have made of it. Pure but for reading.

The format: a header, then `ts_utc_iso,user_id,session_id,event,product_id,price`, sorted by time. `cart` adds one of
the product, `remove` takes the product out, `purchase` orders the whole cart (and is accepted without one), `view` is
passed over. A shopper has one cart across sessions; after a purchase the next add begins another.
"""

import csv
import gzip
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import TextIO
from uuid import UUID, uuid5

from libs.contracts.events import CartEvent, CartOrdered, LineAdded, LineRemoved

NAMESPACE = UUID("3d7cf7a4-6a0f-5b8e-8d5c-6b1c4f9a2e10")
COLUMNS = ["ts_utc_iso", "user_id", "session_id", "event", "product_id", "price"]
EVENTS = ("view", "cart", "remove", "purchase")


class TrafficError(ValueError):
    """A trace that can't be read; the message names the row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `price` in minor units, never negative."""

    at: datetime
    customer_id: str
    event: str
    sku: str
    price: int


def minor_units(text: str) -> int:
    """A price of the trace in minor units. A missing one is 0, and so is a negative one: no cart accepts less."""
    if not text:
        return 0
    try:
        return max(0, int((Decimal(text) * 100).to_integral_value(ROUND_HALF_UP)))
    except (InvalidOperation, ValueError, OverflowError):
        raise TrafficError(f"{text!r} is not a price") from None


def rows(path: Path) -> Iterator[Row]:
    """The rows of a trace, plain or gzip, in the order of the file. Raises `TrafficError`."""
    with _opened(path) as file:
        reader = csv.reader(file)
        if next(reader, None) != COLUMNS:
            raise TrafficError(f"{path.name}: the first line is not {','.join(COLUMNS)}")
        last = datetime.min.replace(tzinfo=UTC)
        for number, cells in enumerate(reader, start=2):
            try:
                row = _row(cells)
            except ValueError as error:
                raise TrafficError(f"{path.name}:{number}: {error}") from None
            if row.at < last:
                raise TrafficError(f"{path.name}:{number}: earlier than the row before it")
            last = row.at
            yield row


def last_moment(path: Path) -> datetime | None:
    """The time of the last row, whatever its event, or None where there are no rows. Raises `TrafficError`."""
    with _opened(path) as file:
        cells = deque(csv.reader(file), maxlen=1)
    return None if not cells or cells[0] == COLUMNS else _row(cells[0]).at


def _row(cells: list[str]) -> Row:
    if len(cells) != len(COLUMNS):
        raise TrafficError(f"{len(cells)} columns instead of {len(COLUMNS)}")
    at, customer_id, _, event, sku, price = cells
    if event not in EVENTS:
        raise TrafficError(f"{event!r} is not an event of a trace")
    if not customer_id or not sku:
        raise TrafficError("no user or no product")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None:
        raise TrafficError(f"{at!r} has no time zone")
    return Row(moment, customer_id, event, sku, minor_units(price))


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    if not zipped:
        with path.open(encoding="utf-8", newline="") as plain:
            yield plain
    else:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as unzipped:
            yield unzipped


@dataclass(slots=True)
class _Cart:
    cart_id: UUID
    version: int = 0
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)  # sku → units, price


def cart_events(traffic: Iterable[Row], store_id: str, currency: str = "EUR") -> Iterator[CartEvent]:
    """The carts' events. Ids hang on shopper and ordinal of the cart, so that the same trace gives the same ids."""
    carts: dict[str, _Cart] = {}
    ordinals: dict[str, int] = {}
    for row in traffic:
        cart = carts.get(row.customer_id)
        if row.event == "cart":
            if cart is None:
                ordinals[row.customer_id] = ordinal = ordinals.get(row.customer_id, 0) + 1
                cart = carts[row.customer_id] = _Cart(uuid5(NAMESPACE, f"{store_id}|{row.customer_id}|{ordinal}"))
            yield _added(cart, row, store_id, currency)
        elif row.event == "remove" and cart is not None and row.sku in cart.lines:
            yield _removed(cart, row, store_id, currency)
        elif row.event == "purchase" and cart is not None and cart.lines:
            del carts[row.customer_id]
            yield _ordered(cart, row, store_id, currency)


def _facts(cart: _Cart, row: Row, store_id: str, currency: str) -> dict[str, object]:
    """What every event says of the cart as it is now, one version on."""
    cart.version += 1
    return {
        "event_id": uuid5(cart.cart_id, str(cart.version)),
        "occurred_at": row.at,
        "cart_id": cart.cart_id,
        "store_id": store_id,
        "customer_id": row.customer_id,
        "cart_version": cart.version,
        "currency": currency,
        "total": sum(units * price for units, price in cart.lines.values()),
        "units": sum(units for units, _ in cart.lines.values()),
        "holds": {sku: units for sku, (units, _) in cart.lines.items()},
    }


def _added(cart: _Cart, row: Row, store_id: str, currency: str) -> LineAdded:
    units = cart.lines.get(row.sku, (0, 0))[0] + 1
    cart.lines[row.sku] = (units, row.price)
    line = {"line_id": uuid5(cart.cart_id, row.sku), "sku": row.sku, "added": 1, "quantity": units}
    return LineAdded.model_validate(_facts(cart, row, store_id, currency) | line)


def _removed(cart: _Cart, row: Row, store_id: str, currency: str) -> LineRemoved:
    previous, _ = cart.lines.pop(row.sku)
    line = {"line_id": uuid5(cart.cart_id, row.sku), "sku": row.sku, "previous": previous}
    return LineRemoved.model_validate(_facts(cart, row, store_id, currency) | line)


def _ordered(cart: _Cart, row: Row, store_id: str, currency: str) -> CartOrdered:
    cart.lines.clear()
    order = {"order_id": f"{cart.cart_id}"}
    return CartOrdered.model_validate(_facts(cart, row, store_id, currency) | order)
