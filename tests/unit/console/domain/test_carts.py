"""Carts come to the same in any order, and however often they are told of."""

from hypothesis import given
from hypothesis import strategies as st

from libs.contracts import events as e
from services.console.domain.carts import by_cart, state, together
from tests.unit.console.making import at, cart, named

told = st.builds(
    lambda name, version, goods: cart(
        name, version, at(minutes=version), goods_version=min(goods, version), total=version, units=version
    ),
    st.sampled_from(["anna", "ben"]),
    st.integers(1, 6),
    st.integers(1, 6),
)


@given(st.lists(told, max_size=10, unique_by=lambda event: (event.cart_id, event.cart_version)), st.randoms())
def test_the_order_of_events_changes_nothing(events: list[e.CartEvent], random) -> None:
    again = events * 2
    random.shuffle(again)
    assert by_cart(again) == by_cart(events)


def test_a_cart_is_what_its_newest_event_says_and_changed_when_its_goods_did() -> None:
    goods = cart("anna", 2, at(minutes=1), total=1)
    note = cart("anna", 3, at(minutes=9), goods_version=2, total=2, units=5, currency="USD")
    found = by_cart([note, goods])[named("cart of anna")]
    assert (found.version, found.goods_version, found.changed_at) == (3, 2, at(minutes=1))
    assert (found.total, found.units, found.currency, found.customer_id) == (2, 5, "USD", "anna")
    assert (found.closed_by, found.into_cart_id, found.store_id) == (None, None, "shop")


def test_a_cart_whose_goods_are_older_than_what_is_known_keeps_the_newer_time() -> None:
    older, newer = cart("anna", 4, at(minutes=1), goods_version=1), cart("anna", 3, at(minutes=7), goods_version=3)
    assert together(state(older), state(newer)).changed_at == at(minutes=7)
    assert together(state(older), state(newer)).version == 4


def test_a_guest_is_whom_one_writes_to() -> None:
    assert state(cart("anna", 1, at(), customer_id=None, recipient_id="guest:1")).customer_id == "guest:1"


def test_a_cart_that_is_closed_says_by_what_and_where_its_lines_are() -> None:
    said = cart("anna", 2, at()).model_dump()
    merged = e.CartMergedAway.model_validate(said | {"into_cart_id": named("other")})
    expired = e.CartExpired.model_validate(said)
    assert (state(merged).closed_by, state(merged).into_cart_id) == ("merged_away", named("other"))
    assert (state(expired).closed_by, state(expired).into_cart_id) == ("expired", None)
    assert together(state(cart("anna", 2, at())), state(expired)).closed_by == "expired"
