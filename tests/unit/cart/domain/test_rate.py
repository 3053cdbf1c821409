"""When a bucket lets a call through: at one instant, and told by several replicas."""

from services.cart.domain.rate import Rate, due_everywhere

TEN = Rate(per_second=10, burst=2)
"""A call costs 100 ms, and an empty bucket is full after 200."""


def test_an_empty_bucket_waits_until_the_cost_of_a_call_has_flowed_in() -> None:
    now = 1_000_000
    assert TEN.wait(due=now + 100_000, now=now) == 0
    assert TEN.wait(due=now + 100_001, now=now) == 1
    assert TEN.wait(due=now + 200_000, now=now) == 100_000
    assert TEN.wait(due=0, now=0) == 0


def test_calls_that_were_told_late_count_from_when_the_first_came() -> None:
    assert due_everywhere(due=0, age=300, cost=100, now=1000) == 800
    assert due_everywhere(due=900, age=300, cost=100, now=1000) == 1000


def test_half_of_the_burst_used_up_is_the_rate_of_no_person() -> None:
    assert not TEN.is_no_persons(debt=99_999)
    assert TEN.is_no_persons(debt=100_000)
