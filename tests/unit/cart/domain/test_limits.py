"""What a store lets its carts hold: obeyed by whatever comes in, and no reason to take out what is there."""

import pytest

from services.cart.domain import limits
from services.cart.domain.cart import Cart
from services.cart.domain.commands import Command, RestoreLine, SaveLine, SetQuantity, line_id
from services.cart.domain.copy_cart import copy_lines
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import WIDEST, Limits, within_total
from services.cart.domain.merge.merge import merge
from tests.unit.cart.carts import add, cart_of, moment

TEA, JAM = line_id("tea", {}), line_id("jam", {})
SMALL = Limits(lines=1, quantity=3, currencies=frozenset({"EUR"}))


def refusal(cart: Cart, command: Command) -> Refusal:
    with pytest.raises(Refusal) as refused:
        decide(cart, command, moment(9), SMALL)
    return refused.value


@pytest.mark.parametrize(
    ("commands", "command", "slug", "members"),
    [
        ([add("tea")], add("jam"), "limit-reached", {"which": "lines", "limit": 1}),
        ([add("tea", 2)], add("tea", 2), "limit-reached", {"which": "quantity", "limit": 3}),
        ([add("tea", 2)], SetQuantity(TEA, 4), "limit-reached", {"which": "quantity", "limit": 3}),
        ([], add("tea", currency="PLN"), "currency-not-accepted", {"accepted": ["EUR"]}),
        (
            [add("tea", 2), SaveLine(TEA), add("tea", 2)],
            RestoreLine(TEA),
            "limit-reached",
            {"which": "quantity", "limit": 3},
        ),
        ([add("tea"), SaveLine(TEA), add("jam")], RestoreLine(TEA), "limit-reached", {"which": "lines", "limit": 1}),
        ([add("tea", currency="PLN"), SaveLine(TEA)], RestoreLine(TEA), "currency-not-accepted", {"accepted": ["EUR"]}),
    ],
)
def test_what_would_be_too_much_for_this_store_is_refused(
    commands: list[Command], command: Command, slug: str, members: dict[str, object]
):
    cart = cart_of(*commands)
    refused = refusal(cart, command)
    assert (refused.slug, refused.members) == (slug, members)
    assert decide(cart, command, moment(9), WIDEST) is not None, "another store takes it"


def test_what_fits_is_taken():
    for command in (add("tea", 3), SetQuantity(TEA, 3)):
        assert decide(cart_of(add("tea")) if isinstance(command, SetQuantity) else cart_of(), command, moment(9), SMALL)


def test_a_store_that_lowers_its_limit_lets_carts_shrink_by_steps():
    cart = cart_of(add("tea", 9), add("jam", 2))
    assert refusal(cart, SetQuantity(TEA, 10)).slug == "limit-reached"
    change = decide(cart, SetQuantity(TEA, 8), moment(9), SMALL)
    assert change is not None
    assert change.cart.holds() == {"tea": 8, "jam": 2}
    assert decide(cart, add("tea", 1), moment(9), WIDEST) is not None


def test_a_merge_sets_aside_what_the_store_does_not_let_in_and_cuts_nothing_that_is_there():
    own, guest = cart_of(add("tea", 9)), cart_of(add("tea", 12), add("jam", 2), customer_id=None, cart_id=8)
    merged = merge(own, guest, "max", {}, moment(9), SMALL)
    assert merged.own is not None
    assert merged.own.cart.holds() == {"tea": 9}
    assert {line.sku: line.quantity for line in merged.own.cart.saved} == {"tea": 3, "jam": 2}
    assert {line.sku: line.reason for line in merged.lines} == {"tea": "limit", "jam": "limit"}


def test_a_copy_takes_what_fits_and_tells_of_the_rest():
    own, theirs = cart_of(add("tea", 2)), cart_of(add("tea", 4), add("jam"), customer_id="ben", cart_id=8)
    change, lines = copy_lines(own, theirs, moment(9), SMALL)
    assert change is not None
    assert change.cart.holds() == {"tea": 3}
    assert [(line.sku, line.fate, line.reason) for line in lines] == [
        ("tea", "cut", "limit"),
        ("jam", "not_added", "limit"),
    ]
    pln = cart_of(add("jam", currency="PLN"), customer_id="ben", cart_id=8)
    assert [line.reason for line in copy_lines(cart_of(), pln, moment(9), SMALL)[1]] == ["currency"]


def test_what_integrators_build_on_changes_on_purpose_only():
    assert (limits.MAX_LINES, limits.MAX_QUANTITY) == (500, 999)
    assert (limits.MAX_PRICE, limits.MAX_TOTAL) == (10**12, 9_007_199_254_740_991)
    assert (limits.MAX_LEVELS, limits.MAX_AVAILABLE, limits.MAX_SEQUENCE) == (10_000, 10**9, 2**63 - 1)
    assert (limits.MAX_ATTRIBUTES, limits.MAX_NOTICES, limits.MAX_LOOKS) == (20, 500, 100)
    pages = (limits.CARTS_PAGE, limits.AUDIT_PAGE, limits.STORES_PAGE, limits.KEYS_PAGE)
    assert pages == (50, 100, 200, 200)
    assert (limits.IDENTITIES_PAGE, limits.MERGES_PAGE) == (200, 50)
    bodies = (limits.MAX_BODY, limits.MAX_SERVER_BODY, limits.MAX_BULK_BODY)
    assert bodies == (64 * 1024, 512 * 1024, 4 * 1024**2)


def test_a_cart_of_499_lines_takes_another_and_one_of_500_does_not():
    WIDEST.one_more_line(499)
    with pytest.raises(Refusal) as refused:
        WIDEST.one_more_line(500)
    assert refused.value.members == {"which": "lines", "limit": 500}


def test_a_line_takes_999_units_or_as_many_as_there_were():
    WIDEST.within_line(999)
    WIDEST.within_line(1000, before=1000)
    for quantity, before in ((1000, 0), (1000, 999), (1001, 1000)):
        with pytest.raises(Refusal) as refused:
            WIDEST.within_line(quantity, before)
        assert refused.value.members == {"which": "quantity", "limit": 999}
    with pytest.raises(Refusal):
        Limits(quantity=0).within_line(1)


def test_a_total_is_one_that_programs_read_exactly():
    within_total(2**53 - 1)
    with pytest.raises(Refusal) as refused:
        within_total(2**53)
    assert (refused.value.slug, refused.value.members) == ("limit-reached", {"which": "total", "limit": 2**53 - 1})


def test_a_store_that_names_no_currencies_sells_in_any():
    WIDEST.sold_in("PLN")
    assert limits.widest("shop") is WIDEST


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://shop.test/tea", True),
        ("https://www.shop.test:8443/tea", True),
        ("https://SHOP.test/", True),
        ("https://myshop.test/", False),
        ("https://shop.test.evil.example/", False),
        ("https://shop.test@evil.example/", False),
        ("/tea", False),
        ("https://[broken", False),
    ],
)
def test_a_link_leads_to_a_host_of_the_store_s_or_one_below_it(url: str, own: bool):
    assert Limits(hosts=frozenset({"shop.test"})).own_link(url) == (url if own else None)
    assert Limits().own_link(url) == url, "a store that names none"


def test_a_store_without_links_has_none_to_judge():
    assert Limits(hosts=frozenset()).own_link(None) is None


def test_a_store_may_allow_its_carts_a_mebibyte():
    assert limits.WIDEST_BYTES == 1048576


def test_a_cart_may_be_as_large_as_its_limit_and_no_larger_than_it_was():
    small = Limits(size=100)
    small.within_size(100, lambda: 0)
    small.within_size(101, lambda: 101)
    with pytest.raises(Refusal):
        small.within_size(101, lambda: 100)
    assert limits.MAX_BYTES == 262_144
