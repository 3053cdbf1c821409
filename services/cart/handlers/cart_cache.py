"""Carts that this process saw last: guesses that save a read, never the truth."""

from uuid import UUID

from cachetools import LRUCache
from prometheus_client import Counter

from services.cart.domain.cart import Cart
from services.cart.domain.shopper import Shopper

MAX_WEIGHT = 50_000
"""Bound of the cache in lines, an empty cart counting as one; a line with its texts is about 1 kB."""

GUESSES = Counter("evercart_cart_guesses_total", "Commands by whether the cart was in the cache", ["outcome"])
_HIT, _MISS = GUESSES.labels("hit"), GUESSES.labels("miss")


class CartCache:
    """A least-recently-used cache. What it says may be stale: the compare-and-swap decides."""

    def __init__(self, max_weight: int = MAX_WEIGHT) -> None:
        self._carts: LRUCache[Shopper, Cart] = LRUCache(max_weight, getsizeof=_weight)

    def get(self, shopper: Shopper) -> Cart | None:
        """The active cart that this shopper was last seen with."""
        cart = self._carts.get(shopper)
        if cart is None:
            _MISS.inc()
            return None
        _HIT.inc()
        return cart

    def known(self, shopper: Shopper) -> Cart | None:
        """The same; it counts only once it is known to be of use (`count`)."""
        return self._carts.get(shopper)

    def count(self, *, hit: bool) -> None:
        """A command was guessed on what `known` gave."""
        (_HIT if hit else _MISS).inc()

    def cart_id(self, shopper: Shopper) -> tuple[UUID, ...]:
        """The id of the cart that this shopper was last seen with, if there is one."""
        cart = self._carts.get(shopper)
        return (cart.cart_id,) if cart else ()

    def put(self, shopper: Shopper, cart: Cart | None) -> None:
        """Remembers the active cart of a shopper, or that there is none."""
        if cart is None or _weight(cart) > self._carts.maxsize:
            self._carts.pop(shopper, None)
        else:
            self._carts[shopper] = cart


def _weight(cart: Cart) -> int:
    return 1 + len(cart.lines) + len(cart.saved)
