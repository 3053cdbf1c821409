"""What a store's servers may tell of their goods, and which of many prices count."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.cart.domain.stock.commands import Levels, NewLevel, NewPrice, Price, Prices, newest

LARGEST = 2**63 - 1


def price(sku: str = "tea", amount: int = 500, currency: str = "EUR", **more: Any) -> Price:
    return Price(sku=sku, price=amount, currency=currency, **more)


@pytest.mark.parametrize(
    ("kind", "plain", "name", "most"),
    [
        (NewLevel, {}, "available", 10**9),
        (NewLevel, {"available": 1}, "threshold", 10**9),
        (NewLevel, {"available": 1}, "sequence", LARGEST),
        (NewPrice, {"currency": "EUR"}, "price", 10**12),
        (NewPrice, {"currency": "EUR", "price": 1}, "sequence", LARGEST),
    ],
)
def test_a_number_is_none_below_nothing_and_one_that_can_be_kept(
    kind: type[BaseModel], plain: dict[str, Any], name: str, most: int
) -> None:
    for number in (0, most):
        assert getattr(kind.model_validate(plain | {name: number}), name) == number
    for number in (-1, most + 1):
        with pytest.raises(ValidationError, match=name):
            kind.model_validate(plain | {name: number})


def test_a_call_tells_of_something() -> None:
    for kind, name in ((Levels, "levels"), (Prices, "prices")):
        with pytest.raises(ValidationError, match=name):
            kind.model_validate({name: []})
    assert len(Levels(levels=[{"sku": "tea", "available": 1}]).levels) == 1  # type: ignore[list-item]
    assert len(Prices(prices=[price()]).prices) == 1


def test_ten_thousand_prices_come_at_once_and_no_more() -> None:
    assert len(Prices(prices=[price()] * 10_000).prices) == 10_000
    with pytest.raises(ValidationError, match="prices"):
        Prices(prices=[price()] * 10_001)


def test_what_was_not_told_is_not_in_what_calls_are_compared_by() -> None:
    assert NewLevel(available=3).model_dump() == {"available": 3}
    assert NewLevel(available=3, threshold=None).model_dump() == {"available": 3, "threshold": None}


def test_without_a_sequence_the_price_that_comes_last_counts() -> None:
    assert newest([price(amount=1), price("jam"), price(amount=2)]) == ([1, 2], [])


def test_each_currency_of_a_sku_has_a_price_of_its_own() -> None:
    assert newest([price(), price(currency="PLN")]) == ([0, 1], [])


def test_a_price_with_an_older_or_equal_sequence_is_stale_and_those_after_it_are_read() -> None:
    told = [price(sequence=7), price(sequence=7), price(sequence=3), price("jam", sequence=1), price(sequence=8)]
    assert newest(told) == ([3, 4], [1, 2])


def test_the_first_sequence_may_be_nought() -> None:
    assert newest([price(sequence=0)]) == ([0], [])
