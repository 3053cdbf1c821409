"""The kinds of campaigns whose reminders can be sent, one line each; one of any other kind fails: `unknown_kind`."""

from services.notifier.domain.kinds.abandoned_cart import ABANDONED_CART
from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.kinds.low_stock import LOW_STOCK

KINDS: dict[str, Kind] = {
    "abandoned_cart": ABANDONED_CART,
    "low_stock": LOW_STOCK,
}


def transactional() -> list[str]:
    """The kinds that caps do not count."""
    return [name for name, kind in KINDS.items() if kind.purpose == "transactional"]


def of_latest_carts() -> list[str]:
    """The kinds that tell one address of one cart at a time."""
    return [name for name, kind in KINDS.items() if kind.latest_cart_only]
