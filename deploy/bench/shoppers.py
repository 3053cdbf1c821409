"""What the benchmark's shoppers do: each cart gets a few lines, then comes the next customer. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.contracts.events import LineAdded
from libs.runtime.ids import uuid7

STORE, CURRENCY = "bench", "EUR"
JWT_KEY, TOKEN_SECRET = "bench-jwt-key-of-at-least-32-bytes", "bench-token-secret-of-at-least-32"
SERVER_KEY = "sk_bench-server-key-of-at-least-32-bytes"
LOOK_KEY = "sk_bench-look-key-of-at-least-32-bytes"
LINES = 5
WARM = 3_000
"""Carts and holders before those that count: with them every connection plans its statements, which it does once."""
_PRICE = 1990


@dataclass(frozen=True, slots=True)
class Adding:
    """A customer adds one unit of an item; `body` is the request's JSON document."""

    customer_id: str
    body: dict[str, str | int]


def adding(round_tag: str, caller: int, count: int, lines: int = LINES) -> Iterator[Adding]:
    """So many adds of one caller; no two callers and no two rounds share a customer."""
    for number in range(count):
        cart, line = divmod(number, lines)
        body: dict[str, str | int] = {"sku": f"sku-{line}", "title": f"Thing number {line}", "price": _PRICE + line}
        yield Adding(customer(round_tag, caller, cart), body | {"currency": CURRENCY, "quantity": 1})


def customer(round_tag: str, caller: int, cart: int) -> str:
    """A customer's id."""
    return f"{round_tag}-{caller}-{cart}"


def events(carts: int, occurred_at: datetime, lines: int = LINES) -> list[LineAdded]:
    """The events of so many carts that get their lines one after the other."""
    found: list[LineAdded] = []
    for number in range(carts):
        cart_id, customer_id = uuid7(), customer("events", 0, number)
        found += [_event(cart_id, customer_id, line, occurred_at) for line in range(lines)]
    return found


def _event(cart_id: UUID, customer_id: str, line: int, occurred_at: datetime) -> LineAdded:
    return LineAdded(
        event_id=uuid7(),
        occurred_at=occurred_at,
        cart_id=cart_id,
        store_id=STORE,
        customer_id=customer_id,
        cart_version=line + 1,
        currency=CURRENCY,
        total=sum(_PRICE + n for n in range(line + 1)),
        units=line + 1,
        holds={f"sku-{n}": 1 for n in range(line + 1)},
        device="bench",
        line_id=uuid7(),
        sku=f"sku-{line}",
        added=1,
        quantity=1,
    )
