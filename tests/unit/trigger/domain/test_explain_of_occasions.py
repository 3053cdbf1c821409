"""What is ahead of an order, of what is set aside or was looked at, and why what is not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.trigger.domain import subjects
from services.trigger.domain.explain import HAPPENED, Ahead, ahead, ahead_of, of_occasion
from services.trigger.domain.occasions import decide_all, due
from services.trigger.domain.participation import Participants, Participation
from tests.unit.trigger.domain.test_explain import cart
from tests.unit.trigger.domain.test_occasions import AT, HOUR, campaigns, occasion, post_purchase
from tests.unit.trigger.making import campaigns as parsed


def told(found: tuple[Ahead, ...]) -> list[tuple[str, str]]:
    return [(one.step_name, one.reason) for one in found]


def test_what_follows_an_order_is_planned_until_it_is_decided() -> None:
    both = ahead_of(occasion(), campaigns(post_purchase()), AT)
    assert told(both) == [("thanks", "planned"), ("again", "planned")]
    assert (both[0].due_at, both[0].expires_at) == (AT + HOUR, AT + 1.5 * HOUR)
    assert told(ahead_of(occasion(), campaigns(post_purchase()), AT + HOUR))[0] == ("thanks", "waiting_for_facts")
    decided = replace(occasion(), decided_until=AT + HOUR + timedelta(microseconds=1))
    assert told(ahead_of(decided, campaigns(post_purchase()), AT + 2 * HOUR)) == [("again", "planned")]


def test_it_has_the_id_under_which_it_is_decided() -> None:
    of_store, one = campaigns(post_purchase()), occasion()
    decisions = decide_all(one, due(one, of_store, AT + 9 * HOUR), AT + HOUR, Participants())
    assert [one.reminder_id for one in decisions] == [a.reminder_id for a in ahead_of(one, of_store, AT)]


def test_what_is_over_has_nothing_ahead_and_says_why() -> None:
    over = replace(occasion(), ended="cancelled")
    assert ahead_of(over, campaigns(post_purchase()), AT) == ()
    assert of_occasion(over) == "They have ordered. Nothing more is told of it: the order was cancelled meanwhile."
    assert of_occasion(occasion()) == "They have ordered."


@pytest.mark.parametrize("subject", [name for name in vars(subjects) if name.isupper()])
def test_each_thing_that_is_followed_has_its_sentence(subject: str) -> None:
    assert getattr(subjects, subject) in HAPPENED


def test_what_a_kind_of_others_follows_is_told_by_its_name() -> None:
    assert of_occasion(replace(occasion(), subject="moon.rose")) == "It happened: moon.rose."


def test_a_step_of_a_paused_campaign_is_not_told_as_one_that_goes_out() -> None:
    """Story: explain said of a campaign that had been paused for a week that it goes out tomorrow."""
    found = ahead_of(occasion(), campaigns(post_purchase(paused=True)), AT)
    assert [(one.state, one.reason) for one in found] == [("left_out", "paused")] * 2
    text = (
        "campaigns: [{name: x, kind: abandoned_cart, paused: true, steps: [{delay: 1h, channel: email, template: t}]}]"
    )
    (of_cart,) = ahead(cart(), parsed(text), AT)
    assert (of_cart.state, of_cart.reason) == ("left_out", "paused")


def test_a_step_after_an_order_that_is_for_another_arm_is_left_out() -> None:
    split = {"holdout": 10, "arms": {"plain": 45, "note": 45}}
    of_store = campaigns(post_purchase(split=split))
    for arm, reason in (("plain", "planned"), ("holdout", "holdout")):
        known = {("shop", "thanks", "anna"): Participation(arm)}
        assert {one.reason for one in ahead_of(occasion(), of_store, AT, known)} == {reason}
