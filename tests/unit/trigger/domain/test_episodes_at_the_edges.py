"""A step whose time is the very instant up to which everything was read."""

from services.trigger.domain.carts import apply
from tests.unit.trigger.making import added, after, campaigns, wake


def test_a_step_that_is_due_at_the_end_of_what_was_read_is_looked_at_again_at_once() -> None:
    awoken = wake(apply(None, added()), campaigns(), after(hours=1), after(hours=1))
    assert (awoken.decisions, awoken.next_at) == ((), after(hours=1))
    again = wake(awoken.state, campaigns(), after(hours=2), after(hours=2))
    assert [decided.step for decided in again.decisions] == [1]


def test_a_cart_that_was_read_further_is_not_looked_at_earlier() -> None:
    late = wake(apply(None, added()), campaigns(), after(hours=30), after(hours=30))
    early = wake(late.state, campaigns(), after(hours=2), after(hours=30))
    assert (early.decisions, early.next_at) == ((), after(hours=48))
    assert early.state.decided_until == after(hours=30)
