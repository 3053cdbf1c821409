"""What the kinds that come with the notifier say of themselves."""

from libs.contracts.events import LowItem
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


def test_every_item_that_runs_low_is_told_of_with_its_units_and_the_first_first() -> None:
    three = low_stock(also_low=(LowItem(sku="jug", threshold=2), LowItem(sku="pot")))
    cart = (line("pot"), line("jug"), line())
    assert list(LOW_STOCK.items(three, snapshot(*cart, inventory={"pot": 8, "jug": 2, "mug": 3})).items()) == [
        ("mug", 3),
        ("jug", 2),
        ("pot", 8),
    ]
    assert LOW_STOCK.items(three, snapshot(*cart, inventory={"pot": 9, "jug": 3, "mug": 3})) == {"mug": 3}
    assert LOW_STOCK.items(three, snapshot(inventory={"pot": 8, "jug": 2, "mug": 3})) == {"mug": 3}


def test_a_shortage_of_several_holds_while_one_of_them_runs_low() -> None:
    both = low_stock(also_low=(LowItem(sku="jug", threshold=2),))
    cart = (line("jug"), line())
    gone = snapshot(*cart, inventory={"mug": 0, "jug": 1})
    assert LOW_STOCK.why_not(both, gone) is None
    assert LOW_STOCK.counted(both, gone) == 1
    assert LOW_STOCK.why_not(both, snapshot(*cart, inventory={"mug": 0, "jug": 3})) == "sold_out"
    assert LOW_STOCK.why_not(both, snapshot(line("jug"), inventory={"mug": 3, "jug": 3})) == "not_in_cart"


def test_a_left_cart_is_about_no_item() -> None:
    assert ABANDONED_CART.items(reminder(), snapshot()) == {}


def test_of_an_item_whose_level_nobody_knows_none_is_left() -> None:
    assert LOW_STOCK.counted(low_stock(), snapshot(inventory={"mug": None})) == 0
    assert LOW_STOCK.counted(low_stock(), snapshot(inventory={})) == 0
