"""The steps of carts that have them alike are worked out once, and are those of each."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.trigger.domain import episodes
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import next_at, plan, steps_of, wake
from services.trigger.domain.participation import Participants
from tests.unit.trigger.domain.backtest.test_plans import FILES, carts
from tests.unit.trigger.making import added, after, campaigns

PLAIN = FILES["plain"]


@pytest.mark.parametrize("name", FILES)
@given(states=st.lists(carts(), max_size=12))
def test_they_are_those_that_are_planned_for_each_in_order_of_due_time(name: str, states: list[CartState]) -> None:
    on = campaigns(FILES[name], after(minutes=300))
    for state in states:
        found = [one.at(state.quiet_since) for one in steps_of(state, on)]
        assert found == sorted(plan(state, on), key=lambda one: one.due_at)


@given(states=st.lists(carts(), max_size=12), minutes=st.integers(0, 300))
def test_what_is_due_and_what_is_next_is_what_the_plan_says(states: list[CartState], minutes: int) -> None:
    on = campaigns(PLAIN)
    for state in states:
        until = state.quiet_since + timedelta(minutes=minutes)
        planned = plan(state, on)
        awoken = wake(state, on, until, until, Participants())
        due = [one.due_at for one in planned if state.decided_until <= one.due_at < until]
        assert [one.due_at for one in awoken.decisions] == due
        sent = [one.due_at for one in planned if one.skip is None]
        assert next_at(state, on) == min((at for at in sent if at >= state.decided_until), default=None)
        assert awoken.next_at == min((at for at in sent if at >= awoken.decided_until), default=None)


def test_carts_that_have_them_alike_share_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    on, asked = campaigns(PLAIN), list[str]()

    def planned(state: CartState, *more: object) -> object:
        asked.append(state.customer_id or "")
        return plan(state, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(episodes, "plan", planned)
    first, other, guest = (apply(None, added(name, at=after(minutes=n))) for n, name in enumerate("abc"))
    guest = guest._replace(customer_id=None)
    assert steps_of(first, on) is steps_of(other, on)
    assert steps_of(guest, on) is not steps_of(first, on)
    assert asked == ["customer-a", ""]
    steps_of(first._replace(silent=True), on)
    assert len(asked) == 3, "of a silent cart more has to be asked"


def test_so_much_is_kept_and_then_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(episodes, "_MOST_ALIKE", 2)
    on = campaigns(FILES["for totals"])
    states = [apply(None, added(total=1500 * n))._replace(origin=who) for n, who in ((1, None), (0, None), (1, "bot"))]
    for state in states:
        assert [one.planned.skip for one in steps_of(state, on)] == [one.skip for one in plan(state, on)]
    assert len(on.alike) == 1


def test_a_thousand_plans_are_kept_of_a_store() -> None:
    on, cart = campaigns(PLAIN), apply(None, added())
    for number in range(1_000):
        steps_of(cart._replace(origin=f"origin-{number}"), on)
    assert len(on.alike) == 1_000
    steps_of(cart, on)
    assert len(on.alike) == 1
