"""Arms, holdouts, and how often a customer may enter a campaign."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.trigger.domain import episodes
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.decision import Decision
from services.trigger.domain.participation import (
    HOLDOUT,
    KEPT,
    NO_PART,
    Entry,
    Participants,
    Participation,
    Reenter,
    Split,
    enter,
)
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, cleared

KEY = (STORE, "cart", "anna")
ARMS = """
campaigns:
  - name: cart
    kind: abandoned_cart
    split: {holdout: 10, arms: {plain: 45, coupon: 45}}
    steps:
      - {name: nudge, delay: 1h, channel: email, template: a}
      - {name: offer, delay: 24h, channel: email, template: b, when: {arm: coupon}}
"""
AGAIN = """
campaigns:
  - name: cart
    kind: abandoned_cart
    reenter: {after: 3d}
    steps:
      - {delay: 1h, channel: email, template: a}
      - {delay: 24h, channel: email, template: b}
"""
PEOPLE = [f"customer-{number}" for number in range(4000)]


def due(text: str, state: CartState, participants: Participants, hours: float) -> list[Decision]:
    """What is decided of what was due within so many hours after T0; nothing is too late."""
    awoken = episodes.wake(state, campaigns(text), after(hours=hours), T0, participants)
    return list(awoken.decisions)


@pytest.mark.parametrize(
    ("split", "told"),
    [
        ({"holdout": 10, "arms": {"a": 50}}, "come to 60, not to 100"),
        ({"arms": {"a": 50, "b": 51}}, "come to 101, not to 100"),
        ({"arms": {"holdout": 100}}, "no name for an arm"),
        ({}, "name a holdout, or arms"),
        ({"holdout": 100}, "less than or equal to 99"),
        ({"arms": {"a": 0, "b": 100}}, "greater than or equal to 1"),
        ({"arms": {"A": 100}}, "should match pattern"),
    ],
)
def test_a_split_that_does_not_come_to_a_hundred_is_refused(split: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Split.model_validate(split)


def test_a_holdout_alone_leaves_all_others_treated() -> None:
    assert Split(holdout=10).shares == {"treatment": 90, HOLDOUT: 10}
    assert Split(arms={"a": 100}).shares == {"a": 100}


def test_arms_get_their_shares() -> None:
    split = Split(holdout=10, arms={"plain": 60, "coupon": 30})
    drawn = [split.draw("shop|cart", who) for who in PEOPLE]
    for arm, share in split.shares.items():
        assert drawn.count(arm) / len(drawn) * 100 == pytest.approx(share, abs=3)
    assert drawn != [split.draw("shop|other", who) for who in PEOPLE], "another campaign draws anew"


@given(st.integers(1, 97), st.integers(1, 97), st.integers(1, 97))
def test_an_arm_that_grows_takes_from_the_others_and_loses_nobody(first: int, second: int, grown: int) -> None:
    holdout = max(1, 98 - first)
    before = Split(holdout=100 - first, arms={"a": first}) if holdout else Split(arms={"a": 100})
    grown = max(grown, first)
    after_it = Split(holdout=100 - grown, arms={"a": grown})
    for who in PEOPLE[second : second + 50]:
        if before.draw("p", who) == "a":
            assert after_it.draw("p", who) == "a"


def test_whoever_has_an_arm_keeps_it_whatever_becomes_of_the_weights() -> None:
    kept = enter(Participation("plain"), Entry("e", T0), Split(arms={"plain": 1, "coupon": 99}), None, KEY)
    assert kept is not None
    assert kept.arm == "plain"
    gone = enter(Participation("plain"), Entry("e", T0), Split(arms={"coupon": 100}), None, KEY)
    assert gone is not None
    assert gone.arm == "coupon", "an arm that is not there any more is nobody's"
    without = enter(Participation("plain"), Entry("e", T0), None, Reenter(after=timedelta(days=1)), KEY)
    assert without is not None
    assert without.arm is None


def test_every_step_of_an_episode_goes_by_one_arm_and_is_recorded_with_it() -> None:
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for who in PEOPLE[:60]:
        participants = Participants()
        state = apply(None, added("a", customer=who))
        decided = due(ARMS, state, participants, 25)
        [part] = participants.changed.values()
        assert part.arm is not None
        assert part.entries == (Entry(f"{state.cart_id}|1", T0),), "once, not with each step"
        found[part.arm] = [(one.outcome, one.reason, one.variant) for one in decided]
    assert found == {
        "plain": [("would_send", "idle", "plain"), ("skipped", "other_arm", "plain")],
        "coupon": [("would_send", "idle", "coupon")] * 2,
        HOLDOUT: [("skipped", "holdout", HOLDOUT)] * 2,
    }


def test_a_guest_and_a_cart_that_is_not_for_it_enter_nothing() -> None:
    participants = Participants()
    due(ARMS, apply(None, added("a", customer=None)), participants, 25)
    small = ARMS.replace("    split", "    enter: {total: {EUR: 5000}}\n    split")
    assert [one.reason for one in due(small, apply(None, added("b")), participants, 25)] == ["below_minimum"] * 2
    late = episodes.wake(apply(None, added("c")), campaigns(ARMS), after(hours=2), after(days=9), participants)
    assert [one.reason for one in late.decisions] == ["expired"]
    assert participants.changed == {}


def test_a_paused_campaign_sends_nothing_and_nobody_enters_it() -> None:
    participants = Participants()
    paused = ARMS.replace("    split", "    paused: true\n    split")
    decided = due(paused, apply(None, added()), participants, 25)
    assert [(one.outcome, one.reason) for one in decided] == [("skipped", "paused")] * 2
    assert participants.changed == {}
    state = apply(None, added())
    assert episodes.next_at(state, campaigns(paused)) == after(hours=1), (
        "the timer runs on: it may be switched on again"
    )


def test_a_customer_who_was_reminded_is_not_reminded_of_the_next_cart_before_the_time() -> None:
    participants = Participants()
    assert [one.outcome for one in due(AGAIN, apply(None, added("a", customer="anna")), participants, 2)] == [
        "would_send"
    ]
    second = apply(None, added("b", at=after(hours=3), customer="anna"))
    assert [one.reason for one in due(AGAIN, second, participants, 30)] == ["reentered_too_soon"] * 2, (
        "not a step of it"
    )
    other = apply(None, added("c", at=after(hours=3), customer="ben"))
    assert [one.outcome for one in due(AGAIN, other, participants, 5)] == ["would_send"]
    third = apply(None, added("d", at=after(days=3), customer="anna"))
    assert [one.outcome for one in due(AGAIN, third, participants, 80)] == ["would_send"]


def test_an_episode_that_was_entered_goes_on_whatever_follows() -> None:
    participants = Participants()
    state = apply(None, added("a", customer="anna"))
    first = episodes.wake(state, campaigns(AGAIN), after(hours=2), after(hours=2), participants)
    then = episodes.wake(first.state, campaigns(AGAIN), after(hours=25), after(hours=25), participants)
    assert [one.outcome for one in (*first.decisions, *then.decisions)] == ["would_send", "would_send"]


def test_an_episode_that_ended_before_its_first_step_counts_as_none() -> None:
    participants = Participants()
    state = apply(None, added("a", customer="anna"))
    gone = apply(state, cleared("a", 2, after(minutes=30)))
    assert due(AGAIN, gone, participants, 2) == []
    assert participants.changed == {}


@pytest.mark.parametrize(
    ("days", "allowed"),
    [(0, False), (2.999, False), (3, True), (-2.999, False), (-3, True)],
)
def test_after_counts_both_ways(days: float, allowed: bool) -> None:
    known = (Entry("a", T0),)
    assert Reenter(after=timedelta(days=3)).allows(known, after(days=days)) is allowed


def test_most_counts_those_within_the_time() -> None:
    twice = Reenter(most=2, per=timedelta(days=30))
    known = (Entry("a", T0), Entry("b", after(days=10)))
    assert not twice.allows(known, after(days=29.9))
    assert twice.allows(known, after(days=30)), "the first is just out of it"
    assert twice.allows(known[:1], after(days=1))
    assert not twice.allows(known, after(days=10))
    assert not twice.allows(known, after(days=9)), "of carts that are looked at in any order no more are reminded of"
    assert twice.allows(known, after(days=-20))
    assert not twice.allows(known, after(days=-19.9))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "name after"),
        ({"most": 3}, "go together"),
        ({"per": "3d"}, "go together"),
        ({"after": "0s"}, "greater than"),
    ],
)
def test_what_reenter_may_not_say(fields: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Reenter.model_validate(fields)


def test_the_newest_entries_are_remembered() -> None:
    many = tuple(Entry(str(number), after(days=number)) for number in range(KEPT))
    part = enter(Participation(None, many), Entry("new", after(days=KEPT)), None, None, KEY)
    assert part is not None
    assert (len(part.entries), part.entries[0].episode, part.entries[-1].episode) == (KEPT, "1", "new")
    early = enter(NO_PART, Entry("new", T0), None, None, KEY)
    assert early is not None
    assert enter(early, Entry("older", T0 - timedelta(days=1)), None, None, KEY) == Participation(
        None, (Entry("older", T0 - timedelta(days=1)), Entry("new", T0))
    )


def test_what_has_not_changed_is_not_written() -> None:
    part = Participation("plain", (Entry("e", T0),))
    participants = Participants({KEY: part})
    participants.note(KEY, part)
    assert participants.changed == {}
    assert participants.of((STORE, "cart", "ben")) == NO_PART
