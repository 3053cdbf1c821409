"""A recorded trace of shop traffic, row by row. Pure but for reading.

The format: a header, then `ts_utc_iso,user_id,session_id,event,product_id,price`, sorted by time. `cart` adds one of
the product, `remove` takes the product out, `purchase` orders the whole cart (and is accepted without one), `view`
looks at the product, `watch` asks to be told when it is back, `unwatch` does not any more. `save` sets a
product of the cart aside for later, `unsave` takes it back into the cart. `click` follows the link of
a message, whose campaign is named instead of a product. A column `level` may follow: then rows of the event `level` say
how many units of a product there are, and those of `price` what one costs from then on. Rows of `shipped`, `delivered`,
`cancelled` and `returned` say what became of the last cart that a shopper ordered.
"""

from collections import deque
from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from deploy.traffic.trace_file import Reading, TrafficError, name_of, numbered
from libs.contracts.names import plain_name

COLUMNS = ["ts_utc_iso", "user_id", "session_id", "event", "product_id", "price"]
LEVEL = "level"
"""The column that may follow, and the event of its rows."""
PRICE = "price"
FATES = frozenset({"shipped", "delivered", "cancelled", "returned"})
"""Events of an order."""
SHOPPING = frozenset({"cart", "remove", "purchase"})
"""Events of a shopper that may change a cart."""
OF_ITEMS = frozenset({LEVEL, PRICE})
"""Events of a product, whoever the shopper: of traces that have the column."""
VIEW, CLICK = "view", "click"
WATCHING = frozenset({"watch", "unwatch"})
SAVING = frozenset({"save", "unsave"})
"""Events of a shopper that set something of a cart aside; whoever drives a shop by a trace passes them over."""
EVENTS = SHOPPING | FATES | OF_ITEMS | WATCHING | SAVING | {VIEW, CLICK}
MAX_PRICE = 10**10
"""In major units: what the cart accepts at most."""
MAX_LEVEL = 10**9
YEARS = range(1970, 3000)
"""Room on both sides for every delay and lateness."""
_KNOWN = 8_000
"""Names, times and prices are written alike many times over: so many of the last ones are read once."""


class Row(NamedTuple):
    """One row: `price` in minor units, never negative; `level` in units, of the rows that say one."""

    at: datetime
    customer_id: str
    event: str
    sku: str
    price: int
    level: int = 0


@lru_cache(_KNOWN)
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


def rows(path: Path, reading: Reading | None = None) -> Generator[Row, None, None]:
    """The rows of a trace, plain or gzip, in the order of the file. Raises `TrafficError` with file, line and field.

    `reading` tells meanwhile how much of the file has been read.
    """
    last = datetime.min.replace(tzinfo=UTC)
    with closing(numbered(path, [COLUMNS, [*COLUMNS, LEVEL]], reading)) as found:
        for number, cells in found:
            try:
                row = _row(cells, last)
            except TrafficError as error:
                raise TrafficError(f"{name_of(path)}:{number}: {error}") from None
            last = row.at
            yield row


def last_moment(path: Path) -> datetime | None:
    """The time of the last row, whatever its event, or None where there are no rows: all of them were read.

    Raises `TrafficError`.
    """
    last = deque(rows(path), maxlen=1)
    return last[0].at if last else None


def _row(cells: Sequence[str], last: datetime) -> Row:
    if not len(COLUMNS) <= len(cells) <= len(COLUMNS) + 1:
        raise TrafficError(f"row: {len(cells)} columns instead of {len(COLUMNS)}")
    at, customer_id, _, event, product, price = cells[:6]
    sku = _plain(product)
    if event not in EVENTS:
        raise TrafficError(f"event: {_shown(event)} is not an event of a trace")
    if not customer_id and event not in OF_ITEMS:
        raise TrafficError("user_id: is missing")
    if event in OF_ITEMS and len(cells) == len(COLUMNS):
        raise TrafficError(f"event: {event} is told where a column {LEVEL} follows")
    if event == PRICE and not price:
        raise TrafficError("price: is missing")
    if not sku and event not in FATES:
        raise TrafficError("product_id: is missing")
    moment = _moment(at)
    if moment < last:
        raise TrafficError(f"{COLUMNS[0]}: earlier than the row before it")
    return Row(moment, customer_id, event, sku, minor_units(price), _level(cells[6:]) if event == LEVEL else 0)


_plain = lru_cache(_KNOWN)(plain_name)


def _level(cells: Sequence[str]) -> int:
    text = cells[0] if cells else ""
    if not text.isascii() or not text.isdigit() or int(text) > MAX_LEVEL:
        raise TrafficError(f"{LEVEL}: {_shown(text)} is not a number of units")
    return int(text)


@lru_cache(16)
def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} is not a time") from None
    if moment.tzinfo is None:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} has no time zone")
    if moment.year not in YEARS:
        raise TrafficError(f"{COLUMNS[0]}: {_shown(text)} is not within the years {YEARS[0]} to {YEARS[-1]}")
    return moment.astimezone(UTC)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")
