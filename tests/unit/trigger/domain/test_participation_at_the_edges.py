"""The least and the most that a split and a re-entry may say, and draws that no release may change."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.trigger.domain import episodes
from services.trigger.domain.carts import apply
from services.trigger.domain.decision import already_decided
from services.trigger.domain.participation import KEPT, Participants, Reenter, Split
from tests.unit.trigger.making import added, after, campaigns


def test_a_customer_s_arm_of_a_campaign_never_changes_between_releases() -> None:
    split = Split(holdout=20, arms={"plain": 50, "coupon": 30})
    arms = [split.draw("shop|cart", f"customer-{number}")[0] for number in range(48)]
    assert "".join(arms) == "cppphpccppcppcppppccphchcppppppccpcchccphcchccpp"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (Split, {"holdout": 99, "arms": {"a": 1}}),
        (Split, {"holdout": 1}),
        (Split, {"holdout": 0, "arms": {"a": 100}}),
        (Reenter, {"after": timedelta(microseconds=1)}),
        (Reenter, {"most": 1, "per": timedelta(microseconds=1)}),
        (Reenter, {"most": 100, "per": "30d"}),
    ],
)
def test_the_least_and_the_most_are_taken(model: type[BaseModel], said: dict[str, Any]) -> None:
    assert model.model_validate(said)


@pytest.mark.parametrize(
    ("model", "said", "told"),
    [
        (Split, {"holdout": -1, "arms": {"a": 100}}, "greater than or equal to 0"),
        (Split, {"holdout": 100}, "less than or equal to 99"),
        (Split, {"arms": {"a": 101}}, "less than or equal to 100"),
        (Split, {"arms": {"a": 0, "b": 100}}, "greater than or equal to 1"),
        (Reenter, {"most": 0, "per": "1d"}, "greater than or equal to 1"),
        (Reenter, {"most": 101, "per": "1d"}, "less than or equal to 100"),
        (Reenter, {"most": 1, "per": "0s"}, "greater than"),
        (Reenter, {"after": "0s"}, "greater than"),
    ],
)
def test_what_is_beyond_is_refused(model: type[BaseModel], said: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        model.model_validate(said)


def test_a_hundred_entries_are_remembered() -> None:
    assert KEPT == 100


def test_a_campaign_without_split_or_bound_remembers_nobody() -> None:
    participants = Participants()
    decided = episodes.wake(apply(None, added()), campaigns(), after(hours=2), after(hours=2), participants).decisions
    assert [one.outcome for one in decided] == ["would_send"]
    assert participants.changed == {}


def test_a_step_whose_id_was_given_to_another_is_recorded_under_one_of_its_own() -> None:
    state = apply(None, added())
    first, second = episodes.wake(state, campaigns(), after(hours=25), after(hours=25), Participants()).decisions[:2]
    own, other = already_decided(first), already_decided(second)
    assert (own.outcome, own.reason, own.step) == ("skipped", "already_decided", 1)
    assert own == already_decided(first)
    assert len({own.reminder_id, other.reminder_id, first.reminder_id, second.reminder_id}) == 4


def test_a_customer_has_a_part_in_campaigns_that_remember_and_a_guest_in_none() -> None:
    kept = """
campaigns:
  - {name: often, kind: abandoned_cart, steps: [{delay: 1h, channel: email, template: a}]}
  - {name: once, kind: abandoned_cart, reenter: {after: 3d}, steps: [{delay: 1h, channel: email, template: a}]}
  - {name: some, kind: abandoned_cart, split: {holdout: 9}, steps: [{delay: 1h, channel: email, template: a}]}
"""
    assert campaigns(kept).parts_of("shop", "anna") == [("shop", "once", "anna"), ("shop", "some", "anna")]
    assert campaigns(kept).parts_of("shop", None) == []
