"""An order ends what it names and nothing else, and every reminder of whoever ordered."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartOrdered, CartSilenced
from services.cart.domain.cart import Cart
from services.cart.domain.commands import SetQuantity, line_id
from services.cart.domain.decide import decide
from services.cart.domain.merge.merge import merge
from services.cart.domain.orders.commands import OrderLine, PlaceOrder
from services.cart.domain.orders.mismatches import Mismatch
from services.cart.domain.orders.place import Beside, Placed, place
from tests.unit.cart.carts import NOON, SKUS, add, cart_of, moment

TEA = line_id("tea", {})


def ordered(*carts: Cart, lines: dict[str, int] | None = None, beside: Beside | None = None, **more) -> Placed:
    named = [OrderLine(sku=sku, quantity=units) for sku, units in (lines or {}).items()]
    order = PlaceOrder(order_id="o-1", customer_id="anna", lines=named, **more)
    return place(order, "shop", carts, moment(3600), None, beside or Beside())


def test_a_renewal_of_other_goods_leaves_the_cart_and_ends_its_reminders():
    cart = cart_of(add("tea", 2))
    outcome = ordered(cart, lines={"magazine": 1})
    assert outcome.closed == ()
    [silenced] = outcome.silenced
    assert replace(silenced.cart, silent_since=None) == cart
    assert isinstance(silenced.event, CartSilenced)
    told = silenced.event
    assert (told.cart_id, told.cart_version, told.silent, told.holds) == (cart.cart_id, cart.version, True, {"tea": 2})
    assert outcome.events[-1] is outcome.order


def test_an_order_with_lines_takes_these_units_and_the_rest_is_born_silent():
    outcome = ordered(cart_of(add("tea", 3), add("milk")), lines={"tea": 2})
    assert [type(event) for event in outcome.of_carts][:1] == [CartOrdered]
    [following] = outcome.following
    assert following.cart.holds() == {"tea": 1, "milk": 1}
    assert [event.silent for event in following.events] == [True, True]
    change = decide(following.cart, SetQuantity(TEA, 4), moment(7200))
    assert change is not None
    assert (change.cart.silent_since, change.event.silent) == (None, None)
    assert change.event.goods_version == change.event.cart_version == 3


def test_a_note_on_a_silent_cart_leaves_it_silent():
    [silenced] = ordered(cart_of(add("tea")), lines={"jam": 1}).silenced
    later = replace(silenced.cart, version=1)
    assert later.silent_since is not None
    claimed = merge(later, cart_of(customer_id=None, cart_id=8), "sum", {}, moment(7200)).own
    assert claimed is None or claimed.cart.silent_since is not None


def test_two_silent_carts_are_one_silent_cart_and_one_that_is_not_starts_anew():
    [own] = ordered(cart_of(add("tea")), lines={"jam": 1}).silenced
    fresh = cart_of(add("milk"), customer_id=None, cart_id=8)
    [guest] = ordered(fresh, lines={"jam": 1}).silenced
    both = merge(own.cart, guest.cart, "sum", {}, moment(7200)).own
    assert both is not None
    assert both.cart.silent_since == own.cart.silent_since
    anew = merge(own.cart, fresh, "sum", {}, moment(7200)).own
    assert anew is not None
    assert anew.cart.silent_since is None


def test_the_carts_of_others_with_the_address_are_silenced_and_never_taken_from():
    other = cart_of(add("tea"), customer_id="anna-at-work", cart_id=8)
    outcome = ordered(cart_of(add("tea")), beside=Beside([other]))
    assert [change.cart.cart_id for change in outcome.silenced] == [other.cart_id]
    assert len(outcome.closed) == 1


def test_an_order_that_is_told_late_says_nothing_of_what_was_gathered_after_it():
    before, after = cart_of(add("tea")), replace(cart_of(add("jam"), cart_id=8), customer_id="anna-at-work")
    late = replace(after, lines=tuple(replace(line, added_at=NOON + timedelta(hours=2)) for line in after.lines))
    outcome = ordered(beside=Beside([before, late]), placed_at=NOON + timedelta(hours=1))
    assert [change.cart.cart_id for change in outcome.silenced] == [before.cart_id]


def test_a_unit_is_taken_once_from_two_carts_that_hold_the_same_line():
    phone = cart_of(add("tea", 2))
    guest = cart_of(add("tea", 2), customer_id=None, cart_id=8)
    outcome = ordered(phone, guest, lines={"tea": 3})
    assert [change.cart.holds() for change in outcome.closed] == [{"tea": 2}, {"tea": 1}]
    assert [cart.cart.holds() for cart in outcome.following] == [{"tea": 1}]
    assert outcome.awaited == {}


def test_what_another_order_has_taken_is_not_awaited():
    known = Mismatch(cart_of().cart_id, "already_ordered", "o-0", "o-1")
    assert ordered(lines={"tea": 1}).awaited == {"tea": 1}
    assert ordered(lines={"tea": 1}, beside=Beside(mismatches=(known,))).awaited == {}


units = st.dictionaries(st.sampled_from(SKUS[:4]), st.integers(1, 5), max_size=4)
some = units.filter(bool)


@given(some, some, units)
def test_what_is_bought_leaves_what_is_left_stays_and_nothing_else_is_touched(mine, guests, wanted):
    own = cart_of(*(add(sku, n) for sku, n in mine.items()))
    guest = cart_of(*(add(sku, n) for sku, n in guests.items()), customer_id=None, cart_id=8)
    outcome = ordered(own, guest, lines=wanted, total=10**9)
    there = Counter(own.holds()) + Counter(guest.holds())
    bought = Counter(outcome.bought())
    if wanted:
        assert bought == there & Counter(wanted)
        assert Counter(outcome.awaited) == Counter(wanted) - there
    else:
        assert bought == there
    left: Counter[str] = Counter()
    for following in outcome.following:
        left += Counter(following.cart.holds())
        assert following.cart.silent_since is not None
    for change in outcome.silenced:
        left += Counter(change.cart.holds())
    assert left + bought == there
    touched = [change.cart.cart_id for change in (*outcome.closed, *outcome.silenced)]
    assert sorted(touched) == sorted([own.cart_id, guest.cart_id])


def test_what_a_line_and_its_sku_are_short_of_is_awaited_together():
    cart = cart_of(add("tea"), add("tea", options={"size": "xl"}))
    xl = cart.lines[1].line_id
    lines = [OrderLine(sku="tea", line_id=xl, quantity=4), OrderLine(sku="tea", quantity=3)]
    order = PlaceOrder(order_id="o-1", customer_id="anna", lines=lines)
    outcome = place(order, "shop", [cart], moment(3600), None, Beside())
    assert outcome.awaited == {"tea": 5}, "three of the one, two of the other"


def test_a_line_that_the_version_did_not_have_is_not_taken_by_it():
    cart = cart_of(add("tea"), add("tea", options={"size": "xl"}))
    named = PlaceOrder(order_id="o-1", cart_id=cart.cart_id, cart_version=1, lines=[OrderLine(sku="tea", quantity=2)])
    outcome = place(named, "shop", [cart], moment(3600), None, Beside())
    assert [change.cart.holds() for change in outcome.closed] == [{"tea": 1}]


def test_of_a_cart_that_took_another_in_a_version_is_that_of_the_one_it_names():
    guest = cart_of(add("tea", 2), customer_id=None, cart_id=8)
    own = cart_of(add("milk"), add("tea", 5), add("jam"))
    for named, taken in ((guest, {"tea": 2}), (own, {"milk": 1, "tea": 5})):
        version = 1 if named is guest else 2
        order = PlaceOrder(order_id="o-1", cart_id=named.cart_id, cart_version=version)
        assert place(order, "shop", [own], moment(3600), guest, Beside()).closed[0].cart.holds() == taken


def test_of_a_cart_that_took_another_in_nothing_is_taken_that_the_named_one_did_not_have():
    guest = cart_of(add("tea", 2), customer_id=None, cart_id=8)
    own = cart_of(add("milk"), add("tea", 5))
    lines = [OrderLine(sku="milk", quantity=1), OrderLine(sku="tea", quantity=3)]
    order = PlaceOrder(order_id="o-1", cart_id=guest.cart_id, cart_version=1, lines=lines)
    assert place(order, "shop", [own], moment(3600), guest, Beside()).closed[0].cart.holds() == {"tea": 2}
