"""Carts, lines and moments for tests, and strategies that make them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import strategies as st

from services.cart.domain.cart import Cart, Context, no_cart_yet
from services.cart.domain.commands import AddLine, Clear, Command, RemoveLine, SetQuantity, line_id
from services.cart.domain.decide import decide

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SKUS = [f"sku-{letter}" for letter in "abcdef"]
OPTIONS = [{}, {"size": "M"}, {"size": "L", "colour": "red"}]


def moment(seconds: float = 0, device: str | None = None) -> Context:
    """A moment with ids that can be foretold."""
    ids = count(1)
    return Context(NOON + timedelta(seconds=seconds), device, lambda: UUID(int=next(ids)))


def add(sku: str = "tea", quantity: int = 1, price: int = 500, currency: str = "EUR", **more) -> AddLine:
    return AddLine(sku=sku, quantity=quantity, price=price, currency=currency, title=sku.title(), **more)


def cart_of(*commands: Command, customer_id: str | None = "anna", cart_id: int = 7) -> Cart:
    """The cart after commands, a second apart."""
    cart = no_cart_yet("shop", customer_id, Context(NOON, None, lambda: UUID(int=cart_id)))
    for second, command in enumerate(commands):
        change = decide(cart, command, moment(second))
        cart = change.cart if change else cart
    return cart


def quantities(cart: Cart) -> dict[UUID, int]:
    return {line.line_id: line.quantity for line in cart.lines}


line_ids = st.sampled_from([line_id(sku, options) for sku in SKUS for options in OPTIONS])
adds = st.builds(
    add,
    sku=st.sampled_from(SKUS),
    quantity=st.integers(1, 999),
    price=st.integers(0, 10**12),
    currency=st.sampled_from(["EUR", "EUR", "EUR", "PLN"]),
    options=st.sampled_from(OPTIONS),
)
commands: st.SearchStrategy[Command] = st.one_of(
    adds,
    adds,
    st.builds(SetQuantity, line_ids, st.integers(0, 999)),
    st.builds(RemoveLine, line_ids),
    st.just(Clear()),
)
