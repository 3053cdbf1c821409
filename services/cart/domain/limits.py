"""How much is too much. A limit that a shopper can meet is told in the problem document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from libs.contracts.own_hosts import leads_home
from services.cart.domain.errors import Refusal

MAX_LINES = 500
MAX_QUANTITY = 999
MAX_BYTES = 256 * 1024
"""Of a cart, with what is set aside: far more than people gather."""
WIDEST_BYTES = 1024 * 1024
"""What a store may allow its carts at most."""
MAX_PRICE = 10**12
"""Minor units of one piece; leaves room for currencies with small units."""
MAX_TOTAL = 2**53 - 1
"""Minor units of a cart: the largest integer that JavaScript reads exactly."""
MAX_BODY = 64 * 1024
"""Bytes of a shopper's request."""
MAX_SERVER_BODY = 512 * 1024
"""Bytes of a request with a secret key: an order of 500 lines."""
MAX_BULK_BODY = 4 * 1024 * 1024
"""Bytes of a request with many levels or prices: 10,000 of some 400 bytes."""
MAX_LEVELS = 10_000
MAX_AVAILABLE = 10**9
MAX_SEQUENCE = 2**63 - 1
"""What PostgreSQL counts with; leaves room for nanoseconds since 1970."""
CARTS_PAGE = 50
AUDIT_PAGE = 100
STORES_PAGE = 200
KEYS_PAGE = 200
IDENTITIES_PAGE = 200
MERGES_PAGE = 50
MAX_LOOKS = 100
"""Carts that are looked at in one call."""
MAX_ATTRIBUTES = 20
MAX_ACTIONS = 100
"""Done to the lines of a cart in one call."""
MAX_NOTICES = 500


Limited = Literal["lines", "quantity", "bytes", "total", "saved_lines", "attributes"]
"""What of a cart has a limit, in the words of a store's settings where it can be set there."""
Pricing = Literal["trusted", "told"]
"""Whose price of a line counts: that of the page that adds it, or the one that the store has told, if it has."""


def limit_reached(which: Limited, limit: int, detail: str) -> Refusal:
    """The refusal of what would go past a limit: says which, and how much is in it."""
    return Refusal("limit-reached", detail, which=which, limit=limit)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store lets a cart hold: lines, units of a line, bytes, and the currencies in which it sells (None: any).

    `hosts` are the store's own (None: any), where what others may have written into a cart may lead to; `prices` says
    whose prices count.
    They hold what comes in. What stands in a cart already stays when its store lowers a limit, and may shrink by steps.
    """

    lines: int = MAX_LINES
    quantity: int = MAX_QUANTITY
    currencies: frozenset[str] | None = None
    size: int = MAX_BYTES
    hosts: frozenset[str] | None = None
    prices: Pricing = "trusted"

    def one_more_line(self, lines: int) -> None:
        """Raises `Refusal` limit-reached where a cart of so many lines takes no other."""
        if lines >= self.lines:
            raise limit_reached("lines", self.lines, f"A cart holds at most {self.lines} lines.")

    def within_line(self, quantity: int, before: int = 0) -> None:
        """Raises `Refusal` limit-reached for more units than a line holds, unless there were more `before`."""
        if quantity > self.quantity and quantity > before:
            raise limit_reached("quantity", self.quantity, f"A line holds at most {self.quantity} units.")

    def within_size(self, size: int, before: Callable[[], int]) -> None:
        """Raises `Refusal` limit-reached for more bytes than a cart holds, unless there were as many `before`: that is
        counted only where it matters.
        """
        if size > self.size and size > before():
            raise limit_reached("bytes", self.size, f"A cart holds at most {self.size} bytes.")

    def own_link(self, url: str | None) -> str | None:
        """The URL where it leads to a host of the store's own, or one below it; None elsewhere."""
        if url is None or self.hosts is None:
            return url
        return url if leads_home(url, self.hosts) else None

    def sold_in(self, currency: str) -> None:
        """Raises `Refusal` currency-not-accepted where the store does not sell in it."""
        if self.currencies is not None and currency not in self.currencies:
            accepted = sorted(self.currencies)
            raise Refusal("currency-not-accepted", f"The store sells in {', '.join(accepted)}.", accepted=accepted)


WIDEST = Limits()
"""What every store keeps to; its own limits are only tighter."""

LimitsOf = Callable[[str], Limits]
"""The limits of a store, by its id, as they are now."""


def widest(_: str) -> Limits:
    """No store has limits of its own."""
    return WIDEST


def within_total(total: int) -> None:
    """Raises `Refusal` limit-reached for a total that programs could not read exactly."""
    if total > MAX_TOTAL:
        raise limit_reached("total", MAX_TOTAL, "The total of the cart is out of range.")
