"""Who has an open cart with goods while recorded events pass by. Pure."""

from collections import Counter
from uuid import UUID

from services.trigger.domain.carts import CartState
from services.trigger.domain.orders import Customer


class FullCarts:
    """Counts them by customer: nothing is kept of carts that are empty, closed, or nobody's."""

    def __init__(self) -> None:
        self._owners: dict[UUID, Customer] = {}
        self._carts: Counter[Customer] = Counter()

    def cart_changed(self, after: CartState) -> None:
        """Takes in what a cart is now."""
        before = self._owners.pop(after.cart_id, None)
        if before is not None:
            self._carts[before] -= 1
            if not self._carts[before]:
                del self._carts[before]
        if after.customer_id is not None and after.units and not after.closed:
            self._owners[after.cart_id] = owner = (after.store_id, after.customer_id)
            self._carts[owner] += 1

    def of(self, customer: Customer) -> bool:
        """Whether a customer has one."""
        return customer in self._carts
