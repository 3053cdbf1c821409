"""What an order leaves on record, and where it disagrees with the carts that it closed."""

from uuid import UUID

from services.cart.domain.commands import RemoveLine, line_id
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.place import Known, at_odds, place
from tests.unit.cart.carts import add, cart_of, moment

TEA = line_id("tea", {})
CART = cart_of(add("tea", 2), add("milk"))
OTHER = cart_of(add("jam"), customer_id=None, cart_id=8)


def test_the_record_of_what_was_bought_is_in_the_currency_of_the_cart():
    [change] = place(PlaceOrder(order_id="o-1"), "shop", [CART], moment()).closed
    assert (change.cart.currency, change.cart.total) == ("EUR", 1500)


def test_the_record_of_a_cart_of_which_nothing_was_bought_has_no_currency():
    cart = cart_of(add("tea"), RemoveLine(TEA), add("milk"))
    placed = place(PlaceOrder(order_id="o-1", cart_id=cart.cart_id, cart_version=1), "shop", [cart], moment())
    assert (placed.closed[0].cart.lines, placed.closed[0].cart.currency) == ((), None)
    assert placed.following[0].cart.holds() == {"milk": 1}


def test_an_order_that_agrees_with_its_carts_is_no_mismatch():
    named = PlaceOrder(order_id="o-1", cart_id=CART.cart_id, cart_version=CART.version, currency="EUR")
    assert place(named, "shop", [CART, OTHER], moment()).mismatches == ()
    assert place(PlaceOrder(order_id="o-1", cart_id=CART.cart_id), "shop", [CART, OTHER], moment()).mismatches == ()
    assert place(PlaceOrder(order_id="o-1", currency="EUR"), "shop", [cart_of()], moment()).mismatches == ()


def test_a_version_is_that_of_the_cart_that_the_order_names():
    ahead = PlaceOrder(order_id="o-1", cart_id=CART.cart_id, cart_version=CART.version + 1)
    [told] = place(ahead, "shop", [CART, OTHER], moment()).mismatches
    assert (told.cart_id, told.field, told.cart, told.order) == (CART.cart_id, "cart_version", 2, 3)


def test_what_was_bought_and_is_in_no_cart_is_awaited():
    lines = [OrderLine(sku="tea", quantity=3), OrderLine(sku="jam", quantity=1), OrderLine(sku="gift", quantity=2)]
    placed = place(PlaceOrder(order_id="o-1", lines=lines), "shop", [CART, OTHER], moment())
    assert placed.awaited == {"tea": 1, "gift": 2}
    assert placed.bought() == {"tea": 2, "jam": 1}


def test_carts_of_which_nothing_was_bought_stay_open():
    lines = [OrderLine(sku="jam", quantity=1)]
    placed = place(PlaceOrder(order_id="o-1", partial=True, lines=lines), "shop", [CART, OTHER], moment())
    assert placed.closed_ids == (OTHER.cart_id,)
    assert placed.order.cart_id == OTHER.cart_id
    before = PlaceOrder(order_id="o-1", placed_at=moment(-3600).now)
    assert place(before, "shop", [CART], moment()).closed == ()


def test_the_next_cart_is_told_line_by_line_after_the_closed_one():
    lines = [OrderLine(sku="tea", quantity=1)]
    placed = place(PlaceOrder(order_id="o-1", partial=True, lines=lines), "shop", [CART], moment())
    assert len(placed.next_ids) == 1
    assert placed.next_ids[0] != CART.cart_id
    assert placed.events == (*placed.of_carts, placed.order)
    assert len(placed.of_carts) == 3


def test_an_order_that_is_told_again_is_another_where_both_say_something_else():
    order = PlaceOrder(order_id="o-1", customer_id="anna", total=500, lines=[OrderLine(sku="tea", quantity=1)])
    assert at_odds(Known("anna", "EUR", 500, {"tea": 1}), order) is None
    assert at_odds(Known(None, None, None, {}), order) is None
    assert at_odds(Known("ben", None, 501, {}), order) == "customer_id"
    assert at_odds(Known(None, None, 501, {"tea": 2}), order) == "total"
    assert at_odds(Known(None, "PLN", None, {"tea": 2}), order) == "lines"
    assert at_odds(Known(None, None, 0, {}), PlaceOrder(order_id="o-1", total=1)) == "total"


def test_a_cart_that_the_order_names_but_did_not_close_gives_way_to_one_that_it_closed():
    order = PlaceOrder(order_id="o-1", cart_id=UUID(int=99))
    assert place(order, "shop", [CART], moment()).order.cart_id == CART.cart_id


def test_what_was_found_in_full_is_not_awaited():
    placed = place(PlaceOrder(order_id="o-1", lines=[OrderLine(sku="jam", quantity=1)]), "shop", [OTHER], moment())
    assert placed.awaited == {}
