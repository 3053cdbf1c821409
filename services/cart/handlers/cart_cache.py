"""Carts that this process saw last: guesses that save a read, never the truth."""

from collections import OrderedDict
from uuid import UUID

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
        self._max_weight, self._weight = max_weight, 0
        self._carts: OrderedDict[Shopper, Cart] = OrderedDict()

    def get(self, shopper: Shopper) -> Cart | None:
        """The active cart that this shopper was last seen with."""
        cart = self._carts.get(shopper)
        if cart is None:
            _MISS.inc()
            return None
        _HIT.inc()
        self._carts.move_to_end(shopper)
        return cart

    def cart_id(self, shopper: Shopper) -> tuple[UUID, ...]:
        """The id of the cart that this shopper was last seen with, if there is one."""
        cart = self._carts.get(shopper)
        return (cart.cart_id,) if cart else ()

    def put(self, shopper: Shopper, cart: Cart | None) -> None:
        """Remembers the active cart of a shopper, or that there is none."""
        before = self._carts.pop(shopper, None)
        self._weight -= _weight(before)
        if cart is None:
            return
        self._carts[shopper] = cart
        self._weight += _weight(cart)
        while self._weight > self._max_weight:
            _, dropped = self._carts.popitem(last=False)
            self._weight -= _weight(dropped)


def _weight(cart: Cart | None) -> int:
    return 0 if cart is None else 1 + len(cart.lines) + len(cart.saved)
