"""What an event of an order begins and ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import (
    CartEvent,
    CartLine,
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderPaymentFailed,
    OrderPlaced,
    OrderReturned,
    OrderShipped,
)
from libs.runtime.ids import uuid7
from services.trigger.domain.occasion_changes import changes_of, changes_of_cart
from services.trigger.domain.occasions import Begun, Change, Ended
from tests.unit.trigger.making import added, ordered

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
BEFORE = AT - timedelta(hours=2)
FACTS = {"order_id": "o-1"}
AHEAD = ("placed", "shipped", "delivered", "partly_cancelled")
STATUS = {
    OrderShipped: "shipped",
    OrderDelivered: "delivered",
    OrderCancelled: "cancelled",
    OrderReturned: "returned",
    OrderPaymentFailed: "payment_failed",
}


def key(subject: str, subject_id: str = "o-1") -> tuple[str, str, str]:
    return ("shop", subject, subject_id)


def placed(**known: Any) -> OrderPlaced:
    told = {"event_id": uuid7(), "occurred_at": AT, "order_id": "o-1", "store_id": "shop", "customer_id": "anna"}
    return OrderPlaced.model_validate(told | known)


def happened(kind: type[OrderEvent], **known: Any) -> list[Change]:
    told = {"event_id": uuid7(), "occurred_at": AT, "happened_at": BEFORE, "order_id": "o-1", "store_id": "shop"}
    return list(changes_of(kind.model_validate(told | {"customer_id": "anna", "status": STATUS[kind]} | known)))


def test_an_order_is_one_of_its_own_and_its_customers_last():
    assert list(changes_of(placed(placed_at=BEFORE))) == [
        Begun(key("order.placed"), "anna", BEFORE, FACTS, again=False),
        Begun(key("customer.ordered", "anna"), "anna", BEFORE),
    ]


def test_an_order_counts_from_when_it_was_told_where_the_shop_says_nothing_or_later():
    for said in (None, AT + timedelta(hours=1)):
        assert {one.since for one in changes_of(placed(placed_at=said)) if isinstance(one, Begun)} == {AT}


def test_an_order_that_is_told_again_begins_only_what_had_come_to_nothing():
    first, _ = changes_of(placed(told_before=True, placed_at=BEFORE))
    assert first == Begun(key("order.placed"), "anna", AT, FACTS, again=False)


@pytest.mark.parametrize("status", ["cancelled", "returned", "payment_failed"])
def test_an_order_that_came_to_nothing_is_not_told_as_new(status: str):
    assert list(changes_of(placed(told_before=True, status=status))) == []


def test_nobodys_order_begins_nothing():
    assert list(changes_of(placed(customer_id=None))) == []
    assert happened(OrderShipped, customer_id=None) == []


@pytest.mark.parametrize("kind", [OrderShipped, OrderDelivered])
def test_what_happened_counts_from_when_it_did(kind: type[OrderEvent]):
    assert happened(kind) == [Begun(key(kind.type), "anna", BEFORE, FACTS)]
    assert happened(kind, happened_at=AT + timedelta(hours=1)) == [Begun(key(kind.type), "anna", AT, FACTS)]


@pytest.mark.parametrize("kind", [OrderCancelled, OrderReturned])
def test_an_order_that_is_over_ends_what_was_ahead_of_it(kind: type[OrderEvent]):
    ended = [Ended(key(f"order.{one}"), STATUS[kind], AT) for one in AHEAD]
    assert happened(kind) == [*ended, Begun(key(kind.type), "anna", BEFORE, FACTS)]


def test_a_part_that_is_cancelled_is_told_as_such_and_the_rest_goes_on():
    """Story: half of an order was cancelled, and its customer heard of it when the parcel came."""
    part = [Begun(key("order.partly_cancelled"), "anna", BEFORE, FACTS)]
    for status in ("placed", "shipped", "delivered"):
        assert happened(OrderCancelled, status=status, goods={"mug": 1}) == part
    assert happened(OrderReturned, status="delivered", goods={"mug": 1}) == [
        Begun(key("order.returned"), "anna", BEFORE, FACTS)
    ]


def test_an_order_that_was_not_paid_ends_and_is_told_by_no_message():
    assert happened(OrderPaymentFailed) == [Ended(key(f"order.{one}"), "payment_failed", AT) for one in AHEAD]


@pytest.mark.parametrize("kind", list(STATUS))
def test_what_can_not_be_tells_nobody_anything(kind: type[OrderEvent]):
    """Story: cancelled after it was shipped: somebody looks first."""
    assert happened(kind, mismatch="status") == []


TEA, ASIDE = CartLine("tea", 1, 500), CartLine("jam", 1, 300, saved=True, currency="EUR")


def cart(**known: Any) -> CartEvent:
    told = {"changed": ("saved",), "lines": (TEA, ASIDE), "customer_id": "anna"} | known
    return added("a", told.pop("cart_version", 2), AT).model_copy(update=told)


SAVED = ("shop", "cart.saved", str(cart().cart_id))


def test_a_guest_who_has_left_an_address_is_told_under_that_name() -> None:
    of_guest = cart(customer_id=None, recipient_id="guest:1", changed=("contact",))
    assert list(changes_of_cart(of_guest)) == [Begun(SAVED, "guest:1", AT)]


@pytest.mark.parametrize("known", [{}, {"changed": ("goods", "saved")}, {"changed": ("owner",)}])
def test_what_is_set_aside_begins_with_each_change_of_it_and_with_a_log_in(known: Any) -> None:
    assert list(changes_of_cart(cart(**known))) == [Begun(SAVED, "anna", AT)]


def test_a_new_cart_may_be_born_with_something_aside() -> None:
    assert list(changes_of_cart(cart(cart_version=1, changed=("goods",)))) == [Begun(SAVED, "anna", AT)]


@pytest.mark.parametrize(
    "known",
    [
        {"changed": ("goods",)},
        {"changed": ("notes", "prices")},
        {"changed": None},
        {"lines": None},
        {"origin": "staff"},
    ],
    ids=["goods", "notes", "of an older release", "without lines", "by staff"],
)
def test_other_changes_and_those_of_no_shopper_say_nothing_of_it(known: Any) -> None:
    assert list(changes_of_cart(cart(**known))) == []


@pytest.mark.parametrize("known", [{"lines": (TEA,)}, {"lines": ()}, {"customer_id": None}])
def test_it_ends_where_nothing_is_aside_or_nobody_is_known(known: Any) -> None:
    assert list(changes_of_cart(cart(**known))) == [Ended(SAVED, "nothing_saved", AT)]


def test_it_ends_with_the_cart() -> None:
    assert list(changes_of_cart(ordered("a", 3, AT))) == [Ended(SAVED, "cart_gone", AT)]
