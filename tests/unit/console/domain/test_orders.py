"""What one event says of an order."""

from services.console.domain.orders import GONE, fact
from tests.unit.console.making import at, named, placed, returned


def test_an_order_that_is_placed_happened_when_it_was_placed() -> None:
    said = fact(placed("A1", at(hours=1), placed_at=at(), cart_id=named("c"), channel="pos"))
    assert (said.what, said.status, said.happened_at, said.placed_at) == ("placed", "placed", at(), at())
    assert (said.told_at, said.total, said.currency, said.customer_id) == (at(hours=1), 2000, "EUR", "anna")
    assert (said.store_id, said.order_id, said.cart_id, said.channel) == ("shop", "A1", named("c"), "pos")


def test_an_order_of_which_nobody_says_when_happened_when_it_was_told() -> None:
    said = fact(placed("A1", at(hours=1), placed_at=None, status="shipped"))
    assert (said.happened_at, said.placed_at, said.status) == (at(hours=1), None, "shipped")


def test_what_becomes_of_an_order_happens_when_the_shop_says() -> None:
    event = returned("A1", at(days=2), happened_at=at(days=1))
    said = fact(event)
    assert (said.event_id, said.what, said.happened_at, said.told_at) == (
        event.event_id,
        "returned",
        at(days=1),
        at(days=2),
    )
    assert said.status in GONE
    assert "delivered" not in GONE
