"""A recorded trace of shop traffic as the events that the cart service would have made of it. Pure but for reading.

The format: a header, then `ts_utc_iso,user_id,session_id,event,product_id,price`, sorted by time. `cart` adds one of
the product, `remove` takes the product out, `purchase` orders the whole cart (and is accepted without one), `view` is
passed over. A shopper has one cart across sessions; after a purchase the next add begins another.
"""

import codecs
import csv
import gzip
import zlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid5

from libs.contracts.events import CartEvent, CartOrdered, LineAdded, LineRemoved
from libs.contracts.names import plain_name

NAMESPACE = UUID("3d7cf7a4-6a0f-5b8e-8d5c-6b1c4f9a2e10")
COLUMNS = ["ts_utc_iso", "user_id", "session_id", "event", "product_id", "price"]
EVENTS = ("view", "cart", "remove", "purchase")
MAX_PRICE = 10**10
"""In major units: what the cart accepts at most."""
YEARS = range(1970, 3000)
"""Room on both sides for every delay and lateness."""
MOST_OF_A_LINE = 1_000_000


class TrafficError(ValueError):
    """A trace that can't be read; the message names file, line and field, and what is wrong."""


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
        price = Decimal(text)
    except ArithmeticError:
        raise TrafficError(f"price: {_shown(text)} is not a price") from None
    if not price.is_finite() or price.copy_abs() > MAX_PRICE:
        raise TrafficError(f"price: {_shown(text)} is no price that a cart accepts")
    return max(0, int((price * 100).to_integral_value(ROUND_HALF_UP)))


def rows(path: Path) -> Iterator[Row]:
    """The rows of a trace, plain or gzip, in the order of the file. Raises `TrafficError` with file, line and field."""
    last = datetime.min.replace(tzinfo=UTC)
    with closing(_numbered(path)) as found:
        for number, cells in found:
            try:
                row = _row(cells, last)
            except TrafficError as error:
                raise TrafficError(f"{path.name}:{number}: {error}") from None
            last = row.at
            yield row


def last_moment(path: Path) -> datetime | None:
    """The time of the last row, whatever its event, or None where there are no rows: all of them were read.

    Raises `TrafficError`.
    """
    last = deque(rows(path), maxlen=1)
    return last[0].at if last else None


def _row(cells: Sequence[str], last: datetime) -> Row:
    if len(cells) != len(COLUMNS):
        raise TrafficError(f"row: {len(cells)} columns instead of {len(COLUMNS)}")
    at, customer_id, _, event, product, price = cells
    sku = plain_name(product)
    if event not in EVENTS:
        raise TrafficError(f"event: {_shown(event)} is not an event of a trace")
    for name, value in (("user_id", customer_id), ("product_id", sku)):
        if not value:
            raise TrafficError(f"{name}: is missing")
    moment = _moment(at)
    if moment < last:
        raise TrafficError(f"{COLUMNS[0]}: earlier than the row before it")
    return Row(moment, customer_id, event, sku, minor_units(price))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} is not a time") from None
    if moment.tzinfo is None:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} has no time zone")
    if moment.year not in YEARS:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} is not within the years {YEARS[0]} to {YEARS[-1]}")
    return moment


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _numbered(path: Path) -> Generator[tuple[int, list[str]], None, None]:
    """Rows below the header as cells without blanks around them, with the line on which each ends; empty lines are
    passed over.
    """
    reader = csv.reader(_lines(path), strict=True)
    try:
        header = next(reader, [])
        if [cell.strip() for cell in header] != COLUMNS:
            raise TrafficError(f"{path.name}:1: header: the first line is not {','.join(COLUMNS)}")
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield reader.line_num, stripped
    except csv.Error as error:
        raise TrafficError(f"{path.name}:{reader.line_num}: row: {error}") from None


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file, plain or gzip, without a byte-order mark."""
    number = 1
    with _opened(path) as file:
        try:
            while line := file.readline(MOST_OF_A_LINE + 1):
                if len(line) > MOST_OF_A_LINE:
                    raise TrafficError(f"{path.name}:{number}: row: longer than {MOST_OF_A_LINE:,} bytes")
                if number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                    raise TrafficError(f"{path.name}:1: file: is UTF-16, not UTF-8")
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                number += 1
        except UnicodeDecodeError:
            raise TrafficError(f"{path.name}:{number}: row: is not UTF-8") from None
        except EOFError:
            raise TrafficError(f"{path.name}:{number}: file: the gzip ends in the middle") from None
        except (gzip.BadGzipFile, zlib.error):
            raise TrafficError(f"{path.name}:{number}: file: the gzip is damaged") from None
        except OSError as error:
            raise TrafficError(f"{path.name}:{number}: file: {error.strerror}") from None


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | gzip.GzipFile]:
    try:
        raw = path.open("rb")
    except OSError as error:
        raise TrafficError(f"{path.name}:1: file: {error.strerror}") from None
    with raw:
        zipped = raw.peek(2)[:2] == b"\x1f\x8b"
        if not zipped:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as unzipped:
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
