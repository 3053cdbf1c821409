"""Shoppers and people who are not in hand are on disk, and nobody notices."""

from hypothesis import given
from hypothesis import strategies as st

from deploy.traffic.shoppers import NEW, Shopper, Shoppers
from services.trigger.backtest import people
from services.trigger.backtest.people import People

IDS = st.sampled_from([f"u{number}" for number in range(9)] + ["Ана", ""])


@given(steps=st.lists(st.tuples(IDS, st.one_of(st.none(), st.integers(1, 3))), max_size=60), in_hand=st.integers(1, 4))
def test_a_shopper_is_found_as_kept_last_whoever_came_meanwhile(steps, in_hand) -> None:
    shoppers, known = Shoppers(in_hand), {}
    for number, (who, ordinal) in enumerate(steps):
        if ordinal is not None:
            known[who] = Shopper(ordinal, number, (("tea", number, 250), ("ring", 1, 2**40)))
            shoppers.keep(who, known[who])
        assert shoppers.of(who) == known.get(who, NEW)
    assert [shoppers.of(who) for who in known] == list(known.values())


def test_no_more_shoppers_are_in_memory_than_twice_what_fits_in_hand() -> None:
    shoppers = Shoppers(10)
    for number in range(1_000):
        shoppers.keep(f"u{number}", NEW)
        assert len(shoppers._lately) + len(shoppers._before) <= 20


@given(st.lists(IDS, max_size=60))
def test_everybody_counts_once(ids: list[str]) -> None:
    in_hand, people._IN_HAND = people._IN_HAND, 3
    try:
        found = People()
        for who in ids:
            found.add(who)
            assert len(found._new) < 3
        assert len(found) == len(found) == len(set(ids))
    finally:
        people._IN_HAND = in_hand
