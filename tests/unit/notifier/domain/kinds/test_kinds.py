"""What the kinds that come with the notifier say of themselves."""

from services.notifier.domain.kinds.abandoned_cart import ABANDONED_CART
from services.notifier.domain.kinds.low_stock import LOW_STOCK
from tests.unit.notifier.making import line, low_stock, reminder, snapshot


def test_an_abandoned_cart_has_one_text_message_and_tells_its_units() -> None:
    assert ABANDONED_CART.once_a_cart
    assert ABANDONED_CART.badge is None
    assert ABANDONED_CART.counted(reminder(), snapshot(line(quantity=2), line("jug", quantity=3))) == 5


def test_a_shortage_may_be_told_whatever_else_was_and_tells_what_is_left() -> None:
    assert not LOW_STOCK.once_a_cart
    assert LOW_STOCK.counted(low_stock(), snapshot(inventory={"mug": 3})) == 3


def test_of_an_item_whose_level_nobody_knows_none_is_left() -> None:
    assert LOW_STOCK.counted(low_stock(), snapshot(inventory={"mug": None})) == 0
    assert LOW_STOCK.counted(low_stock(), snapshot(inventory={})) == 0
