"""A provider that fails again and again is left alone, and tried by one message at a time."""

from services.notifier.domain.breaker import Breaker
from services.notifier.domain.lanes import FAILURES_MOST, PAUSE_FIRST_S, PAUSE_MOST_S


def failed(times: int = FAILURES_MOST, now: float = 100) -> Breaker:
    made = Breaker()
    for _ in range(times):
        assert made.lets(now)
        made.told(now, works=False)
    return made


def test_what_works_is_open_for_all() -> None:
    made = Breaker()
    assert not made.shut
    assert [made.lets(0) for _ in range(9)] == [True] * 9


def test_a_few_failures_leave_it_open_and_so_many_shut_it() -> None:
    few, many = failed(FAILURES_MOST - 1), failed()
    assert (few.shut, few.lets(100)) == (False, True)
    assert (many.shut, many.lets(100)) == (True, False)


def test_a_success_between_starts_the_count_again() -> None:
    made = failed(FAILURES_MOST - 1)
    made.told(100, works=True)
    for _ in range(FAILURES_MOST - 1):
        made.told(100, works=False)
    assert not made.shut
    made.told(100, works=False)
    assert made.shut


def test_what_shows_nothing_counts_for_nothing() -> None:
    made = failed(FAILURES_MOST - 1)
    made.told(100, works=None)
    assert not made.shut
    made.told(100, works=False)
    assert made.shut


def test_after_the_pause_one_message_tries_it_and_no_other_until_that_is_over() -> None:
    made = failed()
    assert not made.lets(100 + PAUSE_FIRST_S - 0.1)
    assert made.lets(100 + PAUSE_FIRST_S)
    assert not made.lets(100 + PAUSE_FIRST_S)
    made.told(100 + PAUSE_FIRST_S, works=None)
    assert made.lets(100 + PAUSE_FIRST_S), "the one that tried has shown nothing: another may"


def test_the_first_success_opens_it_for_all() -> None:
    made = failed()
    assert made.lets(100 + PAUSE_FIRST_S)
    made.told(100 + PAUSE_FIRST_S, works=True)
    assert not made.shut
    assert [made.lets(100 + PAUSE_FIRST_S) for _ in range(3)] == [True] * 3


def test_each_failure_of_the_one_that_tries_doubles_the_pause_up_to_a_bound() -> None:
    made, now, pauses = failed(), 100.0, []
    for _ in range(8):
        pause = PAUSE_FIRST_S
        while not made.lets(now + pause):
            pause += PAUSE_FIRST_S
        now += pause
        pauses.append(pause)
        made.told(now, works=False)
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    assert pauses[-1] == PAUSE_MOST_S


def test_what_was_under_way_when_it_was_shut_makes_no_pause_longer() -> None:
    made = failed()
    for _ in range(5):
        made.told(101, works=False)
    assert not made.lets(100 + PAUSE_FIRST_S - 0.1)
    assert made.lets(100 + PAUSE_FIRST_S)


def test_after_a_success_the_pauses_start_small_again() -> None:
    made = failed()
    made.lets(110)
    made.told(110, works=False)
    assert not made.lets(129)
    assert made.lets(130)
    made.told(130, works=True)
    for _ in range(FAILURES_MOST):
        made.told(200, works=False)
    assert not made.lets(209)
    assert made.lets(210)
