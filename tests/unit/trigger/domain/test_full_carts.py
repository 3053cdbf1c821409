"""Who has an open cart with goods, in a backtest."""

from services.trigger.domain.carts import apply
from services.trigger.domain.traced.full_carts import FullCarts
from tests.unit.trigger.making import added, cleared, ordered

ANNA, BEN = ("shop", "anna"), ("shop", "ben")


def test_a_cart_with_goods_is_its_customer_s_until_it_is_closed() -> None:
    carts = FullCarts()
    first = apply(None, added("a", 1, customer="anna"))
    carts.cart_changed(first)
    assert (carts.of(ANNA), carts.of(BEN), carts.of(("other", "anna"))) == (True, False, False)
    carts.cart_changed(apply(first, added("a", 2, customer="anna")))
    assert carts.of(ANNA)
    carts.cart_changed(apply(first, ordered("a", 3)))
    assert not carts.of(ANNA)


def test_of_two_carts_one_is_enough() -> None:
    carts = FullCarts()
    first, second = apply(None, added("a", customer="anna")), apply(None, added("b", customer="anna"))
    carts.cart_changed(first)
    carts.cart_changed(second)
    carts.cart_changed(apply(first, ordered("a", 2)))
    assert carts.of(ANNA)
    carts.cart_changed(apply(second, ordered("b", 2)))
    assert not carts.of(ANNA)


def test_an_empty_cart_a_guest_s_and_one_that_went_over_are_not_theirs() -> None:
    carts = FullCarts()
    first = apply(None, added("a", customer="anna"))
    carts.cart_changed(first)
    carts.cart_changed(apply(first, cleared("a", 2)))
    assert not carts.of(ANNA)
    carts.cart_changed(apply(None, added("b", customer=None)))
    guest = apply(None, added("c", customer="anna"))
    carts.cart_changed(guest)
    carts.cart_changed(apply(guest, added("c", 2, customer="ben")))
    assert (carts.of(ANNA), carts.of(BEN)) == (False, True)
