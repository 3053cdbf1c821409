"""What has piled up is not poured out at once."""

from services.notifier.domain.token_bucket import TokenBucket


def test_no_pace_is_no_limit():
    assert TokenBucket(0).allowed(1000, 5.0) == 1000


def test_a_second_s_worth_goes_at_once_and_then_as_time_goes_by():
    pace = TokenBucket(10)
    assert pace.allowed(100, 50.0) == 10
    pace.took(10)
    assert pace.allowed(100, 50.0) == 0
    assert pace.allowed(100, 50.25) == 2
    pace.took(2)
    assert pace.allowed(100, 50.5) == 3
    assert pace.allowed(100, 1000.0) == 10


def test_a_pace_below_one_a_second_still_moves():
    pace = TokenBucket(0.1)
    assert pace.allowed(5, 0.0) == 1
    pace.took(1)
    assert pace.allowed(5, 5.0) == 0
    assert pace.allowed(5, 10.0) == 1


def test_a_clock_that_stands_still_or_jumps_back_gives_nothing():
    pace = TokenBucket(10)
    pace.allowed(10, 100.0)
    pace.took(10)
    assert pace.allowed(10, 90.0) == 0
