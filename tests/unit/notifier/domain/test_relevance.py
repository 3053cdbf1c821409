"""Does what the reminder says still hold?"""

from datetime import timedelta
from uuid import UUID

import pytest

from services.notifier.domain.relevance import outdated, why_not
from services.notifier.domain.snapshot import SnapshotRecipient
from tests.unit.notifier.making import NOON, contact, line, low_stock, reminder, snapshot


def test_an_unchanged_cart_holds():
    assert why_not(reminder(), snapshot()) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "ordered"}, "ordered"),
        ({"status": "merged"}, "cart_changed"),
        ({"status": "expired"}, "cart_gone"),
        ({"lines": (), "units": 0}, "emptied"),
        ({"units": 0}, "emptied"),
        ({"lines": ()}, "emptied"),
        ({"version": 4}, "cart_changed"),
        ({"version": 2}, "cart_changed"),
        ({"customer_id": None}, "cart_gone"),
        ({"customer_id": "bert"}, "cart_gone"),
        ({"store_id": "other"}, "cart_gone"),
        ({"id": UUID(int=5)}, "cart_gone"),
        ({"customer_id": "bert", "status": "ordered"}, "cart_gone"),
    ],
)
def test_anything_else_does_not(change, reason):
    assert why_not(reminder(), snapshot(**change)) == reason


@pytest.mark.parametrize(
    ("customer", "recipient", "reason"),
    [
        (None, "guest:0f", None),
        (None, "guest:aa", "cart_gone"),
        (None, None, "cart_gone"),
        ("anna", "guest:0f", "cart_gone"),
    ],
)
def test_of_a_guests_cart_it_holds_for_whom_the_guest_has_named(customer, recipient, reason):
    """Whoever logs in meanwhile has the cart, and the guest's reminder ends."""
    look = snapshot(customer_id=customer).model_copy(update={"recipient_id": recipient})
    assert why_not(reminder(customer_id="guest:0f"), look) == reason


@pytest.mark.parametrize(
    ("version", "goods_version", "reason"),
    [(3, 3, None), (9, 3, None), (4, 4, "cart_changed"), (9, 2, None)],  # the last: named by an older trigger
)
def test_a_note_since_then_does_not_cancel_and_other_goods_do(version, goods_version, reason):
    look = snapshot(version=version).model_copy(update={"goods_version": goods_version})
    assert why_not(reminder(), look) == reason


@pytest.mark.parametrize("goods_version", [None, 1])
def test_a_reminder_that_names_no_goods_holds_of_none(goods_version):
    look = snapshot(version=1).model_copy(update={"goods_version": goods_version})
    assert why_not(reminder(cart_version=None), look) == "cart_changed"


def test_whoever_has_ordered_since_is_not_reminded_whatever_the_cart_is_like():
    look = snapshot().model_copy(update={"goods_version": 3, "silent_since": NOON})
    assert why_not(reminder(), look) == "ordered"


@pytest.mark.parametrize(
    ("exit_on", "reason"),
    [
        (None, "ordered"),
        (("order.placed",), "ordered"),
        (("cart.emptied", "order.placed"), "ordered"),
        ((), None),
        (("cart.emptied",), None),
    ],
)
def test_an_order_elsewhere_ends_it_unless_its_campaign_says_otherwise(exit_on, reason):
    """Story: a renewal of a subscription ended the reminder of a full cart at the last look."""
    look = snapshot().model_copy(update={"goods_version": 3, "silent_since": NOON})
    assert why_not(reminder(exit_on=exit_on), look) == reason


def test_of_a_campaign_that_no_order_ends_other_goods_and_the_cart_s_own_order_still_do():
    look = snapshot(version=4).model_copy(update={"goods_version": 4, "silent_since": NOON})
    assert why_not(reminder(exit_on=()), look) == "cart_changed"
    assert why_not(reminder(exit_on=()), snapshot(status="ordered")) == "ordered"
    gone = snapshot(inventory={"mug": 0}).model_copy(update={"silent_since": NOON})
    assert why_not(reminder(exit_on=()), gone) == "sold_out"


def test_a_shortage_from_before_the_order_is_not_told_and_one_from_after_it_is():
    item = low_stock()
    look = snapshot().model_copy(update={"silent_since": item.due_at})
    assert why_not(item, look) == "ordered"
    earlier = look.model_copy(update={"silent_since": item.due_at - timedelta(seconds=1)})
    assert why_not(item, earlier) is None


def test_a_cart_that_nobody_knows_does_not_hold():
    assert why_not(reminder(), None) == "cart_gone"


@pytest.mark.parametrize(
    ("level", "reason"), [(0, "sold_out"), (1, None), (5, None), (6, "restocked"), (None, "level_unknown")]
)
def test_a_shortage_holds_from_one_to_its_threshold(level, reason):
    assert why_not(low_stock(), snapshot(inventory={"mug": level})) == reason


def test_a_shortage_of_what_is_not_in_the_cart_any_more_does_not_hold():
    assert why_not(low_stock(), snapshot(line("jug"), inventory={"mug": 1})) == "not_in_cart"


def test_a_shortage_does_not_care_for_other_changes_of_the_cart():
    assert why_not(low_stock(), snapshot(version=17)) is None


def test_a_shortage_without_a_threshold_has_the_design_s():
    assert why_not(low_stock(threshold=None), snapshot(inventory={"mug": 8})) is None
    assert why_not(low_stock(threshold=None), snapshot(inventory={"mug": 9})) == "restocked"


def test_a_cart_of_which_nothing_can_be_ordered_is_not_reminded_of():
    both = snapshot(line(), line("jug"), inventory={"mug": 0, "jug": -1})
    assert why_not(reminder(), both) == "sold_out"
    assert why_not(reminder(), snapshot(line(), line("jug"), inventory={"mug": 0, "jug": 1})) is None
    assert why_not(reminder(), snapshot(line(), inventory={})) is None


@pytest.mark.parametrize("kind", ["abandoned_cart", "abandoned_checkout"])
def test_nobody_is_reminded_of_sold_out_goods_or_of_a_total_of_zero(kind: str) -> None:
    """Story: a free sample was the only thing in the cart, and its owner was asked to come back for 0.00 EUR."""
    free, mug = line("sample", price=0, total=0), line()
    assert why_not(reminder(kind=kind), snapshot(mug, inventory={"mug": 0})) == "sold_out"
    assert why_not(reminder(kind=kind), snapshot(free, inventory={"sample": 9})) == "worth_nothing"
    assert why_not(reminder(kind=kind), snapshot(free, mug, inventory={"sample": 9, "mug": 3})) is None
    assert why_not(reminder(kind=kind), snapshot(free, mug, inventory={"sample": 9, "mug": 0})) == "worth_nothing"


def test_whoever_has_not_said_yes_on_the_channel_is_not_written_to():
    known = SnapshotRecipient(profile_version=3, reach={"email": True}, consent={})
    assert why_not(reminder(), snapshot().model_copy(update={"recipient": known})) == "no_consent"
    unknown = known.model_copy(update={"reach": {}})
    assert why_not(reminder(), snapshot().model_copy(update={"recipient": unknown})) == "no_contact"


@pytest.mark.parametrize(("version", "older"), [(2, False), (3, False), (4, True)])
def test_a_profile_is_outdated_where_the_cart_service_knows_a_newer_one(version, older):
    known = SnapshotRecipient(profile_version=version, reach={}, consent={})
    mine = contact(version=3)
    assert outdated(mine, snapshot().model_copy(update={"recipient": known})) is older
    assert not outdated(mine, snapshot().model_copy(update={"recipient": None}))
