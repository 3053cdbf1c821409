"""When what is said of an order, or after one, no longer holds."""

from datetime import timedelta
from typing import Any

import pytest

from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.relevance import why_not
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotOrder
from tests.unit.notifier.making import NOON, line, reminder, snapshot

STATUSES = ("placed", "payment_failed", "shipped", "delivered", "cancelled", "returned")
HOLDS = {
    "order_confirmed": {"placed", "shipped", "delivered"},
    "order_shipped": {"placed", "shipped"},
    "order_delivered": {"placed", "shipped", "delivered"},
    "order_cancelled": {"cancelled", "returned"},
    "order_partly_cancelled": {"placed", "shipped", "delivered"},
    "order_returned": {"placed", "shipped", "delivered", "cancelled", "returned"},
    "post_purchase": {"placed", "shipped", "delivered"},
}


def of_order(kind: str, **known: Any) -> Reminder:
    about: dict[str, Any] = {"cart_id": None, "cart_version": None, "order_id": "o-1", "template": kind, "kind": kind}
    return reminder(**(about | known))


def seen(status: str = "placed", **known: Any) -> CartSnapshot:
    order = SnapshotOrder(order_id="o-1", status=status, placed_at=NOON, currency="EUR", lines=(line(),), **known)
    return snapshot().model_copy(update={"order": order})


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("kind", HOLDS)
def test_a_message_of_an_order_holds_while_the_order_stands_where_it_says(kind: str, status: str):
    expected = None if status in HOLDS[kind] else status
    assert why_not(of_order(kind), seen(status)) == expected


@pytest.mark.parametrize("kind", HOLDS)
def test_an_order_that_is_not_theirs_is_told_of_to_nobody(kind: str):
    assert why_not(of_order(kind), snapshot()) == "unknown_order"
    assert KINDS[kind].lines(of_order(kind), snapshot()) == ()


def test_messages_of_an_order_are_transactional_and_what_comes_after_it_is_not():
    of_purpose = {name for name, kind in KINDS.items() if kind.purpose == "transactional"}
    assert of_purpose == set(HOLDS) - {"post_purchase"} | {"shop_notice", "monthly_confirmation"}


def test_the_button_leads_to_the_parcel_where_that_is_known_and_else_to_the_shop():
    kind = KINDS["order_shipped"]
    tracked = seen(tracking_url="https://parcels.example/1")
    assert kind.leads_to(of_order("order_shipped"), tracked) == "https://parcels.example/1"
    assert kind.leads_to(of_order("order_shipped"), seen()) == "https://shop.example/r/r1_token"
    assert kind.counted(of_order("order_shipped"), tracked) == 2


@pytest.mark.parametrize(("ordered", "reason"), [(None, None), (0, None), (-1, None), (1, "ordered")])
def test_whoever_ordered_since_is_not_won_back(ordered: int | None, reason: str | None):
    began = NOON - timedelta(days=60)
    last = None if ordered is None else began + timedelta(microseconds=ordered)
    empty = snapshot(units=0).model_copy(update={"ordered_at": last})
    assert why_not(of_order("win_back", quiet_since=began, order_id=None), empty) == reason


def test_whoever_has_goods_in_their_cart_is_another_campaigns():
    assert why_not(of_order("win_back", quiet_since=NOON), snapshot()) == "cart_active"
    assert why_not(of_order("win_back"), snapshot(units=0)) is None


def test_a_message_to_win_somebody_back_shows_no_units():
    assert KINDS["win_back"].counted(of_order("win_back"), snapshot()) == 0
