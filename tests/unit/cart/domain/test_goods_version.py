"""What counts as a change of goods, and what the events say has changed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.cart.domain.cart import Cart, next_version
from services.cart.domain.commands import Command, SaveLine, SetAttributes, SetNote, line_id
from services.cart.domain.decide import decide
from services.cart.domain.errors import Refusal
from services.cart.domain.merge.merge import claim_cart
from tests.unit.cart.carts import add, cart_of, commands, line_ids, moment, quantities

TEA, MILK = line_id("tea", {}), line_id("milk", {})


def after(cart: Cart, command: Command) -> Cart:
    change = decide(cart, command, moment(60))
    assert change is not None
    assert (change.event.goods_version, change.event.changed) == (change.cart.goods_version, change.cart.changed)
    return change.cart


def test_a_note_or_an_attribute_is_no_change_of_goods():
    cart = cart_of(add("tea", 2), add("milk"))
    noted = after(cart, SetNote(TEA, "gift"))
    assert (noted.version, noted.goods_version, noted.changed) == (3, 2, ("notes",))
    described = after(noted, SetAttributes(attributes={"channel": "app"}))
    assert (described.version, described.goods_version, described.changed) == (4, 2, ("attributes",))


def test_a_log_in_that_only_takes_the_cart_over_is_no_change_of_goods():
    guest = cart_of(add("tea"), customer_id=None)
    claimed = claim_cart(guest, "anna", moment(60)).own
    assert claimed is not None
    assert (claimed.event.cart_version, claimed.event.goods_version, claimed.event.changed) == (2, 1, ("owner",))


def test_another_price_alone_is_no_change_of_goods():
    cart = cart_of(add("tea", 2))
    [line] = cart.lines
    dearer = next_version(cart, moment(60), lines=(replace(line, price=line.price + 1),))
    assert (dearer.goods_version, dearer.changed) == (1, ("prices",))


def test_setting_aside_changes_the_goods_and_what_is_saved():
    cart = cart_of(add("tea", 2), add("milk"))
    assert after(cart, SaveLine(MILK)).changed == ("goods", "saved")


details = st.one_of(
    st.builds(SetNote, line_ids, st.sampled_from(["gift", "as a gift", None])),
    st.builds(lambda value: SetAttributes(attributes={"channel": value}), st.sampled_from(["app", "web", None])),
)


@given(st.lists(st.one_of(commands, details), max_size=20))
def test_the_goods_version_is_that_of_the_last_change_of_quantities(given):
    cart, expected = cart_of(), 0
    for second, command in enumerate(given):
        try:
            change = decide(cart, command, moment(second))
        except Refusal:
            continue
        if change is None:
            continue
        if quantities(change.cart) != quantities(cart) or not expected:
            expected = change.cart.version
        assert ("goods" in change.cart.changed) == (quantities(change.cart) != quantities(cart))
        cart = change.cart
        assert cart.goods_version == expected
