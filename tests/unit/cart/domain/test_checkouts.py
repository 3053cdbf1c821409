"""A shopper who begins to pay: told once for the same goods."""

from dataclasses import replace

from libs.contracts.events import CheckoutStarted
from services.cart.domain.commands import Clear, SetAttributes, StartCheckout
from services.cart.domain.decide import decide
from tests.unit.cart.carts import add, cart_of, moment


def test_it_is_told_of_the_goods_as_they_are():
    cart = cart_of(add("tea", 2))
    change = decide(cart, StartCheckout(), moment(60))
    assert change is not None
    assert isinstance(change.event, CheckoutStarted)
    assert (change.event.cart_version, change.event.goods_version, change.event.holds) == (2, 1, {"tea": 2})
    assert (change.event.changed, change.cart.checkout_version) == (("checkout",), 1)
    assert change.cart.lines == cart.lines


def test_once_for_the_same_goods_and_again_for_others():
    paying = cart_of(add("tea"), StartCheckout())
    assert decide(paying, StartCheckout(), moment(60)) is None
    noted = cart_of(add("tea"), StartCheckout(), SetAttributes(attributes={"channel": "app"}))
    assert decide(noted, StartCheckout(), moment(60)) is None
    more = cart_of(add("tea"), StartCheckout(), add("jam"))
    assert decide(more, StartCheckout(), moment(60)) is not None


def test_nothing_begins_with_an_empty_cart():
    assert decide(cart_of(), StartCheckout(), moment()) is None
    assert decide(cart_of(add("tea"), Clear()), StartCheckout(), moment(60)) is None


def test_what_no_shopper_begins_is_not_told_and_does_not_stand_in_a_shoppers_way():
    cart = cart_of(add("tea"))
    for origin in ("staff", "bot", "import"):
        assert decide(cart, StartCheckout(), replace(moment(60), origin=origin)) is None
    assert decide(cart, StartCheckout(), moment(60)) is not None
