"""The commands of the benchmark's shoppers: each cart gets a few lines, then comes the next customer. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.cart.domain.commands import AddLine

STORE, CURRENCY = "bench", "EUR"
JWT_KEY, TOKEN_SECRET = "bench-jwt-key-of-at-least-32-bytes", "bench-token-secret-of-at-least-32"
LINES = 5


@dataclass(frozen=True, slots=True)
class Adding:
    """A customer adds one unit of an item."""

    customer_id: str
    command: AddLine


def adding(round_tag: str, caller: int, count: int) -> Iterator[Adding]:
    """So many adds of one caller; no two callers and no two rounds share a customer."""
    for number in range(count):
        cart, line = divmod(number, LINES)
        item = {"sku": f"sku-{line}", "title": f"Thing number {line}", "price": 1990 + line, "currency": CURRENCY}
        yield Adding(customer(round_tag, caller, cart), AddLine.model_validate(item | {"quantity": 1}))


def customer(round_tag: str, caller: int, cart: int) -> str:
    """A customer's id."""
    return f"{round_tag}-{caller}-{cart}"
