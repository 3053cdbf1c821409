"""A price that fell: it is told while it is true."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.notifier.domain.kinds.price_drop import PRICE_DROP
from services.notifier.domain.kinds.registry import KINDS
from services.notifier.domain.snapshot import CartSnapshot
from tests.unit.notifier.making import NOON, cheaper, price_drop


def silent(**later: float) -> CartSnapshot:
    """The customer ordered so long after the price had fallen."""
    return cheaper().model_copy(update={"silent_since": NOON + timedelta(**later)})


def without(sku: str) -> CartSnapshot:
    seen = cheaper()
    lines = tuple(line for line in seen.cart.lines if line.sku != sku)
    return seen.model_copy(update={"cart": seen.cart.model_copy(update={"lines": lines})})


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (cheaper(), None),
        (cheaper(mug=799), None),
        (cheaper(mug=801), "price_rose"),
        (without("mug"), "not_in_cart"),
        (cheaper().model_copy(update={"inventory": {"mug": 0}}), "sold_out"),
        (cheaper().model_copy(update={"prices": {}}), "price_unknown"),
        (silent(), "ordered"),
        (silent(seconds=-1), None),
    ],
)
def test_it_is_told_while_the_item_is_in_the_cart_at_no_more_than_that(seen: CartSnapshot, why: str | None) -> None:
    """Story: the sale ended at midnight, the mail went out at nine."""
    assert PRICE_DROP.why_not(price_drop(), seen) == why


def test_whoever_saw_no_higher_price_is_told_of_none() -> None:
    assert PRICE_DROP.why_not(price_drop(price=1000), cheaper(mug=1000)) == "price_as_seen"
    assert PRICE_DROP.why_not(price_drop(price=1000), cheaper(mug=999)) is None
    assert PRICE_DROP.amounts(price_drop(price=1000), cheaper(mug=1000)) == {}


def test_a_request_that_names_no_price_is_not_sent() -> None:
    assert PRICE_DROP.why_not(price_drop(price=None), cheaper()) == "price_unknown"
    assert PRICE_DROP.amounts(price_drop(price=None), cheaper(mug=0)) == {}, "though it costs nothing now"


def test_it_names_what_the_customer_saw_and_what_it_costs_now() -> None:
    assert PRICE_DROP.amounts(price_drop(), cheaper(mug=750, jug=100)) == {"was": 1000, "now": 750, "savings": 250}
    assert PRICE_DROP.items(price_drop(), cheaper()) == {"mug": 2}
    assert PRICE_DROP.counted(price_drop(), cheaper()) == 2


def test_of_two_choices_of_an_item_the_one_that_fell_is_told() -> None:
    seen = cheaper(mug=1000)
    large = seen.cart.lines[1].model_copy(update={"line_id": UUID(int=3), "price": 1500})
    both = seen.cart.model_copy(update={"lines": (*seen.cart.lines, large)})
    told = seen.model_copy(update={"cart": both, "prices": {**seen.prices, UUID(int=3): 790}})
    assert PRICE_DROP.why_not(price_drop(), told) is None
    assert PRICE_DROP.amounts(price_drop(), told) == {"was": 1500, "now": 790, "savings": 710}
    assert PRICE_DROP.counted(price_drop(), told) == 4


def test_other_kinds_name_no_sums_of_money() -> None:
    assert KINDS["low_stock"].amounts(price_drop(), cheaper()) == {}


def test_the_item_is_shown_with_what_it_costs_now_and_all_else_as_it_stands_in_the_cart() -> None:
    """Story: the letter said that it costs 8.00 now, and beside it stood 10.00."""
    shown = {line.sku: (line.price, line.total) for line in PRICE_DROP.lines(price_drop(), cheaper(mug=800, jug=100))}
    assert shown == {"jug": (1000, 1000), "mug": (800, 1600)}
    for price in (1000, 1001):
        as_dear = {line.sku: (line.price, line.total) for line in PRICE_DROP.lines(price_drop(), cheaper(mug=price))}
        assert as_dear == {"jug": (1000, 1000), "mug": (1000, 1000)}, "to the total as the cart has it"
    sold_out = cheaper(mug=800).model_copy(update={"inventory": {"mug": 0}})
    assert [line.sku for line in PRICE_DROP.lines(price_drop(), sold_out)] == ["jug"]
