"""An order takes the cart as it was priced; what came since lives on, and nothing is lost or bought twice."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartDetailsSet, CartOrdered, LineAdded, OrderPlaced
from services.cart.domain.cart import Cart
from services.cart.domain.commands import RemoveLine, SaveLine, SetQuantity, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import Placed, place
from services.cart.domain.orders.remainder import quantity_at
from tests.unit.cart.carts import add, cart_of, commands, moment, quantities

TEA, MILK = line_id("tea", {}), line_id("milk", {})


def placed(cart: Cart, version: int | None = None, **more) -> Placed:
    return place(order(cart, version, **more), "shop", [cart], moment(3600))


def order(cart: Cart, version: int | None = None, **more) -> PlaceOrder:
    return PlaceOrder(order_id="o-1", cart_id=cart.cart_id, cart_version=version, **more)


def test_what_was_added_since_is_in_the_next_cart():
    cart = cart_of(add("tea", 2), add("milk"), add("tea"))
    outcome = placed(cart, 1)
    assert outcome.closed[0].cart.holds() == {"tea": 2}
    [following] = outcome.following
    assert following.cart.holds() == {"tea": 1, "milk": 1}
    assert following.cart.version == 2
    assert [type(event) for event in outcome.events] == [CartOrdered, LineAdded, LineAdded, OrderPlaced]
    assert {event.cart_id for event in following.events} == {following.cart.cart_id} != {cart.cart_id}
    assert following.events[-1].holds == {"tea": 1, "milk": 1}


def test_an_order_of_the_version_as_it_is_leaves_nothing():
    cart = cart_of(add("tea", 2), add("milk"))
    assert placed(cart, cart.version).following == ()
    assert placed(cart).following == ()


def test_what_was_removed_since_has_been_bought_all_the_same():
    cart = cart_of(add("tea", 2), add("milk"), RemoveLine(TEA), add("milk"))
    outcome = placed(cart, 2)
    assert outcome.closed[0].cart.holds() == {"milk": 1}
    assert outcome.following[0].cart.holds() == {"milk": 1}


def test_an_order_that_names_its_lines_takes_these_alone():
    cart = cart_of(add("tea", 2), add("milk"))
    outcome = placed(cart, lines=[OrderLine(sku="tea", quantity=1, line_id=TEA)])
    assert outcome.closed[0].cart.holds() == {"tea": 1}
    assert outcome.following[0].cart.holds() == {"tea": 1, "milk": 1}


def test_a_partial_order_takes_its_lines_by_id_where_it_names_one_and_else_by_sku():
    small, large = {"size": "S"}, {"size": "L"}
    cart = cart_of(add("shirt", 3, options=small), add("shirt", 2, options=large), add("tea", 5))
    named = OrderLine(sku="shirt", quantity=2, line_id=line_id("shirt", small))
    outcome = placed(cart, partial=True, lines=[named, OrderLine(sku="tea", quantity=4)])
    assert quantities(outcome.closed[0].cart) == {line_id("shirt", small): 2, TEA: 4}
    assert quantities(outcome.following[0].cart) == {
        line_id("shirt", small): 1,
        line_id("shirt", large): 2,
        TEA: 1,
    }


def test_a_line_may_be_named_by_its_id_and_by_its_sku_in_one_order():
    lines = [OrderLine(sku="tea", quantity=1, line_id=TEA), OrderLine(sku="tea", quantity=1)]
    outcome = placed(cart_of(add("tea", 3)), partial=True, lines=lines)
    assert outcome.closed[0].cart.holds() == {"tea": 2}


def test_what_is_left_over_by_a_line_that_is_named_comes_from_the_next_of_its_sku():
    small, large = {"size": "S"}, {"size": "L"}
    cart = cart_of(add("shirt", 2, options=small), add("shirt", 5, options=large))
    named = OrderLine(sku="shirt", quantity=1, line_id=line_id("shirt", small))
    outcome = placed(cart, partial=True, lines=[named, OrderLine(sku="shirt", quantity=4)])
    assert quantities(outcome.closed[0].cart) == {line_id("shirt", small): 2, line_id("shirt", large): 3}


def test_a_partial_order_takes_of_a_sku_the_oldest_line_first_and_no_more_than_it_names():
    small, large = {"size": "S"}, {"size": "L"}
    cart = cart_of(add("shirt", 2, options=small), add("shirt", 2, options=large))
    outcome = placed(cart, partial=True, lines=[OrderLine(sku="shirt", quantity=3)])
    assert quantities(outcome.closed[0].cart) == {line_id("shirt", small): 2, line_id("shirt", large): 1}
    assert quantities(outcome.following[0].cart) == {line_id("shirt", large): 1}


def test_an_order_whose_goods_have_other_names_says_that_it_is_of_the_whole_cart():
    cart = cart_of(add("bundle", 2))
    lines = [OrderLine(sku="part-1", quantity=2), OrderLine(sku="part-2", quantity=2)]
    assert placed(cart, lines=lines, whole_cart=True).closed_ids == (cart.cart_id,)
    assert placed(cart, lines=lines).closed_ids == ()


def test_what_is_saved_for_later_outlives_the_order():
    cart = cart_of(add("tea"), add("milk"), SaveLine(MILK))
    [following] = placed(cart).following
    assert ([line.sku for line in following.cart.saved], following.cart.units) == (["milk"], 0)
    assert [type(event) for event in following.events] == [CartDetailsSet]
    assert placed(cart).closed[0].cart.saved == ()


def test_a_version_of_a_cart_that_was_merged_is_that_of_the_merged_cart():
    guest = cart_of(add("tea", 2), add("milk"), customer_id=None, cart_id=8)
    own = cart_of(add("tea", 2), add("milk"), add("jam"))
    outcome = place(order(guest, 1), "shop", [own], moment(), guest)
    assert outcome.closed[0].cart.holds() == {"tea": 2}
    assert outcome.following[0].cart.holds() == {"milk": 1, "jam": 1}


def test_an_order_in_another_currency_stands_and_is_told():
    cart = cart_of(add("tea"))
    outcome = placed(cart, 9, currency="PLN")
    assert [(one.field, one.cart, one.order) for one in outcome.mismatches] == [
        ("currency", "EUR", "PLN"),
        ("cart_version", 1, 9),
    ]
    assert outcome.following == ()


def test_an_order_of_an_older_shop_has_the_fingerprint_that_it_had():
    text = PlaceOrder(order_id="o-1", lines=[OrderLine(sku="tea", quantity=1)]).model_dump_json()
    assert text == (
        '{"order_id":"o-1","customer_id":null,"cart_id":null,"cart_token":null,"currency":null,"total":null,'
        '"lines":[{"sku":"tea","quantity":1,"price":null}]}'
    )


@given(st.lists(commands, max_size=12), st.lists(commands, max_size=6))
def test_every_unit_is_bought_or_lives_on_and_what_was_there_at_the_version_is_bought(before, since):
    states = [cart_of(add("tea"))]
    for second, command in enumerate([*before, *since]):
        try:
            change = decide(states[-1], command, moment(second))
        except Refusal:
            continue
        if change is not None:
            states.append(change.cart)
    cart, at = states[-1], states[min(len(before), len(states) - 1)]
    outcome = placed(cart, at.version)
    bought = quantities(outcome.closed[0].cart)
    left = quantities(outcome.following[0].cart) if outcome.following else {}
    for line in cart.lines:
        assert bought.get(line.line_id, 0) + left.get(line.line_id, 0) == line.quantity
        assert quantity_at(line, cart.version) == line.quantity
        then = at.line(line.line_id)
        # a line that was taken out and put in again since is a new one: all of it came later
        again = any(s.version > at.version and s.line(line.line_id) is None for s in states)
        expected = 0 if then is None or again else min(then.quantity, line.quantity)
        assert bought.get(line.line_id, 0) == expected


def test_a_line_remembers_its_latest_changes_only():
    cart = cart_of(add("tea"), *(SetQuantity(TEA, 2 + n) for n in range(20)))
    [line] = cart.lines
    assert len(line.history) == 8
    assert quantity_at(line, 20) == 20
    assert quantity_at(line, 1) == quantity_at(replace(line, history=line.history), 0) == 13
    assert UUID(int=7) == cart.cart_id
