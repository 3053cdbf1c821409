"""Episodes: what starts, voids and ends them, and when their steps are due."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.trigger.domain.carts import apply, why_voided
from services.trigger.domain.episodes import next_at, plan
from tests.unit.trigger.making import (
    T0,
    added,
    after,
    campaigns,
    claimed,
    cleared,
    closed_otherwise,
    noted,
    ordered,
    removed,
    rest,
    silenced,
    wake,
)

A_MICROSECOND = timedelta(microseconds=1)


def sent(state, read_until, now=None, of=None) -> list[int]:
    decisions = wake(state, of or campaigns(), read_until, now or read_until).decisions
    return [d.step for d in decisions if d.outcome == "would_send"]


def test_the_newest_event_alone_tells_the_cart() -> None:
    last = added("a", 7, after(hours=1), {"tea": 2, "cup": 1})
    state = apply(apply(None, added("a", 1)), last)
    assert state == apply(None, last)
    assert (state.version, state.units, state.quiet_since) == (7, 3, after(hours=1))


@pytest.mark.parametrize("version", [1, 2])
def test_what_is_older_or_known_changes_nothing(version: int) -> None:
    state = apply(None, added("a", 2, after(hours=1)))
    assert apply(state, added("a", version, after(hours=2))) is state


@pytest.mark.parametrize("end", [ordered(), closed_otherwise("expired"), closed_otherwise("merged_away")])
def test_late_events_never_reopen_a_closed_cart(end) -> None:
    state = apply(None, end)
    assert state.closed
    assert apply(state, added("a", 9, after(hours=1))) is state


def test_steps_are_due_after_their_delay_from_the_last_change() -> None:
    state = apply(None, added(at=T0))
    assert [p.due_at for p in plan(state, campaigns())] == [after(hours=1), after(hours=24), after(hours=48)]
    assert next_at(state, campaigns()) == after(hours=1)


def test_a_change_at_the_very_instant_of_the_due_time_counts() -> None:
    state = apply(None, added(at=T0))
    assert sent(state, after(hours=1)) == []
    assert sent(state, after(hours=1) + A_MICROSECOND) == [1]


def test_each_step_is_decided_once() -> None:
    awoken = wake(apply(None, added(at=T0)), campaigns(), after(hours=2), after(hours=2))
    assert [d.step for d in awoken.decisions] == [1]
    assert awoken.next_at == after(hours=24)
    assert wake(awoken.state, campaigns(), after(hours=3), after(hours=3)).decisions == ()
    assert sent(awoken.state, after(hours=25)) == [2]


def test_after_the_last_step_there_is_nothing_to_look_at() -> None:
    awoken = wake(apply(None, added(at=T0)), campaigns(), after(hours=49), after(hours=49))
    assert awoken.next_at is None


@pytest.mark.parametrize("event", [cleared(), removed(), ordered(), closed_otherwise("expired")])
def test_an_empty_or_closed_cart_plans_nothing(event) -> None:
    state = apply(apply(None, added()), event)
    assert list(plan(state, campaigns())) == []
    assert next_at(state, campaigns()) is None


def test_stale_steps_expire_and_only_the_newest_goes_out() -> None:
    state = apply(None, added(at=T0))
    decisions = wake(state, campaigns(), after(hours=49), after(hours=49)).decisions
    assert [(d.step, d.reason) for d in decisions] == [(1, "expired"), (2, "expired"), (3, "idle")]


def test_a_step_is_sent_up_to_the_end_of_its_lateness_budget() -> None:
    state = apply(None, added(at=T0))
    assert sent(state, after(hours=7), now=after(hours=7)) == [1]
    assert sent(state, after(hours=7), now=after(hours=7) + A_MICROSECOND) == []


def test_a_guest_has_no_timer_and_is_skipped_as_anonymous() -> None:
    state = apply(None, added(customer=None))
    assert next_at(state, campaigns()) is None
    (decision,) = wake(state, campaigns(), after(hours=2), after(hours=2)).decisions
    assert (decision.outcome, decision.reason) == ("skipped", "anonymous")


def test_logging_in_starts_an_episode_of_the_customer() -> None:
    state = apply(apply(None, added(customer=None)), claimed(at=after(minutes=30)))
    assert state.customer_id == "anna"
    assert next_at(state, campaigns()) == after(minutes=90)


MINIMUM = """
campaigns:
  - name: big
    kind: abandoned_cart
    conditions: {minimum_total: 5000}
    steps: [{delay: 1h, channel: email, template: abandoned_cart}]
  - name: small
    kind: abandoned_cart
    steps: [{delay: 2h, channel: sms, template: abandoned_cart}]
"""


def test_a_note_does_not_restart_the_clock_of_the_reminders() -> None:
    quiet = apply(None, added("a", 3, T0))
    state = apply(quiet, noted("a", 4, after(minutes=59), goods=3))
    assert (state.version, state.quiet_since, state.decided_until) == (4, T0, after(minutes=59))
    assert next_at(state, campaigns()) == after(hours=1)
    (decision,) = wake(state, campaigns(), after(hours=1) + A_MICROSECOND, after(hours=1)).decisions
    assert decision.cart_version == 3
    assert decision == wake(quiet, campaigns(), after(hours=1) + A_MICROSECOND, after(hours=1)).decisions[0]


def test_a_log_in_that_takes_the_cart_over_goes_on_with_the_clock_of_the_guest() -> None:
    guest = apply(None, added("a", 1, T0, customer=None))
    state = apply(guest, noted("a", 2, after(hours=2), customer="anna"))
    assert next_at(state, campaigns()) == after(hours=24), "what came due while nobody was known is over"
    late = apply(guest, noted("a", 2, after(minutes=30), customer="anna"))
    assert next_at(late, campaigns()) == after(hours=1)


def test_an_event_of_an_older_release_may_have_changed_the_goods() -> None:
    state = apply(apply(None, added("a", 1, T0)), added("a", 2, after(minutes=30)))
    assert (state.goods_version, state.quiet_since) == (2, after(minutes=30))


def test_an_order_ends_the_reminders_of_a_cart_that_it_leaves_as_it_is() -> None:
    quiet = apply(None, added("a", 3, T0))
    silent = apply(quiet, silenced("a", 3, after(minutes=30)))
    assert (silent.version, silent.silent, next_at(silent, campaigns())) == (3, True, None)
    assert sent(silent, after(days=5)) == []
    assert apply(silent, silenced("a", 3, after(minutes=40))) is silent
    assert apply(silent, added("a", 3, T0)) is silent, "told again, the event before it changes nothing"
    still = apply(silent, noted("a", 4, after(hours=1), goods=3))
    assert (still.silent, still.version) == (True, 4)
    anew = apply(still, added("a", 5, after(hours=2)))
    assert (anew.idle, next_at(anew, campaigns())) == (True, after(hours=3))
    assert apply(anew, silenced("a", 3, after(hours=4))) is anew, "an order of before says nothing of what came since"


def test_what_an_order_leaves_starts_no_reminder() -> None:
    assert list(plan(apply(None, rest()), campaigns())) == []


def test_a_cart_below_the_minimum_is_skipped_by_that_campaign_alone() -> None:
    state = apply(None, added(total=4999))
    assert next_at(state, campaigns(MINIMUM)) == after(hours=2)
    decisions = wake(state, campaigns(MINIMUM), after(hours=3), after(hours=3)).decisions
    assert [(d.campaign, d.reason) for d in decisions] == [("big", "below_minimum"), ("small", "idle")]


def test_only_episodes_that_go_quiet_after_the_campaign_was_switched_on_count() -> None:
    on_since = campaigns(since=after(minutes=5))
    assert next_at(apply(None, added(at=T0)), on_since) is None
    assert next_at(apply(None, added(at=after(minutes=5))), on_since) == after(minutes=65)


def test_the_same_facts_give_the_same_reminder() -> None:
    def ids(version: int, name: str = "a") -> list[UUID]:
        state = apply(None, added(name, version))
        return [d.reminder_id for d in wake(state, campaigns(), after(hours=49), after(hours=49)).decisions]

    assert ids(1) == ids(1)
    assert len({*ids(1), *ids(2), *ids(1, "b")}) == 9


def test_an_id_never_changes_between_releases() -> None:
    state = apply(None, added("a", 1))
    (decision, *_) = wake(state, campaigns(), after(hours=2), after(hours=2)).decisions
    assert str(decision.reminder_id) == "9bf779ed-b0c8-5b88-ae6f-f68396cebfe4"


VARIANTS = """
campaigns:
  - name: tried
    kind: abandoned_cart
    steps:
      - delay: 1h
        channel: email
        template: plain
        variants:
          - {name: control, weight: 3}
          - {name: bold, weight: 1, template: bold, coupon: BACK10}
"""


TRIED = campaigns(VARIANTS)


def variant(customer: str, tried=TRIED):
    state = apply(None, added("a", 1, customer=customer))
    (decision,) = wake(state, tried, after(hours=2), after(hours=2)).decisions
    return decision


def test_variants_follow_their_weights_and_a_customer_stays_in_one() -> None:
    """Both variants of an A/B test to one person (mautic#14098)."""
    chosen = [variant(f"customer-{n}").variant for n in range(2000)]
    assert 0.7 < chosen.count("control") / len(chosen) < 0.8
    assert {variant("anna") for _ in range(3)} == {variant("anna")}


def test_both_variants_of_a_step_have_one_key_so_that_one_person_gets_one() -> None:
    """Story: weights were changed while a test ran, and who fell into the other variant got both (mautic#14098)."""
    turned = campaigns(VARIANTS.replace("weight: 3", "weight: 1").replace("weight: 1, template", "weight: 9, template"))
    pairs = [(variant(f"customer-{n}"), variant(f"customer-{n}", turned)) for n in range(50)]
    assert all(before.reminder_id == now.reminder_id for before, now in pairs)
    assert any(before.variant != now.variant for before, now in pairs)


def test_a_variant_brings_its_own_template_and_coupon() -> None:
    said = {d.variant: (d.template, d.coupon) for d in (variant(f"customer-{n}") for n in range(50))}
    assert said == {"control": ("plain", None), "bold": ("bold", "BACK10")}


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (added(), "cart_changed"),
        (removed(holds={"tea": 1}), "cart_changed"),
        (removed(), "emptied"),
        (cleared(), "emptied"),
        (ordered(), "ordered"),
        (closed_otherwise("merged_away"), "cart_gone"),
        (closed_otherwise("expired"), "cart_gone"),
    ],
)
def test_a_change_says_why_it_voids(event, reason: str) -> None:
    assert why_voided(event) == reason
