"""An item that is there again: it is told while that is true."""

from datetime import timedelta

import pytest

from services.notifier.domain.kinds.back_in_stock import BACK_IN_STOCK
from services.notifier.domain.snapshot import CartSnapshot
from tests.unit.notifier.making import NOON, back_in_stock, line, snapshot

SEEN = snapshot(line("jug"), line(), inventory={"mug": 3, "jug": 0})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (SEEN, None),
        (snapshot(line("jug"), inventory={"mug": 3}), "not_in_cart"),
        (snapshot(inventory={"mug": 0}), "sold_out"),
        (snapshot(inventory={"mug": -1}), "sold_out"),
        (snapshot(inventory={"mug": 1}), None),
        (snapshot(inventory={"mug": None}), "level_unknown"),
        (SEEN.model_copy(update={"silent_since": NOON}), "ordered"),
        (SEEN.model_copy(update={"silent_since": NOON - timedelta(seconds=1)}), None),
    ],
)
def test_it_is_told_while_the_item_is_in_the_cart_and_there(seen: CartSnapshot, why: str | None) -> None:
    assert BACK_IN_STOCK.why_not(back_in_stock(), seen) == why


def test_it_is_about_its_item_with_the_units_that_there_are() -> None:
    assert BACK_IN_STOCK.items(back_in_stock(), SEEN) == {"mug": 3}
    assert BACK_IN_STOCK.counted(back_in_stock(), SEEN) == 3
    for unknown in (None, -2):
        assert BACK_IN_STOCK.counted(back_in_stock(), snapshot(inventory={"mug": unknown})) == 0
    assert BACK_IN_STOCK.counted(back_in_stock(), snapshot(inventory={})) == 0
    assert BACK_IN_STOCK.items(back_in_stock(sku=None), SEEN) == {}
