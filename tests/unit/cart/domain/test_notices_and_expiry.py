"""What changed since the customer last looked, when a cart is over, what is copied, and how money is written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartExpired, CartMerged
from libs.money.currencies import CODES, exponent
from services.cart.domain.cart import no_cart_yet
from services.cart.domain.commands import SaveLine, SetNote, line_id
from services.cart.domain.copy_cart import copy_lines
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_LINES, MAX_QUANTITY
from services.cart.domain.links import open_shared
from services.cart.domain.notices import Known, notices_of, split_seen
from services.cart.domain.retention import Lifetime, expire_cart
from services.cart.domain.tokens import ForgedError, Share, issue_share_token, read_recovery_token, read_share_token
from tests.unit.cart.carts import NOON, add, adds, cart_of, moment

LATER = NOON + timedelta(hours=1)
CART = cart_of(add("tea", 2), add("tea", 2, options={"size": "M"}), add("milk"))


def told(**known: Known) -> list[tuple[str, str, int | None, int | None]]:
    return [(one.kind, one.sku, one.before, one.after) for one in notices_of(CART.cart_id, CART.lines, known)]


def test_a_price_that_moved_is_told_and_one_that_was_known_before_is_not():
    assert told(milk=Known(price=450, price_version=2, price_at=LATER)) == [("price_changed", "milk", 500, 450)]
    assert told(milk=Known(price=450, price_version=2, price_at=NOON - timedelta(days=1))) == [
        ("price_changed", "milk", 500, 450)
    ]
    assert told(milk=Known(price=500, price_version=2, price_at=LATER)) == []


def test_lines_of_one_sku_share_its_stock():
    assert told(tea=Known(available=4)) == []
    assert told(tea=Known(available=3)) == [("low_stock", "tea", 4, 3)] * 2
    assert told(milk=Known(available=0)) == [("out_of_stock", "milk", 1, 0)]


def test_the_same_change_is_the_same_notice_and_another_comes_back():
    def price(amount: int, version: int) -> Known:
        return Known(price=amount, price_version=version, price_at=LATER)

    [first] = notices_of(CART.cart_id, CART.lines, {"milk": price(450, 2)})
    assert [first] == notices_of(CART.cart_id, CART.lines, {"milk": price(450, 2)})
    [back] = notices_of(CART.cart_id, CART.lines, {"milk": price(450, 4)})
    assert split_seen([first, back], {first.notice_id}) == ([back], [first])


@pytest.mark.parametrize(
    ("customer", "full", "days"), [("anna", True, 90), (None, True, 30), ("anna", False, 1), (None, False, 1)]
)
def test_a_cart_is_over_after_its_time_and_not_at_it(customer, full, days):
    cart = cart_of(add("tea"), customer_id=customer) if full else no_cart_yet("shop", customer, moment())
    seconds = timedelta(days=days).total_seconds()
    assert expire_cart(cart, Lifetime(), moment(seconds)) is None
    change = expire_cart(cart, Lifetime(), moment(seconds + 1))
    assert change is not None
    assert isinstance(change.event, CartExpired)
    assert (change.cart.status, change.event.holds) == ("expired", {})


def test_what_is_saved_keeps_a_cart_from_being_empty():
    cart = cart_of(add("tea"), SaveLine(line_id("tea", {})))
    assert expire_cart(cart, Lifetime(), moment(2 * 86400)) is None
    assert expire_cart(cart, Lifetime(), moment(91 * 86400))


def test_a_shared_cart_shows_goods_and_nothing_of_whose_they_are():
    cart = cart_of(add("tea"), SetNote(line_id("tea", {}), "For Ben"), add("milk"), SaveLine(line_id("milk", {})))
    seen = open_shared(Share(cart.cart_id, LATER, 0), cart, 0, NOON)
    assert (seen.customer_id, seen.saved, seen.lines[0].note, seen.lines[0].device) == (None, (), None, None)
    for link, epoch, slug in ((NOON, 0, "link-expired"), (LATER, 1, "link-revoked")):
        with pytest.raises(Refusal) as refusal:
            open_shared(Share(cart.cart_id, link, 0), cart, epoch, NOON)
        assert refusal.value.slug == slug


def test_a_shared_link_opens_nothing_else():
    link = Share(CART.cart_id, NOON, 3)
    token = issue_share_token(b"s" * 32, link)
    assert read_share_token(b"s" * 32, token) == link
    with pytest.raises(ForgedError):
        read_recovery_token(b"s" * 32, token.replace("s1_", "r1_"))
    with pytest.raises(ForgedError):
        read_share_token(b"s" * 32, token[:-1] + ("A" if token[-1] != "A" else "B"))


def test_a_copy_adds_to_what_is_there_and_tells_what_does_not_fit():
    own = cart_of(add("tea", MAX_QUANTITY - 1), cart_id=8, customer_id=None)
    change, lines = copy_lines(own, cart_of(add("tea", 5), add("milk", 2)), moment(9, "phone"))
    assert change is not None
    assert isinstance(change.event, CartMerged)
    assert change.cart.holds() == {"tea": MAX_QUANTITY, "milk": 2}
    assert [(line.sku, line.fate, line.quantity, line.reason) for line in lines] == [
        ("tea", "cut", MAX_QUANTITY, "limit"),
        ("milk", "added", 2, None),
    ]
    assert change.cart.lines[1].device == "phone"


def test_a_copy_of_another_currency_or_of_oneself_adds_nothing():
    own = cart_of(add("tea"), cart_id=8)
    change, [line] = copy_lines(own, cart_of(add("milk", currency="PLN")), moment())
    assert (change, line.fate, line.reason) == (None, "not_added", "currency")
    assert copy_lines(own, own, moment()) == (None, [])


@given(st.lists(adds, max_size=8), st.lists(adds, max_size=8))
def test_copying_never_takes_anything_away(mine, theirs):
    def some(commands, number):
        fitting = [c for c in commands if c.currency == "EUR" and c.quantity < 400 and c.price < 10**9]
        return cart_of(*fitting[:2], cart_id=number)

    own, other = some(mine, 8), some(theirs, 9)
    change, lines = copy_lines(own, other, moment())
    after = change.cart if change else own
    assert all(after.holds()[sku] >= units for sku, units in own.holds().items())
    assert len(lines) == len(other.lines) <= MAX_LINES


def test_exponents_are_those_of_iso_4217():
    assert [exponent(code) for code in ("EUR", "JPY", "KWD", "ISK", "MGA", None)] == [2, 0, 3, 0, 2, None]
    assert sum(exponent(code) != 2 for code in CODES) == 16 + 7
