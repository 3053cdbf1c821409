"""When a cart has been left alone for so long that it is over, and how long a store keeps what is over. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.contracts.events import CartExpired
from services.cart.domain.cart import Cart, Change, Context, close_cart


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long carts of a store live after their last change, and how long closed ones are kept."""

    customer: timedelta = timedelta(days=90)
    guest: timedelta = timedelta(days=30)
    empty: timedelta = timedelta(days=1)
    closed: timedelta = timedelta(days=400)

    def of(self, *, guest: bool, empty: bool) -> timedelta:
        """How long an active cart of this kind lives; what is empty never lives longer than what is not."""
        full = self.guest if guest else self.customer
        return min(self.empty, full) if empty else full


def is_over(lifetime: Lifetime, *, guest: bool, empty: bool, touched: datetime, now: datetime) -> bool:
    """Whether a cart that was last changed at `touched` has come to its end; at the very instant it has not yet."""
    return now - touched > lifetime.of(guest=guest, empty=empty)


def expire_cart(cart: Cart, lifetime: Lifetime, context: Context) -> Change | None:
    """The cart closed by time, or None where it lives on. What is saved for later keeps a cart from being empty."""
    empty = not cart.lines and not cart.saved
    if not is_over(lifetime, guest=cart.customer_id is None, empty=empty, touched=cart.updated_at, now=context.now):
        return None
    return close_cart(cart, "expired", CartExpired, context)


@dataclass(frozen=True, slots=True)
class Spans:
    """Since an order was placed, something was changed, an erasure was asked for."""

    orders: timedelta
    audit: timedelta
    erasures: timedelta
