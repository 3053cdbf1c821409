"""How much is too much. A limit that a shopper can meet is told in the problem document."""

from services.cart.refusals import Refusal

MAX_LINES = 500
MAX_QUANTITY = 999
MAX_PRICE = 10**12
"""Minor units of one piece; leaves room for currencies with small units."""
MAX_TOTAL = 2**53 - 1
"""Minor units of a cart: the largest integer that JavaScript reads exactly."""
MAX_BODY = 64 * 1024
"""Bytes of a shopper's request."""
MAX_SERVER_BODY = 512 * 1024
"""Bytes of a request with a secret key: an order of 500 lines, 1,000 levels."""
MAX_LEVELS = 1000
MAX_AVAILABLE = 10**9
CARTS_PAGE = 50
AUDIT_PAGE = 100
MAX_ATTRIBUTES = 20
MAX_NOTICES = 500


def within_line(quantity: int) -> None:
    """Raises `Refusal` limit-reached for more units than a line holds."""
    if quantity > MAX_QUANTITY:
        raise Refusal("limit-reached", f"A line holds at most {MAX_QUANTITY} units.", limit=MAX_QUANTITY)


def within_total(total: int) -> None:
    """Raises `Refusal` limit-reached for a total that programs could not read exactly."""
    if total > MAX_TOTAL:
        raise Refusal("limit-reached", "The total of the cart is out of range.", limit=MAX_TOTAL)
