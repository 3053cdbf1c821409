"""What a unit costs: one price for all units of a line, and no stale page's for all of them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from libs.contracts.events import LineAdded
from services.cart.domain.cart import Cart, Change, Line
from services.cart.domain.commands import Clear, Command, RestoreLine, SaveLine, SetQuantity, line_id
from services.cart.domain.copy_cart import copy_lines
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import MAX_TOTAL, Limits, Pricing
from services.cart.domain.merge.merge import merge
from services.cart.domain.prices import (
    Priced,
    asked_of_store,
    priced,
    set_price,
    settle,
    settles,
    unsettled,
)
from services.cart.domain.store import Store
from tests.unit.cart.carts import add, cart_of, moment

TEA, SIZE_M = line_id("tea", {}), {"size": "M"}
TOLD, TRUSTED = Limits(prices="told"), Limits(prices="trusted")


def fixed(cart: Cart) -> Cart:
    """The cart with prices that a server has set."""
    return replace(cart, lines=tuple(replace(line, fixed_price=True) for line in cart.lines))


def tea(price: int = 500, *, set_by_server: bool = False) -> Line:
    return replace(cart_of(add("tea", price=price)).lines[0], fixed_price=set_by_server)


def changed(cart: Cart, command: Command, limits: Limits, told: int | None) -> Change:
    change = decide(cart, command, moment(9), limits, told)
    assert change is not None
    return change


def of(change: Change) -> tuple[int, int, list[tuple[str, int | None, int | None]]]:
    """Price and total of the only line, and what is told this once."""
    (line,) = change.cart.lines
    assert line.total == line.price * line.quantity
    return line.price, line.quantity, [(one.kind, one.before, one.after) for one in change.notices]


@pytest.mark.parametrize(
    ("pricing", "asked", "known", "told", "settled"),
    [
        ("trusted", 450, None, None, 450),
        ("trusted", 450, None, 500, 450),
        ("trusted", 450, 500, None, 450),
        ("trusted", 450, 500, 450, 450),
        ("trusted", 450, 500, 500, 500),
        ("trusted", 450, 500, 480, 450),
        ("told", 450, None, None, 450),
        ("told", 450, None, 500, 500),
        ("told", 450, 500, None, 450),
        ("told", 450, 500, 480, 480),
        ("told", 450, 500, 0, 0),
    ],
)
def test_a_price_is_settled(pricing: Pricing, asked: int, known: int | None, told: int | None, settled: int) -> None:
    line = None if known is None else tea(known)
    assert settle(asked, line, told, pricing) == settled
    if line is not None:
        assert settle(asked, replace(line, fixed_price=True), told, pricing) == known


@pytest.mark.parametrize(
    ("limits", "asked", "told", "price", "notices", "asked_price"),
    [
        (TRUSTED, 500, None, 500, [], None),
        (TRUSTED, 450, None, 450, [("price_changed", 500, 450)], None),
        (TRUSTED, 450, 450, 450, [("price_changed", 500, 450)], None),
        (TRUSTED, 450, 500, 500, [("price_taken", 450, 500)], 450),
        (TOLD, 500, 500, 500, [], None),
        (TOLD, 500, 480, 480, [("price_taken", 500, 480)], 500),
        (TOLD, 450, 480, 480, [("price_taken", 450, 480), ("price_changed", 500, 480)], 450),
        (TOLD, 480, 480, 480, [("price_changed", 500, 480)], None),
    ],
)
def test_one_stale_page_never_prices_a_whole_line_unsaid(
    limits: Limits,
    asked: int,
    told: int | None,
    price: int,
    notices: list[tuple[str, int, int]],
    asked_price: int | None,
) -> None:
    """Story: three in the cart at the new price, one more from a tab of last week, and all four cost last week's."""
    change = changed(cart_of(add("tea", 3)), add("tea", price=asked), limits, told)
    assert of(change) == (price, 4, notices)
    assert isinstance(change.event, LineAdded)
    assert (change.event.asked_price, change.event.total) == (asked_price, price * 4)
    assert ("prices" in (change.event.changed or ())) == (price != 500)


def test_a_new_line_is_taken_at_the_told_price_and_says_so() -> None:
    change = changed(cart_of(), add("tea", 2, price=1), TOLD, 500)
    assert of(change) == (500, 2, [("price_taken", 1, 500)])
    assert isinstance(change.event, LineAdded)
    assert change.event.asked_price == 1
    (notice,) = change.notices
    assert (notice.line_id, notice.sku, notice.title, notice.at) == (TEA, "tea", "Tea", moment(9).now)
    assert of(changed(cart_of(), add("tea", 2, price=1), TOLD, None)) == (1, 2, [])


def test_a_price_of_the_server_is_neither_a_page_s_nor_a_told_one() -> None:
    cart = fixed(cart_of(add("tea", 1, price=400)))
    change = changed(cart, add("tea", price=500), TOLD, 480)
    assert of(change) == (400, 2, [("price_taken", 500, 400)])
    assert change.cart.lines[0].fixed_price
    assert of(changed(cart, SetQuantity(TEA, 3), TOLD, 480)) == (400, 3, [])
    assert not changed(cart_of(), add("tea"), TOLD, None).cart.lines[0].fixed_price


def test_more_units_cost_what_the_store_has_told() -> None:
    cart = cart_of(add("tea", 2))
    assert of(changed(cart, SetQuantity(TEA, 3), TOLD, 480)) == (480, 3, [("price_changed", 500, 480)])
    assert of(changed(cart, SetQuantity(TEA, 3), TOLD, 500)) == (500, 3, [])
    assert of(changed(cart, SetQuantity(TEA, 3), TOLD, None)) == (500, 3, [])


def test_what_comes_back_from_the_saved_lines_does_so_too() -> None:
    aside = cart_of(add("tea", 2), SaveLine(TEA))
    assert of(changed(aside, RestoreLine(TEA), TOLD, 480)) == (480, 2, [("price_changed", 500, 480)])
    assert of(changed(aside, RestoreLine(TEA), TRUSTED, None)) == (500, 2, [])
    both = changed(aside, add("tea", price=450), TRUSTED, None).cart
    assert of(changed(both, RestoreLine(TEA), TRUSTED, None)) == (450, 3, [("price_changed", 500, 450)])


@pytest.mark.parametrize(
    ("command", "trusted", "told"),
    [
        (add("tea"), False, True),
        (add("tea", price=1), True, True),
        (add("tea", options=SIZE_M), False, True),
        (add("jam", price=1), False, True),
        (SetQuantity(TEA, 3), False, True),
        (SetQuantity(TEA, 2), False, False),
        (SetQuantity(TEA, 1), False, False),
        (SetQuantity(UUID(int=1), 9), False, False),
        (RestoreLine(line_id("milk", {})), False, True),
        (RestoreLine(UUID(int=1)), False, False),
        (SaveLine(TEA), False, False),
        (Clear(), False, False),
    ],
)
def test_the_store_is_asked_only_where_its_price_decides(command: Command, trusted: bool, told: bool) -> None:
    cart = cart_of(add("milk"), SaveLine(line_id("milk", {})), add("tea", 2))
    assert (asked_of_store(cart, command, "trusted") is not None) == trusted
    assert (asked_of_store(cart, command, "told") is not None) == told
    set_by_server = fixed(cart)
    of_others = isinstance(command, RestoreLine) or (
        not isinstance(command, SetQuantity) and told and not _of_tea(command)
    )
    assert (asked_of_store(set_by_server, command, "told") is not None) == (told and of_others)


def _of_tea(command: Command) -> bool:
    return getattr(command, "sku", "") == "tea" and not getattr(command, "options", None)


def test_it_is_asked_of_sku_options_and_currency() -> None:
    assert asked_of_store(cart_of(), add("tea", options=SIZE_M), "told") == Priced("tea", SIZE_M, "EUR")
    assert asked_of_store(cart_of(), add("tea"), "trusted") is None
    cart = cart_of(add("tea", options=SIZE_M, currency="PLN"))
    assert asked_of_store(cart, SetQuantity(cart.lines[0].line_id, 2), "told") == Priced("tea", SIZE_M, "PLN")
    aside = cart_of(add("tea", currency="PLN"), SaveLine(TEA))
    assert asked_of_store(aside, RestoreLine(TEA), "told") == Priced("tea", {}, "PLN")


def test_a_line_is_priced_by_what_was_told() -> None:
    line = tea(500)
    assert priced(line, None) is line is priced(line, 500)
    assert priced(tea(500, set_by_server=True), 400).price == 500
    assert (priced(line, 400).price, priced(line.holding(3, line.updated_at), 400).total) == (400, 1200)


def test_a_server_sets_a_price_and_lets_it_go() -> None:
    cart = cart_of(add("tea", 2), add("jam"))
    change = set_price(cart, TEA, 400, "EUR", moment(9), 480)
    assert change is not None
    line = change.cart.lines[0]
    assert (line.price, line.total, line.fixed_price, line.updated_at) == (400, 800, True, moment(9).now)
    assert (change.event.type, change.event.changed, change.event.total) == ("cart.details_set", ("prices",), 1300)
    assert change.cart.goods_version == cart.goods_version
    assert set_price(change.cart, TEA, 400, "EUR", moment(10), 480) is None
    again = set_price(change.cart, TEA, 390, "EUR", moment(10), 480)
    assert again is not None
    assert (again.cart.lines[0].price, again.cart.lines[0].fixed_price) == (390, True)
    for told, price in ((480, 480), (None, 400), (400, 400)):
        free = set_price(change.cart, TEA, None, "EUR", moment(10), told)
        assert free is not None
        assert (free.cart.lines[0].price, free.cart.lines[0].fixed_price) == (price, False)
    assert set_price(cart, TEA, None, "EUR", moment(9), None) is None
    same = set_price(cart, TEA, 500, "EUR", moment(9), None)
    assert same is not None
    assert same.cart.lines[0].fixed_price


def test_a_server_sets_no_price_of_what_is_not_there() -> None:
    cart = cart_of(add("tea", 2))
    for line, currency, price, slug in (
        (UUID(int=1), "EUR", 1, "unknown-line"),
        (TEA, "PLN", 1, "currency-mismatch"),
        (TEA, "EUR", MAX_TOTAL, "limit-reached"),
    ):
        with pytest.raises(Refusal) as refusal:
            set_price(cart, line, price, currency, moment(9), None)
        assert refusal.value.slug == slug
        assert slug != "currency-mismatch" or refusal.value.detail == "The cart is in EUR."


def test_what_is_copied_costs_what_the_store_has_told() -> None:
    own, theirs = (
        replace(cart_of(add("tea", 1)), cart_id=UUID(int=9)),
        fixed(cart_of(add("tea", 2, price=1), add("jam", 2, price=1))),
    )
    change, _ = copy_lines(own, theirs, moment(9), TOLD, {TEA: 480, line_id("jam", {}): 300})
    assert change is not None
    assert [(line.price, line.total, line.fixed_price) for line in change.cart.lines] == [
        (480, 1440, False),
        (300, 600, False),
    ]
    assert [(one.kind, one.before, one.after) for one in change.notices] == [
        ("price_changed", 500, 480),
        ("price_changed", 1, 300),
    ]
    change, _ = copy_lines(own, theirs, moment(9))
    assert change is not None
    assert [line.price for line in change.cart.lines] == [500, 1]
    assert change.notices == ()
    change, _ = copy_lines(fixed(own), theirs, moment(9), TOLD, {TEA: 480})
    assert change is not None
    assert [(line.price, line.fixed_price) for line in change.cart.lines] == [(500, True), (1, False)]


@pytest.mark.parametrize(
    ("told", "ours", "theirs", "pricing", "decides"),
    [
        (None, 500, 450, "told", None),
        (480, 500, 450, "told", 480),
        (480, None, 450, "told", 480),
        (480, 500, 450, "trusted", None),
        (500, 500, 450, "trusted", 500),
        (450, 500, 450, "trusted", 450),
        (450, None, 450, "trusted", None),
    ],
)
def test_the_store_settles_what_comes_from_another_cart(
    told: int | None, ours: int | None, theirs: int, pricing: Pricing, decides: int | None
) -> None:
    assert settles(told, tea(ours) if ours else None, tea(theirs), pricing) == decides


def merged(own: Cart, guest: Cart, limits: Limits, **more: Any) -> list[tuple[int, int, int, bool]]:
    done = merge(own, replace(guest, cart_id=UUID(int=9), customer_id=None), "sum", {}, moment(20), limits, **more)
    lines = done.own.cart.lines if done.own else own.lines
    return [(line.price, line.quantity, line.total, line.fixed_price) for line in lines]


def test_a_log_in_settles_prices_too() -> None:
    """Story: the tablet had the sale's price, the phone the old one; whichever was touched last priced both."""
    own, guest = cart_of(add("jam"), add("tea", 1)), cart_of(add("tea", 2, price=450))
    assert [line.price for line in unsettled(own, guest, TRUSTED)] == [450]
    assert unsettled(own, cart_of(add("tea"), add("milk")), TRUSTED) == []
    assert len(unsettled(own, cart_of(add("tea"), add("milk")), TOLD)) == 2
    assert merged(own, guest, TRUSTED)[1] == (500, 3, 1500, False)
    assert merged(own, guest, TRUSTED, told={TEA: 450})[1] == (450, 3, 1350, False)
    assert merged(own, guest, TRUSTED, told={TEA: 480})[1] == (500, 3, 1500, False)
    assert merged(own, guest, TOLD, told={TEA: 480})[1] == (480, 3, 1440, False)
    assert merged(cart_of(add("jam")), guest, TOLD, told={TEA: 480})[1] == (480, 2, 960, False)


def test_a_price_of_the_server_comes_along() -> None:
    own, guest = cart_of(add("tea", 1)), fixed(cart_of(add("tea", 2, price=300)))
    assert merged(own, guest, TOLD, told={TEA: 480}) == [(300, 3, 900, True)]
    assert merged(fixed(own), cart_of(add("tea", 2, price=300)), TOLD, told={TEA: 480}) == [(500, 3, 1500, True)]
    assert merged(fixed(own), guest, TRUSTED) == [(500, 3, 1500, True)]
    done = merge(cart_of(add("tea", 2)), replace(guest, cart_id=UUID(int=9)), "max", {}, moment(20))
    assert done.own is not None
    assert [(line.price, line.total, line.fixed_price) for line in done.own.cart.lines] == [(300, 600, True)]


def test_stores_trust_their_pages_unless_they_say_otherwise() -> None:
    plain = {"name": "Shop", "currency": "EUR", "jwt_key": "k" * 32, "recovery_url": "https://s.example/{token}"}
    assert Store.model_validate(plain).allowed().prices == "trusted"
    assert Store.model_validate(plain | {"prices": "told"}).allowed().prices == "told"
