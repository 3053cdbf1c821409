"""The last look at a checkout that was left: it is about the goods of a cart."""

import pytest

from services.notifier.domain.kinds.registry import KINDS, of_latest_carts, of_one_abandonment
from services.notifier.domain.relevance import why_not
from services.notifier.domain.reminder import Reminder
from tests.unit.notifier.making import line, reminder, snapshot


def checkout(**known: object) -> Reminder:
    return reminder(kind="abandoned_checkout", template="abandoned_checkout", **known)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (snapshot(), None),
        (snapshot(version=4), "cart_changed"),
        (snapshot(units=0, lines=()), "emptied"),
        (snapshot(status="ordered"), "ordered"),
        (snapshot(inventory={"mug": 0}), "sold_out"),
    ],
)
def test_it_holds_as_long_as_the_goods_are_as_they_were(seen, reason) -> None:
    assert why_not(checkout(), seen) == reason


def test_one_text_about_a_cart_is_enough_whatever_asked_for_it() -> None:
    assert {"abandoned_cart", "abandoned_checkout"} <= set(of_one_abandonment())
    assert {"abandoned_cart", "abandoned_checkout"} <= set(of_latest_carts())
    assert "low_stock" not in of_one_abandonment()
    assert KINDS["abandoned_checkout"].counted(checkout(), snapshot(line(quantity=2), line("jug", quantity=3))) == 5
