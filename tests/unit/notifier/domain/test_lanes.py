"""A hung or failing provider delays nobody but its own store's messages."""

import pytest

from services.notifier.domain.lanes import FAILURES_MOST, HANGS_S, PAUSE_FIRST_S, PAUSE_MOST_S, Lanes

A, B = ("a", "email"), ("b", "email")


def lanes() -> Lanes:
    return Lanes(share=8, total=16)


def failing(made: Lanes, times: int = FAILURES_MOST, now: float = 0) -> None:
    for one in range(times):
        made.began(A, one, now)
        made.ended(A, one, now, works=False)


def test_a_lane_has_its_share_and_no_more():
    made = lanes()
    for one in range(8):
        made.began(A, one, 0)
    assert made.places(0) == {A: 0}
    assert made.free(0) == 8, "what is left is for the others"


def test_half_the_places_are_given_at_once():
    made = lanes()
    for one in range(5):
        made.began(A, one, 0)
    assert made.places(0) == {A: 0}
    made.ended(A, 0, 0, works=True)
    assert made.places(0) == {A: 4}


def test_deliveries_that_hang_take_no_place_of_others():
    made = lanes()
    for one in range(8):
        made.began(A, one, 0)
    assert made.free(HANGS_S + 1) == 16
    assert made.shut(HANGS_S + 1) == {A}


def test_a_hung_lane_is_tried_with_one_at_a_time_and_only_so_often():
    made = lanes()
    now = 0.0
    for one in range(8):
        made.began(A, one, now)
    for trial in range(100, 200):
        now += HANGS_S + 1
        if not made.places(now)[A]:
            break
        made.began(A, trial, now)
        assert made.places(now) == {A: 0}
    assert trial == 108, "as many hang as twice its share, and then no more"


def test_failures_in_a_row_shut_a_lane_and_a_success_opens_it():
    made = lanes()
    failing(made, FAILURES_MOST - 1)
    assert made.shut(0) == set()
    failing(made, 1)
    assert made.shut(0) == {A}
    assert made.places(0) == {A: 0}
    assert made.places(PAUSE_FIRST_S) == {A: 1}
    made.began(A, "trial", PAUSE_FIRST_S)
    assert made.places(PAUSE_FIRST_S) == {A: 0}
    made.ended(A, "trial", PAUSE_FIRST_S, works=True)
    assert made.shut(PAUSE_FIRST_S) == set()


def test_every_failed_trial_doubles_the_pause_up_to_a_bound():
    made, now, pause = lanes(), 0.0, PAUSE_FIRST_S
    failing(made)
    for _ in range(10):
        assert made.places(now + pause - 0.1) == {A: 0}
        now += pause
        failing(made, 1, now)
        pause = min(PAUSE_MOST_S, pause * 2)
    assert pause == PAUSE_MOST_S


@pytest.mark.parametrize("works", [None, True])
def test_what_says_nothing_bad_of_a_provider_shuts_nothing(works):
    made = lanes()
    for one in range(20):
        made.began(A, one, 0)
        made.ended(A, one, 0, works=works)
    assert made.places(0) == {}


def test_a_message_that_ended_without_its_provider_leaves_the_trial_to_the_next():
    made = lanes()
    failing(made)
    made.began(A, "expired", PAUSE_FIRST_S)
    made.ended(A, "expired", PAUSE_FIRST_S, works=None)
    assert made.places(PAUSE_FIRST_S) == {A: 1}


def test_one_lane_s_failures_are_not_another_s():
    made = lanes()
    failing(made)
    assert B not in made.shut(0)
    assert B not in made.places(0)


def test_what_shuts_a_lane_and_for_how_long_changes_on_purpose_only():
    assert (FAILURES_MOST, PAUSE_FIRST_S, PAUSE_MOST_S, HANGS_S) == (5, 10, 300, 15)


@pytest.mark.parametrize(("running", "left"), [(5, 7), (6, 6), (7, 0), (12, 0)])
def test_half_of_the_share_is_the_least_that_is_given(running: int, left: int):
    made = Lanes(share=12, total=24)
    for one in range(running):
        made.began(A, one, 0)
    assert made.places(0) == {A: left}


def test_a_delivery_hangs_once_it_takes_longer_than_fifteen_seconds():
    made = lanes()
    for one in range(4):
        made.began(A, one, 0)
    assert (made.free(HANGS_S), made.shut(HANGS_S)) == (12, set())
    assert (made.free(HANGS_S + 0.1), made.shut(HANGS_S + 0.1)) == (16, {A})


@pytest.mark.parametrize(("share", "hanging", "shut"), [(8, 3, False), (8, 4, True), (1, 1, True), (3, 1, True)])
def test_a_lane_is_shut_where_half_of_its_share_hangs(share: int, hanging: int, shut: bool):
    made = Lanes(share=share, total=16)
    for one in range(hanging):
        made.began(A, one, 0)
    made.began(A, "fresh", HANGS_S + 1)
    assert (A in made.shut(HANGS_S + 1)) is shut


def test_a_lane_of_one_place_is_open_until_something_hangs():
    made = Lanes(share=1, total=1)
    failing(made, 1)
    assert (made.shut(0), made.places(0)) == (set(), {A: 1})


def test_what_was_under_way_when_a_lane_was_shut_and_fails_too_makes_no_pause_longer():
    made = lanes()
    failing(made, 8)
    assert made.places(PAUSE_FIRST_S - 0.1) == {A: 0}
    assert made.places(PAUSE_FIRST_S) == {A: 1}


def test_a_success_beside_others_forgets_all_failures_and_pauses():
    made = lanes()
    made.began(A, "long", 0)
    failing(made)
    failing(made, 1, PAUSE_FIRST_S)
    made.began(A, "trial", PAUSE_FIRST_S)
    made.ended(A, "trial", PAUSE_FIRST_S, works=True)
    failing(made, FAILURES_MOST - 1, PAUSE_FIRST_S)
    assert made.shut(PAUSE_FIRST_S) == set()
    failing(made, 1, PAUSE_FIRST_S)
    made.ended(A, "long", PAUSE_FIRST_S, works=None)
    assert made.places(2 * PAUSE_FIRST_S - 0.1) == {A: 0}
    assert made.places(2 * PAUSE_FIRST_S) == {A: 1}, "as long as the first, not the third"


def test_a_lane_is_forgotten_when_nothing_is_under_way_and_nothing_has_failed():
    made = lanes()
    made.began(A, 1, 0)
    made.began(A, 2, 0)
    made.ended(A, 1, 0, works=True)
    assert made.places(0) == {A: 7}
    made.ended(A, 2, 0, works=True)
    assert made.places(0) == {}
    failing(made, 1)
    assert made.places(0) == {A: 8}


def test_a_success_at_the_beginning_of_time_leaves_the_next_pause_as_long_as_any():
    made = lanes()
    made.began(A, "long", 0)
    made.began(A, "short", 0)
    made.ended(A, "short", 0, works=True)
    failing(made)
    made.ended(A, "long", 0, works=None)
    assert made.places(PAUSE_FIRST_S - 0.1) == {A: 0}
    assert made.places(PAUSE_FIRST_S) == {A: 1}
