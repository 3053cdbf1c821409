"""What an order tells, and what a recovery link shows."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from libs.contracts.events import CartOrdered
from services.cart.domain.errors import Refusal
from services.cart.domain.links import open_recovery
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import place
from services.cart.domain.tokens import Recovery
from tests.unit.cart.carts import NOON, add, cart_of, moment

CART = cart_of(add("tea", 2), add("milk"))
LINK = Recovery(CART.cart_id, NOON + timedelta(days=30), 0)


def test_an_order_without_a_cart_is_told_under_what_is_known():
    placed = place(PlaceOrder(order_id="o-1", customer_id="anna"), "shop", [], moment())
    assert placed.closed == ()
    assert [event.key() for event in placed.events] == ["anna"]
    assert place(PlaceOrder(order_id="o-1"), "shop", [], moment()).order.key() == "o-1"


def test_an_order_closes_every_cart_that_was_brought_to_it():
    other = cart_of(add("jam"), customer_id=None, cart_id=8)
    placed = place(PlaceOrder(order_id="o-1", customer_id="anna"), "shop", [CART, other], moment())
    assert placed.closed_ids == (CART.cart_id, other.cart_id)
    assert [type(event) for event in placed.events[:2]] == [CartOrdered, CartOrdered]
    assert placed.order.cart_id == CART.cart_id
    assert placed.order.skus == ("tea", "milk", "jam")


def test_the_goods_of_an_order_are_what_the_order_says():
    lines = [OrderLine(sku="tea", quantity=1), OrderLine(sku="tea", quantity=1), OrderLine(sku="gift", quantity=1)]
    placed = place(PlaceOrder(order_id="o-1", lines=lines), "shop", [CART], moment())
    assert placed.order.skus == ("tea", "gift")


def test_the_cart_that_the_order_names_is_the_cart_of_the_order():
    other = cart_of(add("jam"), cart_id=8)
    placed = place(PlaceOrder(order_id="o-1", cart_id=other.cart_id), "shop", [CART, other], moment())
    assert placed.order.cart_id == other.cart_id


def test_an_unknown_cart_of_an_order_is_passed_on():
    assert place(PlaceOrder(order_id="o-1", cart_id=UUID(int=99)), "shop", [], moment()).order.cart_id == UUID(int=99)


def test_a_link_shows_the_goods_and_what_they_come_to():
    seen = open_recovery(LINK, CART, 0, NOON)
    assert [(line.sku, line.quantity) for line in seen.lines] == [(line.sku, line.quantity) for line in CART.lines]
    assert (seen.units, seen.total, seen.currency) == (CART.units, CART.total, CART.currency)


def test_a_link_ends_at_its_time():
    with pytest.raises(Refusal) as refused:
        open_recovery(LINK, CART, 0, LINK.expires_at)
    assert refused.value.slug == "link-expired"


def test_a_revoked_link_shows_nothing_not_even_what_became_of_the_cart():
    with pytest.raises(Refusal) as refused:
        open_recovery(LINK, replace(CART, status="ordered"), 1, NOON)
    assert refused.value.slug == "link-revoked"


@pytest.mark.parametrize("status", ["ordered", "merged", "expired"])
def test_a_link_to_a_closed_cart_says_how_it_ended(status):
    with pytest.raises(Refusal) as refused:
        open_recovery(LINK, replace(CART, status=status), 0, NOON)
    assert (refused.value.slug, refused.value.members) == ("cart-gone", {"cart_status": status})
