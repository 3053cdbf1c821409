"""What was told of an order, in whatever order and however often, comes to one order."""

from datetime import datetime
from functools import reduce
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.events import OrderCancelled, OrderDelivered, OrderPlaced, OrderShipped
from services.trigger.domain.orders import CustomerOrder, OrderFact, fold, last_placed, skus_of
from tests.unit.trigger.making import T0, after, cart_id

FACTS: dict[str, Any] = {
    "order_id": "o-1",
    "store_id": "shop",
    "customer_id": "anna",
    "cart_id": cart_id("a"),
    "currency": "EUR",
    "total": 2500,
    "channel": "web",
    "placed_at": after(minutes=-5),
}


def placed(at: datetime = T0, **facts: Any) -> OrderPlaced:
    return OrderPlaced.model_validate({"event_id": uuid4(), "occurred_at": at} | FACTS | facts)


def became(kind: type[Any], at: datetime, status: str, **facts: Any) -> Any:
    told = {"event_id": uuid4(), "occurred_at": at, "happened_at": at, "status": status}
    return kind.model_validate(told | FACTS | facts)


def told(*events: OrderFact) -> CustomerOrder:
    order = reduce(fold, events, None)
    assert order is not None
    return order


def test_an_order_is_known_as_it_was_told() -> None:
    order = told(placed())
    assert order == CustomerOrder(
        store_id="shop",
        order_id="o-1",
        customer_id="anna",
        cart_id=cart_id("a"),
        placed_at=after(minutes=-5),
        currency="EUR",
        total=2500,
        status="placed",
        channel="web",
        first_told_at=T0,
        last_told_at=T0,
    )
    assert order.key == ("shop", "o-1")


def test_in_whatever_order_events_come_the_order_is_the_same() -> None:
    events = [
        placed(),
        became(OrderShipped, after(hours=1), "shipped"),
        became(OrderCancelled, after(hours=2), "shipped", total=1500),
        became(OrderDelivered, after(hours=3), "delivered", total=1500),
    ]
    orders = {told(*some) for some in permutations(events)}
    assert orders == {told(*events)}
    (order,) = orders
    assert (order.status, order.total, order.first_told_at, order.last_told_at) == (
        "delivered",
        1500,
        T0,
        after(hours=3),
    )


def test_the_same_again_changes_nothing() -> None:
    first, shipped = placed(), became(OrderShipped, after(hours=1), "shipped")
    order = told(first, shipped)
    assert fold(order, shipped) is order
    assert fold(order, first) is order


def test_what_had_waited_for_its_order_and_is_told_with_it_stands() -> None:
    """Both are of one instant."""
    first, shipped = placed(), became(OrderShipped, T0, "shipped")
    assert told(first, shipped, first).status == told(shipped, first).status == "shipped"


def test_what_an_order_is_of_is_told_by_its_lines_or_by_its_skus() -> None:
    both = placed(skus=("tea", "cup"), lines=({"sku": "pot", "units": 1},))
    assert skus_of(both) == {"pot"}
    assert skus_of(placed(skus=("tea", "cup"))) == {"tea", "cup"}
    assert skus_of(placed()) == frozenset()
    later = became(OrderShipped, T0, "shipped", lines=({"sku": "tea", "units": 2},))
    assert skus_of(later) == {"tea"}
    assert skus_of(became(OrderShipped, T0, "shipped")) == frozenset()


def test_an_order_of_nobody_is_none_until_somebody_is_named() -> None:
    assert fold(None, placed(customer_id=None)) is None
    again = placed(after(hours=1), told_before=True, status="placed", total=900)
    assert told(placed(customer_id=None), again).total == 900


def test_who_ordered_stays_known_and_so_does_all_that_a_later_event_leaves_out() -> None:
    silent = dict.fromkeys(("customer_id", "cart_id", "currency", "total", "channel", "placed_at"))
    order = told(placed(), became(OrderShipped, after(hours=1), "shipped", **silent))
    first = told(placed())
    assert (order.customer_id, order.cart_id, order.currency, order.total, order.channel, order.placed_at) == (
        first.customer_id,
        first.cart_id,
        first.currency,
        first.total,
        first.channel,
        first.placed_at,
    )


def test_what_an_older_event_alone_says_is_filled_in() -> None:
    lacking = became(
        OrderShipped, after(hours=1), "shipped", **dict.fromkeys(set(FACTS) - {"order_id", "store_id", "customer_id"})
    )
    order = told(lacking, placed())
    assert (order.cart_id, order.currency, order.total, order.channel) == (cart_id("a"), "EUR", 2500, "web")
    assert (order.placed_at, order.status, order.last_told_at) == (after(minutes=-5), "shipped", after(hours=1))


def test_an_older_event_changes_nothing_that_is_known() -> None:
    order = told(
        became(OrderShipped, after(hours=1), "shipped", total=0), placed(total=7, currency="PLN", channel="pos")
    )
    assert (order.total, order.currency, order.channel, order.placed_at) == (0, "EUR", "web", after(minutes=-5))


def test_an_order_that_says_no_time_was_placed_when_it_was_told() -> None:
    assert told(placed(placed_at=None)).placed_at == T0
    later = became(OrderShipped, after(hours=1), "shipped", placed_at=None)
    assert told(later, placed(placed_at=None)).placed_at == T0


def test_placed_anew_it_counts_again() -> None:
    failed = became(OrderCancelled, after(hours=1), "cancelled")
    anew = placed(after(hours=2), told_before=True, status="placed", placed_at=after(hours=2), total=900)
    order = told(placed(), failed, anew)
    assert (order.status, order.placed_at, order.total) == ("placed", after(hours=2), 900)
    assert not told(placed(), failed).counts
    assert order.counts


def test_told_again_without_a_status_it_stands_where_it_stood() -> None:
    """As an older release tells what does not agree."""
    shipped = became(OrderShipped, after(hours=1), "shipped")
    assert told(placed(), shipped, placed(after(hours=2), told_before=True)).status == "shipped"


@pytest.mark.parametrize(("status", "counts"), [("placed", True), ("shipped", True), ("delivered", True)])
def test_what_was_bought_counts(status: str, counts: bool) -> None:
    assert told(placed(), became(OrderShipped, after(hours=1), status)).counts is counts


@pytest.mark.parametrize("status", ["cancelled", "returned", "payment_failed"])
def test_what_came_to_nothing_is_taken_off(status: str) -> None:
    gone, kept = told(placed(), became(OrderCancelled, after(hours=1), status)), told(placed(placed_at=after(hours=-9)))
    assert not gone.counts
    assert last_placed([kept, gone]) == after(hours=-9)
    assert last_placed([gone]) is None
    assert last_placed([kept, told(placed())]) == after(minutes=-5)
