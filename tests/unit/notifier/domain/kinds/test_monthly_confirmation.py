"""Which product may come every month, and what asks for the yes to that."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import LowItem
from services.notifier.domain.confirmation import LATENESS, LINK_DAYS, PER
from services.notifier.domain.kinds.monthly_confirmation import (
    ASKED_DAYS,
    ASKED_WITH,
    KIND,
    UNCONFIRMED_DAYS,
    asks_for_yes,
    products_of,
)
from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.relevance import why_not
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine, SnapshotOrder
from tests.unit.notifier.making import NOON, line, reminder, snapshot

WISH = ("demo", "anna", "o-1")


def order(*lines: SnapshotLine, status: str = "delivered") -> SnapshotOrder:
    return SnapshotOrder(order_id="o-1", status=status, placed_at=NOON, currency="EUR", lines=lines)


def seen(*lines: SnapshotLine, status: str = "delivered") -> CartSnapshot:
    return snapshot().model_copy(update={"order": order(*lines, status=status)})


def asking(**known: Any) -> Reminder:
    about: dict[str, Any] = {"kind": KIND, "template": KIND, "cart_id": None, "cart_version": None, "order_id": "o-1"}
    return reminder(**(about | {"sku": "mug"} | known))


def skus(found: SnapshotOrder | None, *marked: str) -> list[str]:
    return [one.sku for one in products_of(found, marked)]


def test_where_a_store_marks_none_the_only_product_of_an_order_may_come_again():
    assert skus(order(line("mug"), line("mug", quantity=1))) == ["mug"]
    assert skus(order(line("mug"), line("jug"))) == []
    assert skus(order()) == []
    assert skus(None) == skus(None, "mug") == []


@pytest.mark.parametrize(
    ("marked", "found"),
    [
        (("beans",), ["beans"]),
        (("beans-*",), ["beans-2"]),
        (("beans*",), ["beans", "beans-2"]),
        (("filter", "beans"), ["beans", "filter"]),
        (("*",), ["beans", "mug", "beans-2", "filter"]),
        (("tea", "BEANS", "bean", "ug*"), []),
    ],
)
def test_what_a_store_has_marked_may_come_again_in_the_order_of_the_order_each_once(
    marked: tuple[str, ...], found: list[str]
):
    lines = (line("beans"), line("mug"), line("beans-2"), line("beans", quantity=9), line("filter"))
    assert skus(order(*lines), *marked) == found
    assert skus(order(line("mug")), "beans") == [], "nor is the only one asked of that is not"


def test_one_letter_asks_of_ten_products_at_most():
    many = order(*(line(f"beans-{n}") for n in range(12)))
    assert skus(many, "beans-*") == [f"beans-{n}" for n in range(10)]


@pytest.mark.parametrize(
    ("status", "stands"),
    [
        ("placed", True),
        ("shipped", True),
        ("delivered", True),
        ("payment_failed", False),
        ("cancelled", False),
        ("returned", False),
    ],
)
def test_an_order_that_stands_no_more_asks_nothing_and_nobody_confirms_it(status: str, stands: bool):
    assert skus(order(line("mug"), status=status)) == skus(order(line("mug"), status=status), "*") == ["mug"] * stands
    assert why_not(asking(), seen(line("mug"), status=status)) == (None if stands else status)


def test_the_yes_is_asked_for_by_a_letter_about_the_product_of_the_order_within_the_hour():
    asked = asks_for_yes(WISH, ("mug",), 1, NOON)
    assert (asked.store_id, asked.customer_id, asked.order_id, asked.sku) == (*WISH, "mug")
    assert asked.kind == asked.campaign == asked.template == KIND == "monthly_confirmation"
    assert (asked.channel, asked.step, asked.cart_id) == ("email", 1, None)
    assert (asked.occurred_at, asked.due_at, asked.expires_at) == (NOON, NOON, NOON + LATENESS)
    assert asked.also_low is None


def test_of_several_products_it_is_one_letter():
    asked = asks_for_yes(WISH, ("mug", "jug", "pot"), 1, NOON)
    assert (asked.sku, asked.also_low) == ("mug", (LowItem(sku="jug"), LowItem(sku="pot")))
    both = seen(line("jug", quantity=5), line("mug", quantity=2), line("pan"))
    of_two = asking(also_low=(LowItem(sku="jug"),))
    assert [one.sku for one in KINDS[KIND].lines(of_two, both)] == ["jug", "mug"]
    assert KINDS[KIND].counted(of_two, both) == 7
    assert why_not(of_two, both) is None
    assert why_not(of_two, seen(line("mug"))) == "returned", "what it would ask of is not what was wished for"


def test_the_same_question_is_one_message_and_another_is_another():
    first = asks_for_yes(WISH, ("mug",), 1, NOON)
    assert asks_for_yes(WISH, ("mug",), 1, NOON) == first
    others = [
        asks_for_yes(WISH, ("mug",), 2, NOON),
        asks_for_yes(WISH, ("mug",), 1, NOON + timedelta(days=31)),
        *(asks_for_yes(who, ("mug",), 1, NOON) for who in (("b", "anna", "o-1"), ("demo", "b", "o-1"))),
        asks_for_yes(("demo", "anna", "o-2"), ("mug",), 1, NOON),
    ]
    made = [first, *others]
    assert len({one.reminder_id for one in made}) == len({one.event_id for one in made}) == 6
    assert first.reminder_id != first.event_id


def test_it_shows_the_product_alone_and_is_over_where_that_went_back():
    kind, both = KINDS[KIND], seen(line("jug", quantity=5), line("mug", quantity=2), line("mug", quantity=1))
    assert [one.sku for one in kind.lines(asking(), both)] == ["mug", "mug"]
    assert kind.counted(asking(), both) == 3
    assert why_not(asking(), both) is None
    assert why_not(asking(), seen(line("jug"))) == "returned"
    assert why_not(asking(), snapshot()) == "unknown_order"
    assert kind.lines(asking(), snapshot()) == ()


def test_it_is_about_an_order_of_theirs_and_needs_no_consent():
    kind = KINDS[KIND]
    assert (kind.about, kind.purpose, kind.link) == ("customer", "transactional", "monthly_confirm")
    assert not kind.needs_consent
    assert [name for name, one in KINDS.items() if one.link != "cart"] == ["confirmation", KIND]
    assert KINDS["confirmation"].link == "confirm"
    assert ASKED_WITH in KINDS


def test_a_wish_is_kept_longer_than_its_links_count():
    """Or else it could be asked for anew as long as its letter can be answered."""
    assert (timedelta(days=30), timedelta(days=30)) == (ASKED_DAYS, UNCONFIRMED_DAYS)
    assert UNCONFIRMED_DAYS >= PER > LINK_DAYS
