"""What is ahead of a cart, and why what is not, as the live plan has it."""

from uuid import uuid4

import pytest

from services.trigger.domain.call_off import call_off, step_ahead
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.explain import ahead, in_short, without
from services.trigger.domain.participation import Entry, Participation
from tests.unit.trigger.making import (
    STORE,
    T0,
    THREE_STEPS,
    added,
    after,
    campaigns,
    cleared,
    noted,
    ordered,
    silenced,
    wake,
)


def cart(*events: object) -> CartState:
    state: CartState | None = None
    for event in events or (added("a", 1, T0),):
        state = apply(state, event)  # type: ignore[arg-type]
    assert state is not None
    return state


def told(state: CartState, text: str = THREE_STEPS, **delay: float) -> list[tuple[int, str, str]]:
    return [(one.step, one.state, one.reason) for one in ahead(state, campaigns(text), after(**delay))]


def test_every_step_that_is_ahead_is_planned_with_when_it_is_due_and_when_too_late() -> None:
    assert told(cart(), minutes=1) == [(1, "planned", "planned"), (2, "planned", "planned"), (3, "planned", "planned")]
    first = ahead(cart(), campaigns(), after(minutes=1))[0]
    assert (first.campaign, first.step_name, first.channel) == ("abandoned_cart", "abandoned_cart-email", "email")
    assert (first.due_at, first.expires_at) == (after(hours=1), after(hours=7))


def test_what_was_decided_is_not_ahead_and_what_is_due_waits_for_facts() -> None:
    state = wake(cart(), campaigns(), after(hours=1, seconds=1), after(hours=1, seconds=1)).state
    assert [step for step, *_ in told(state, hours=2)] == [2, 3]
    just_before = wake(cart(), campaigns(), after(hours=1), after(hours=1)).state
    assert [step for step, *_ in told(just_before, hours=1)] == [1, 2, 3]
    assert told(cart(), hours=1)[0] == (1, "planned", "waiting_for_facts")
    assert told(cart(), minutes=59)[0] == (1, "planned", "planned")


def test_a_campaign_that_was_switched_on_after_the_cart_went_quiet_says_so() -> None:
    """Story: a new campaign told nobody of the carts of the day before, and nothing said why."""
    later = ahead(cart(), campaigns(since=after(seconds=1)), after(minutes=1))
    assert {(one.state, one.reason) for one in later} == {("left_out", "switched_on_later")}
    at_once = ahead(cart(), campaigns(since=T0), after(minutes=1))
    assert {one.reason for one in at_once} == {"planned"}


def test_a_cart_whose_customer_ordered_elsewhere_says_so_but_for_campaigns_that_go_on() -> None:
    state = cart(added("a", 1, T0), silenced("a", 1, after(minutes=5)))
    assert {reason for *_, reason in told(state, minutes=6)} == {"ordered_elsewhere"}
    going_on = THREE_STEPS.replace("    steps:", "    exit_on: []\n    steps:", 1)
    assert {reason for *_, reason in told(state, going_on, minutes=6)} == {"planned"}


def test_what_the_plan_leaves_out_has_its_own_reason() -> None:
    rich = THREE_STEPS.replace("    steps:", "    enter: {total: {EUR: 5000}}\n    steps:", 1)
    assert {(state, reason) for _, state, reason in told(cart(), rich, minutes=1)} == {("left_out", "below_minimum")}
    guest = cart(added("a", 1, T0, customer=None))
    assert {reason for *_, reason in told(guest, minutes=1)} == {"anonymous"}


@pytest.mark.parametrize("end", [cleared("a", 2, after(minutes=1)), ordered("a", 2, after(minutes=1))])
def test_nothing_is_ahead_of_a_cart_that_holds_nothing(end: object) -> None:
    assert told(cart(added("a", 1, T0), end), minutes=2) == []


def test_each_cart_says_in_a_sentence_why_it_is_or_is_not_waited_for() -> None:
    waits, changed = cart(), cart(added("a", 1, T0), added("a", 2, after(minutes=1), {"tea": 2}))
    others = [
        cart(added("a", 1, T0), ordered("a", 2, after(minutes=1))),
        cart(added("a", 1, T0), cleared("a", 2, after(minutes=1))),
        cart(added("a", 1, T0, customer=None)),
        cart(added("a", 1, T0), silenced("a", 1, after(minutes=5))),
        changed,
    ]
    words = [in_short(one) for one in (waits, *others)]
    assert len(set(words)) == len(words)
    assert "void" in in_short(changed)
    assert in_short(cart(added("a", 1, T0), noted("a", 2, after(minutes=1), goods=1))) == in_short(waits)


def test_what_is_ahead_has_the_id_under_which_it_will_be_decided() -> None:
    ids = [one.reminder_id for one in ahead(cart(), campaigns(), after(minutes=1))]
    awoken = wake(cart(), campaigns(), after(hours=200), after(hours=200))
    assert ids == [one.reminder_id for one in awoken.decisions]
    assert len(set(ids)) == 3


def test_what_was_decided_early_is_left_out_with_its_reason_and_the_rest_is_as_it_was() -> None:
    first, second, third = ahead(cart(), campaigns(), after(minutes=1))
    shown = without([first, second, third], {second.reminder_id: "called_off"})
    assert [(one.step, one.state, one.reason) for one in shown] == [
        (1, "planned", "planned"),
        (2, "left_out", "called_off"),
        (3, "planned", "planned"),
    ]
    assert (shown[0], shown[2]) == (first, third)
    assert (shown[1].due_at, shown[1].campaign) == (second.due_at, second.campaign)


def test_a_step_is_found_ahead_by_its_id_until_it_is_decided_and_for_somebody_only() -> None:
    first, second, _ = ahead(cart(), campaigns(), after(minutes=1))
    found = step_ahead(cart(), campaigns(), second.reminder_id)
    assert found is not None
    assert (found.number, found.due_at) == (2, second.due_at)
    assert step_ahead(cart(), campaigns(), uuid4()) is None
    awoken = wake(cart(), campaigns(), after(hours=1, seconds=1), after(hours=1, seconds=1)).state
    assert step_ahead(awoken, campaigns(), first.reminder_id) is None
    assert step_ahead(awoken._replace(decided_until=first.due_at), campaigns(), first.reminder_id) is not None
    assert step_ahead(awoken, campaigns(), second.reminder_id) is not None
    assert step_ahead(cart()._replace(customer_id=None), campaigns(), second.reminder_id) is None
    changed = cart(added("a", 1, T0), added("a", 2, after(minutes=5), {"tea": 2}))
    assert step_ahead(changed, campaigns(), first.reminder_id) is None, "another wait has begun"


def test_what_is_called_off_is_the_decision_of_its_timer_but_for_the_outcome() -> None:
    (due, *_) = wake(cart(), campaigns(), after(hours=2), after(hours=2)).decisions
    planned = step_ahead(cart(), campaigns(), due.reminder_id)
    assert planned is not None
    early = call_off(cart(), planned)
    assert (early.outcome, early.reason) == ("skipped", "called_off")
    same = due._replace(outcome="skipped", reason="called_off", exit_on=None)
    assert early == same


SPLIT = """
campaigns:
  - name: cart
    kind: abandoned_cart
    reenter: {after: 3d}
    split: {holdout: 10, arms: {plain: 45, coupon: 45}}
    steps:
      - {name: nudge, delay: 1h, channel: email, template: a}
      - {name: offer, delay: 24h, channel: email, template: b, when: {arm: coupon}}
"""
SOMEBODY = (STORE, "cart", str(cart().customer_id))


@pytest.mark.parametrize(
    ("arm", "reasons"),
    [
        ("plain", ["planned", "other_arm"]),
        ("coupon", ["planned", "planned"]),
        ("holdout", ["holdout", "holdout"]),
    ],
)
def test_a_step_that_is_for_another_arm_is_not_told_as_one_that_goes_out(arm: str, reasons: list[str]) -> None:
    """Story: support promised a customer the coupon of an arm that they were not in."""
    known = {SOMEBODY: Participation(arm)}
    assert [one.reason for one in ahead(cart(), campaigns(SPLIT), after(minutes=1), known)] == reasons


def test_whoever_has_no_arm_yet_is_told_of_the_one_that_will_be_drawn() -> None:
    for number in range(40):
        state = cart(added("a", 1, T0, customer=f"customer-{number}"))
        decided = wake(state, campaigns(SPLIT), after(hours=25), T0).decisions
        told = ahead(state, campaigns(SPLIT), after(minutes=1))
        assert [one.reason for one in told] == [{"idle": "planned"}.get(one.reason, one.reason) for one in decided]


def test_an_entry_too_soon_after_another_is_told_beforehand() -> None:
    known = {SOMEBODY: Participation("coupon", (Entry("another cart|1", after(days=-1)),))}
    told = ahead(cart(), campaigns(SPLIT), after(minutes=1), known)
    assert {(one.state, one.reason) for one in told} == {("left_out", "reentered_too_soon")}
