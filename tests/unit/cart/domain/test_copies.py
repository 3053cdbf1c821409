"""A copy with fields changed is what the standard library makes."""

from dataclasses import dataclass, field, fields, replace

import pytest

from services.cart.domain.cart import Cart, Line, SavedLine
from services.cart.domain.copies import changed
from tests.unit.cart.carts import NOON, add, cart_of

CART = cart_of(add("tea", 2), add("jam"))
LINE = CART.lines[0]
SAVED = SavedLine(**{one.name: getattr(LINE, one.name) for one in fields(Line)}, currency="EUR")


def test_it_is_the_same_but_for_what_is_changed() -> None:
    for one in (CART, LINE, SAVED):
        assert changed(one) == one
        assert changed(one) is not one
        assert type(changed(one)) is type(one)
    assert changed(LINE, quantity=7, note="gift") == replace(LINE, quantity=7, note="gift")
    assert changed(SAVED, currency="USD", sku="rum") == replace(SAVED, currency="USD", sku="rum")


def test_what_follows_from_the_fields_follows_from_the_new_ones() -> None:
    cart: Cart = changed(CART, lines=CART.lines[:1], updated_at=NOON)
    assert (cart.units, cart.total) == (2, LINE.total)
    assert cart == replace(CART, lines=CART.lines[:1], updated_at=NOON)


@dataclass(frozen=True, kw_only=True)
class Tin:
    weight: int
    of: str = field(default="tea")


def test_fields_may_all_go_by_name() -> None:
    assert changed(Tin(weight=100), weight=50) == Tin(weight=50)


def test_there_is_no_other_field() -> None:
    with pytest.raises(KeyError):
        changed(LINE, colour="red")
