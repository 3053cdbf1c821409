"""What became of an order: the same whatever the order in which it is told, and nothing goes below nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cart.domain.orders.fulfilment import ALL, Update, followed_at, judge, standing_of, told_before, total_of

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
BOUGHT = {"tea": 3, "jam": 1}
UPDATES = st.lists(
    st.builds(
        Update,
        st.sampled_from(["shipped", "delivered", "cancelled", "returned"]),
        st.integers(0, 9).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        st.just(0),
        st.dictionaries(st.sampled_from(["tea", "jam", "cap"]), st.integers(1, 4), max_size=2),
    ),
    unique_by=lambda update: update.identity,
    max_size=6,
)


def happened(kind, minutes, **units):
    return Update(kind, NOON + timedelta(minutes=minutes), 0, units)


@given(UPDATES.flatmap(lambda updates: st.tuples(st.just(updates), st.permutations(updates))))
def test_the_order_in_which_facts_are_told_changes_nothing(told) -> None:
    updates, mixed = told
    assert standing_of(BOUGHT, mixed) == standing_of(BOUGHT, updates)
    assert standing_of({}, mixed) == standing_of({}, updates)


@given(UPDATES)
def test_no_more_is_left_sent_or_arrived_than_was_bought(updates: list[Update]) -> None:
    now = standing_of(BOUGHT, updates)
    for sku, units in BOUGHT.items():
        assert 0 <= now.arrived[sku] <= now.sent[sku] <= now.left[sku] <= units
    assert len(now.impossible) <= len(updates)


@given(UPDATES, UPDATES)
def test_a_fact_is_a_mismatch_exactly_if_it_makes_one_more_impossible(before: list[Update], more: list[Update]) -> None:
    for update in more:
        if told_before(before, update) is None:
            status, mismatch = judge(BOUGHT, before, update)
            after = standing_of(BOUGHT, (*before, update))
            assert status == after.status
            if mismatch is None:
                assert len(after.impossible) <= len(standing_of(BOUGHT, before).impossible)
            before = [*before, update]


@pytest.mark.parametrize(
    ("updates", "status"),
    [
        ([], "placed"),
        ([happened("shipped", 1, tea=1)], "shipped"),
        ([happened("delivered", 1, tea=3)], "shipped"),
        ([happened("delivered", 1, tea=3), happened("cancelled", 2, jam=1)], "delivered"),
        (
            [happened("shipped", 1, tea=1), happened("cancelled", 2, tea=2, jam=1), happened("delivered", 3)],
            "delivered",
        ),
        ([happened("delivered", 1), happened("returned", 2, tea=3)], "delivered"),
        ([happened("delivered", 1), happened("returned", 2, tea=3), happened("returned", 3, jam=1)], "returned"),
        ([happened("cancelled", 1, tea=3), happened("cancelled", 2, jam=1)], "cancelled"),
        ([happened("returned", 2), happened("shipped", 1)], "returned"),
    ],
)
def test_the_status_of_an_order_is_that_of_what_is_left_in_it(updates: list[Update], status: str) -> None:
    assert standing_of(BOUGHT, updates).status == status
    assert standing_of(BOUGHT, updates).impossible == ()


def test_parts_of_an_order_of_which_nobody_said_what_is_in_it_are_taken_as_told() -> None:
    assert judge({}, [], happened("shipped", 1, tea=1)) == ("placed", None)
    assert judge({}, [happened("shipped", 1)], happened("returned", 2)) == ("returned", None)


def test_what_all_of_the_order_was_twice_is_told_once() -> None:
    assert told_before([happened("shipped", 1)], happened("shipped", 2))
    assert not told_before([happened("shipped", 1, tea=1)], happened("shipped", 2))
    assert told_before([happened("shipped", 1, tea=1)], happened("shipped", 1, tea=1))


def test_what_was_impossible_before_is_no_mismatch_of_the_next_fact() -> None:
    too_many = happened("shipped", 1, tea=4)
    assert judge(BOUGHT, [], too_many) == ("placed", "quantity")
    assert judge(BOUGHT, [too_many], happened("shipped", 2, tea=3)) == ("shipped", None)
    assert judge(BOUGHT, [too_many], happened("shipped", 3, jam=2)) == ("placed", "quantity")


@pytest.mark.parametrize(
    ("before", "update", "mismatch"),
    [
        ([happened("delivered", 1)], happened("cancelled", 2), "status"),
        ([happened("shipped", 1, tea=1)], happened("cancelled", 2), "status"),
        ([happened("shipped", 1, tea=1)], happened("cancelled", 2, tea=2), None),
        ([happened("shipped", 1, tea=1)], happened("cancelled", 2, tea=3), "status"),
        ([happened("shipped", 1, tea=3)], happened("shipped", 2, tea=1), "status"),
        ([happened("delivered", 1)], happened("shipped", 2), "status"),
        ([happened("cancelled", 1)], happened("shipped", 2), "status"),
        ([happened("returned", 1, tea=2)], happened("returned", 2, tea=2), "quantity"),
        ([happened("returned", 1, tea=2)], happened("returned", 2), None),
        ([happened("returned", 1)], happened("returned", 2), "status"),
        ([], happened("shipped", 1, cap=1), "quantity"),
    ],
)
def test_what_cannot_be_is_told_with_what_of_it_cannot(before: list[Update], update: Update, mismatch) -> None:
    assert judge(BOUGHT, before, update)[1] == mismatch


def test_facts_of_one_instant_stand_in_the_order_in_which_goods_go_their_way() -> None:
    together = [happened("returned", 1), happened("delivered", 1), happened("shipped", 1)]
    assert standing_of(BOUGHT, together).status == "returned"
    assert Update("shipped", NOON).sequence == 0
    told_apart = [Update("cancelled", NOON, 1), Update("shipped", NOON)]
    assert standing_of(BOUGHT, told_apart).impossible == ("status",)


def test_an_order_that_does_not_say_what_was_bought_is_one_thing() -> None:
    assert standing_of({}, []).left == {ALL: 1}
    gone = standing_of({}, [happened("delivered", 1), happened("returned", 2)])
    assert (gone.left, gone.sent, gone.arrived) == ({ALL: 0}, {ALL: 0}, {ALL: 0})


@pytest.mark.parametrize(
    ("left", "prices", "total"),
    [
        ({"tea": 3, "jam": 1}, {}, 2000),
        ({"tea": 1, "jam": 1}, {"tea": 300}, 1400),
        ({"tea": 1}, {"tea": 300, "jam": 900}, 500),
        ({"tea": 1}, {"tea": 300}, 2000),
        ({}, {"tea": 600, "jam": 900}, 0),
    ],
)
def test_an_order_costs_less_by_what_is_not_in_it_any_more(left, prices, total) -> None:
    """Where a price is not known nobody can say by how much; never less than nothing."""
    assert total_of(2000, BOUGHT, left, prices) == total
    assert total_of(None, BOUGHT, left, prices) is None


def test_a_part_is_news_where_the_whole_was_told_before_and_so_is_each_failed_payment() -> None:
    assert not told_before([happened("shipped", 1)], happened("shipped", 2, tea=1))
    assert not told_before([happened("payment_failed", 1)], happened("payment_failed", 2))


def test_nothing_is_in_the_cart_again_unless_that_is_said() -> None:
    assert not Update("cancelled", NOON).reopen


def test_a_fact_is_known_by_the_one_that_told_it() -> None:
    first, second = happened("shipped", 1), happened("shipped", 2, tea=1)
    assert told_before([second, first], happened("shipped", 9)) == first
    assert told_before([first, second], happened("shipped", 2, tea=1)) == second
    assert told_before([first], happened("delivered", 1)) is None


def test_of_several_parcels_the_last_one_that_can_be_followed_is() -> None:
    first, second = (
        replace(happened("shipped", m, tea=1), tracking_url=f"https://parcels.example/{m}") for m in (1, 2)
    )
    assert followed_at([second, happened("shipped", 3, jam=1), first]) == "https://parcels.example/2"
    assert followed_at([happened("shipped", 3)]) is None


@pytest.mark.parametrize("proof", ["shipped", "delivered"])
def test_goods_that_were_sent_prove_that_an_order_was_paid_though_they_came_back(proof) -> None:
    events = [happened("payment_failed", 0), happened(proof, 1, tea=1), happened("returned", 2, tea=1)]
    assert standing_of(BOUGHT, events).status == "placed"


def test_what_comes_back_is_neither_left_nor_sent_nor_arrived_and_the_rest_is() -> None:
    now = standing_of(BOUGHT, [happened("delivered", 1, tea=3), happened("returned", 2, tea=1)])
    assert (now.left, now.sent, now.arrived) == ({"tea": 2, "jam": 1}, {"tea": 2, "jam": 0}, {"tea": 2, "jam": 0})
