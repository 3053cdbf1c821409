"""A trace in the form of the large public ones: views above all, no prices, purchases of what was in no cart."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.traffic.trace import COLUMNS, Row
from tests.unit.console.traffic import share

BEGIN = datetime(2017, 11, 24, 16, tzinfo=UTC)
DAYS = 9
_KINDS = ("view",) * 12 + ("cart",) * 2 + ("purchase",)


def write(path: Path, shoppers: int = 90, begin: datetime = BEGIN) -> Path:
    """The file, of that many shoppers who come two to five times in nine days."""
    made = []
    for shopper in range(1, shoppers + 1):
        for visit in range(2 + int(4 * share(shopper, "visits"))):
            came = begin + timedelta(days=DAYS * share(shopper, visit))
            for look in range(4 + int(9 * share(shopper, visit, "looks"))):
                about = (shopper, visit, look)
                moment = (came + timedelta(seconds=40 * look)).strftime("%Y-%m-%dT%H:%M:%SZ")
                kind = _KINDS[int(len(_KINDS) * share(*about))]
                made.append(
                    (moment, str(shopper), f"{shopper}-{visit}", kind, str(int(500 * share(*about, "sku"))), "")
                )
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *sorted(made)])
    return path


def priced(row: Row) -> Row:
    """The row at a price of the product's own, where the trace tells none: else no order came to anything."""
    return row if row.price or not row.sku else row._replace(price=100 + int(9900 * share("price", row.sku)))
