"""Log-in with a guest's cart."""

from typing import Any, get_args
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.events import CartClaimed, CartDetailsSet, CartMerged, CartMergedAway
from services.cart.domain.cart import Cart, Context
from services.cart.domain.commands import Clear, SaveLine, SetAttributes, SetNote, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY, MAX_TOTAL
from services.cart.domain.merge.merge import Merge, claim_cart
from services.cart.domain.merge.merge import merge as merge_by
from services.cart.domain.merge.receipt import Mode
from tests.unit.cart.carts import SKUS, add, adds, cart_of, moment, quantities

GUEST: dict[str, Any] = {"customer_id": None, "cart_id": 8}
MODES = get_args(Mode)


def merge_max(own: Cart, guest: Cart, when: Context) -> Merge:
    return merge_by(own, guest, "max", {}, when)


def after(merge: Merge, own: Cart) -> Cart:
    return merge.own.cart if merge.own else own


def fates(merge: Merge) -> list[tuple[str, str, int, int, str | None]]:
    return [(line.sku, line.fate, line.quantity, line.set_aside, line.reason) for line in merge.lines]


def test_a_guest_cart_becomes_the_customers_with_its_id():
    guest = cart_of(add("tea"), **GUEST)
    change = claim_cart(guest, "anna", moment(60)).own
    assert change
    assert (change.cart.cart_id, change.cart.customer_id, change.cart.version) == (guest.cart_id, "anna", 2)
    assert isinstance(change.event, CartClaimed)
    assert change.event.customer_id == "anna"
    assert change.event.holds == {"tea": 1}


def test_of_a_cart_that_becomes_the_customers_nothing_is_set_aside_or_dropped():
    guest = cart_of(add("tea", 2), add("jam", 3), SaveLine(line_id("jam", {})), **GUEST)
    tea, jam = claim_cart(guest, "anna", moment(60)).lines
    assert (tea.fate, tea.quantity, tea.guest_quantity, tea.own_quantity) == ("added", 2, 2, 0)
    assert (jam.fate, jam.quantity, jam.guest_quantity, jam.own_quantity) == ("saved", 0, 3, 0)
    assert (tea.set_aside, tea.dropped, tea.reason) == (0, 0, None)
    assert (jam.set_aside, jam.dropped, jam.reason) == (3, 0, None)


def test_links_that_a_guest_passed_on_end_with_the_claim():
    guest = cart_of(add("tea"), **GUEST)
    change = claim_cart(guest, "anna", moment()).own
    assert change
    assert change.cart.recovery_epoch == guest.recovery_epoch + 1


def test_each_line_keeps_the_larger_quantity():
    own, guest = cart_of(add("tea", 1), add("milk", 4)), cart_of(add("tea", 3), add("milk", 2), add("jam"), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert merge.own.cart.holds() == {"tea": 3, "milk": 4, "jam": 1}
    assert [(line.sku, line.fate, line.quantity, line.guest_quantity) for line in merge.lines] == [
        ("tea", "raised", 3, 3),
        ("milk", "kept", 4, 2),
        ("jam", "added", 1, 1),
    ]


def test_both_carts_tell_of_the_merge():
    own, guest = cart_of(add("tea")), cart_of(add("jam"), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert isinstance(merge.own.event, CartMerged)
    assert merge.own.event.from_cart_id == guest.cart_id
    assert merge.guest
    assert isinstance(merge.guest.event, CartMergedAway)
    assert merge.guest.event.into_cart_id == own.cart_id
    assert merge.guest.event.holds == {}
    assert merge.guest
    assert merge.guest.cart.status == "merged"


def test_a_merge_that_adds_nothing_leaves_the_customers_cart_alone():
    merge = merge_max(cart_of(add("tea", 3)), cart_of(add("tea", 2), **GUEST), moment())
    assert merge.own is None
    assert merge.guest
    assert merge.guest.cart.status == "merged"


def test_an_account_cart_without_lines_does_not_hide_the_guests_full_one():
    merge = merge_max(cart_of(add("tea"), Clear()), cart_of(add("jam", 2, currency="PLN"), **GUEST), moment())
    assert merge.own
    assert merge.own.cart.holds() == {"jam": 2}
    assert merge.own.cart.currency == "PLN"


def test_the_price_seen_last_is_the_price_of_a_raised_line():
    own = cart_of(add("milk"), add("tea", 1, price=500))
    guest = cart_of(add("tea", 2, price=400), **GUEST)
    merge = merge_max(own, guest, moment(60))
    assert merge.own
    assert [(line.price, line.total) for line in merge.own.cart.lines if line.sku == "tea"] == [(500, 1000)]


def test_lines_in_another_currency_are_told_and_set_aside():
    own = cart_of(add("tea"))
    merge = merge_max(own, cart_of(add("jam", 2, currency="PLN"), **GUEST), moment())
    assert fates(merge) == [("jam", "set_aside", 0, 2, "currency")]
    assert (after(merge, own).holds(), after(merge, own).currency) == ({"tea": 1}, "EUR")
    assert [(line.sku, line.quantity, line.currency) for line in after(merge, own).saved] == [("jam", 2, "PLN")]
    assert merge.own
    assert isinstance(merge.own.event, CartDetailsSet), "what is bought stayed: no reminder is void"


def test_lines_beyond_the_limit_are_told_and_set_aside():
    own = cart_of(*(add(f"sku-{n}") for n in range(MAX_LINES)))
    merge = merge_max(own, cart_of(add("sku-0", 5), add("jam"), **GUEST), moment())
    assert len(after(merge, own).lines) == MAX_LINES
    assert fates(merge) == [("sku-0", "raised", 5, 0, None), ("jam", "set_aside", 0, 1, "limit")]


def test_a_sum_beyond_what_a_line_holds_is_cut_and_the_rest_set_aside():
    own = cart_of(add("tea", 600))
    merge = merge_by(own, cart_of(add("tea", 500), **GUEST), "sum", {}, moment())
    assert fates(merge) == [("tea", "raised", 999, 101, "limit")]


def test_a_sum_beyond_the_stock_is_cut_and_the_rest_set_aside():
    own = cart_of(add("tea", 2), add("milk", 3))
    guest = cart_of(add("tea", 3), add("milk", 1), add("jam", 1), **GUEST)
    merge = merge_by(own, guest, "sum", {"tea": 4, "milk": 1, "jam": 0}, moment())
    assert fates(merge) == [
        ("tea", "raised", 4, 1, "stock"),
        ("milk", "kept", 3, 1, "stock"),
        ("jam", "set_aside", 0, 1, "stock"),
    ]


def test_two_lines_of_one_sku_share_its_stock():
    own = cart_of(add("shirt", 2, options={"size": "M"}))
    merge = merge_by(own, cart_of(add("shirt", 3, options={"size": "L"}), **GUEST), "max", {"shirt": 4}, moment())
    assert fates(merge) == [("shirt", "added", 2, 1, "stock")]


def test_where_the_guest_wins_a_line_in_both_has_the_guests_quantity():
    own, guest = cart_of(add("tea", 5), add("milk", 1)), cart_of(add("tea", 2), add("jam", 1), **GUEST)
    merge = merge_by(own, guest, "guest_wins", {}, moment())
    assert after(merge, own).holds() == {"tea": 2, "milk": 1, "jam": 1}
    assert fates(merge) == [("tea", "lowered", 2, 0, None), ("jam", "added", 1, 0, None)]


def test_where_the_customer_wins_a_line_in_both_has_the_customers_quantity():
    own, guest = cart_of(add("tea", 5)), cart_of(add("tea", 9), add("jam", 1), **GUEST)
    assert after(merge_by(own, guest, "customer_wins", {}, moment()), own).holds() == {"tea": 5, "jam": 1}


def test_a_guest_who_wins_in_another_currency_sets_the_customers_lines_aside():
    own, guest = cart_of(add("tea", 5)), cart_of(add("jam", 1, currency="PLN"), **GUEST)
    cart = after(merge_by(own, guest, "guest_wins", {}, moment()), own)
    assert (cart.currency, cart.holds()) == ("PLN", {"jam": 1})
    assert [(line.sku, line.quantity, line.currency) for line in cart.saved] == [("tea", 5, "EUR")]


def test_the_customers_lines_are_set_aside_for_later():
    own, guest = cart_of(add("tea", 5), add("milk", 1)), cart_of(add("tea", 2), **GUEST)
    merge = merge_by(own, guest, "save_for_later", {}, moment())
    assert after(merge, own).holds() == {"tea": 2}
    assert [(line.sku, line.quantity) for line in after(merge, own).saved] == [("tea", 5), ("milk", 1)]
    assert fates(merge) == [
        ("tea", "set_aside", 0, 5, "mode"),
        ("milk", "set_aside", 0, 1, "mode"),
        ("tea", "added", 2, 0, None),
    ]


def test_what_the_guest_saved_for_later_and_said_of_the_cart_comes_along():
    guest = cart_of(add("tea"), add("jam", 2), SaveLine(line_id("jam", {})), SetAttributes({"utm": "x"}), **GUEST)
    own = cart_of(add("milk"), SetAttributes({"utm": "y", "channel": "app"}))
    merge = merge_max(own, guest, moment())
    assert after(merge, own).holds() == {"milk": 1, "tea": 1}
    assert fates(merge)[1] == ("jam", "saved", 0, 2, None)
    assert after(merge, own).attributes == {"utm": "y", "channel": "app"}
    assert after(merge_by(own, guest, "guest_wins", {}, moment()), own).attributes["utm"] == "x"


def test_a_receipt_tells_which_line_came_from_which_device_and_when():
    when = moment(5, "phone")
    guest = decide(cart_of(**GUEST), add("tea"), when)
    assert guest
    [line] = claim_cart(guest.cart, "anna", moment(60)).lines
    assert (line.fate, line.quantity, line.device, line.added_at) == ("added", 1, "phone", when.now)


def test_a_note_is_not_lost_where_the_quantity_stays():
    note = SetNote(line_id("tea", {}), "gift")
    own = cart_of(add("tea", 2))
    merge = merge_max(own, cart_of(add("tea"), note, **GUEST), moment())
    assert after(merge, own).lines[0].note == "gift"
    assert merge.own
    assert isinstance(merge.own.event, CartDetailsSet)


def filled(asked, **whose) -> Cart:
    cart = cart_of(**whose)
    for second, command in enumerate(asked):
        try:
            change = decide(cart, command, moment(second))
        except Refusal:
            continue
        cart = change.cart if change else cart
    return cart


levels = st.dictionaries(st.sampled_from(SKUS), st.integers(0, 1200))


@settings(deadline=None)
@given(st.lists(adds, max_size=12), st.lists(adds, max_size=12), st.sampled_from(MODES), levels)
def test_a_merge_never_fails_and_never_exceeds_a_limit(ours, theirs, mode, stock):
    own, guest = filled(ours), filled(theirs, **GUEST)
    merge = merge_by(own, guest, mode, stock, moment(60))
    cart = after(merge, own)
    assert all(1 <= line.quantity <= MAX_QUANTITY for line in (*cart.lines, *cart.saved))
    assert all(line.total == line.price * line.quantity for line in (*cart.lines, *cart.saved))
    assert cart.total <= MAX_TOTAL
    assert (cart.currency is None) == (not cart.lines)
    for told in merge.lines:
        if told.reason != "mode":
            assert quantities(cart).get(told.line_id, 0) == told.quantity
    for sku, units in cart.holds().items():
        assert units <= max(stock.get(sku, units), own.holds().get(sku, 0))


@settings(deadline=None)
@given(st.lists(adds, max_size=12), st.lists(adds, max_size=12), st.sampled_from(MODES), levels)
def test_every_unit_of_either_cart_is_accounted_for(ours, theirs, mode, stock):
    own, guest = filled(ours), filled(theirs, **GUEST)
    merge = merge_by(own, guest, mode, stock, moment(60))
    cart = after(merge, own)
    came = [line for line in merge.lines if line.reason != "mode"]
    assert {line.line_id: line.quantity for line in guest.lines} == {line.line_id: line.guest_quantity for line in came}
    aside = merge.undoing.shelved
    for line in came:
        mine = 0 if aside else quantities(own).get(line.line_id, 0)
        asked = line.guest_quantity if mine == 0 else asked_for(mine, line.guest_quantity, mode)
        assert line.own_quantity == mine
        assert line.quantity + line.set_aside + line.dropped >= asked
        assert line.quantity + line.set_aside + line.dropped == max(asked, line.quantity)
    whole = {line.line_id: 0 for line in (*own.lines, *guest.lines)}
    for line in merge.lines:
        whole[line.line_id] += line.set_aside
    assert whole == {line_id: saved_units(cart).get(line_id, 0) for line_id in whole}
    untouched = {line_id: n for line_id, n in quantities(own).items() if line_id not in quantities(guest)}
    assert untouched.items() <= (saved_units(cart) if aside else quantities(cart)).items()


def asked_for(ours: int, theirs: int, mode: str) -> int:
    by_mode = {"max": max(ours, theirs), "sum": ours + theirs, "customer_wins": ours}
    return by_mode.get(mode, theirs)


def saved_units(cart: Cart) -> dict[UUID, int]:
    return {line.line_id: line.quantity for line in cart.saved}


cheap = st.lists(adds.map(lambda line: line.model_copy(update={"price": 100, "currency": "EUR"})), max_size=12)


@settings(deadline=None)
@given(cheap, cheap)
def test_it_does_not_matter_on_which_side_the_larger_quantity_was(ours, theirs):
    one = merge_max(a := filled(ours), filled(theirs, **GUEST), moment(60))
    other = merge_max(b := filled(theirs), filled(ours, **GUEST), moment(60))
    assert quantities(one.own.cart if one.own else a) == quantities(other.own.cart if other.own else b)


def test_lines_are_the_same_line_whosever_cart_they_stand_in():
    merge = merge_max(cart_of(add("tea")), cart_of(add("tea", 2), **GUEST), moment())
    assert merge.own
    assert quantities(merge.own.cart) == {line_id("tea", {}): 2}
