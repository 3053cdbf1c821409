"""An experiment ends with a winner: whoever is in its arm stays there, and everybody else comes to it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.winner import arms_of, ended, named, with_ended
from services.trigger.domain.participation import Entry, Participation, Split, enter
from tests.unit.trigger.making import T0

STEP: dict[str, Any] = {"delay": "PT1H", "template": "t"}
PLAIN, OFFER = STEP | {"name": "nudge"}, STEP | {"name": "offer", "when": {"arm": "coupon"}}
SPLIT: dict[str, Any] = {
    "name": "cart",
    "kind": "k",
    "split": {"holdout": 10, "arms": {"plain": 45, "coupon": 45}},
    "steps": [PLAIN, OFFER],
}
HELD_OUT = {"name": "cart", "kind": "k", "split": {"holdout": 10}, "steps": [PLAIN]}
VARIANTS = {
    "name": "cart",
    "kind": "k",
    "steps": [
        STEP | {"coupon": "OLD", "variants": [{"name": "a", "weight": 9}, {"name": "b", "weight": 1, "template": "u"}]},
        STEP | {"variants": [{"name": "b", "weight": 1, "coupon": "NEW"}, {"name": "c", "weight": 1}]},
        STEP,
    ],
}


def test_the_winner_gets_all_and_the_steps_of_others_go():
    after = ended(SPLIT, "plain")
    assert after == SPLIT | {"split": {"arms": {"plain": 100}}, "steps": [PLAIN]}
    assert ended(SPLIT, "coupon") == SPLIT | {"split": {"arms": {"coupon": 100}}}
    assert SPLIT["split"]["arms"] == {"plain": 45, "coupon": 45}, "what was said is not touched"


def test_a_holdout_is_kept_where_that_is_wished():
    assert ended(SPLIT, "coupon", keep_holdout=True)["split"] == {"holdout": 10, "arms": {"coupon": 90}}
    no_holdout = SPLIT | {"split": {"arms": {"plain": 50, "coupon": 50}}}
    assert ended(no_holdout, "plain", keep_holdout=True)["split"] == {"arms": {"plain": 100}}


def test_reminding_wins_over_telling_nothing_by_having_no_split_any_more():
    assert arms_of(HELD_OUT) == ("treatment",)
    assert ended(HELD_OUT, "treatment") == {"name": "cart", "kind": "k", "steps": [PLAIN]}


def test_of_variants_what_the_winner_says_is_left_of_each_message_that_has_it():
    assert arms_of(VARIANTS) == ("a", "b", "c")
    first, second, third = ended(VARIANTS, "b")["steps"]
    assert first == STEP | {"coupon": "OLD", "template": "u"}
    assert second == STEP | {"coupon": "NEW"}
    assert third == STEP
    first, second, _ = ended(VARIANTS, "a")["steps"]
    assert first == STEP | {"coupon": "OLD"}
    assert second == VARIANTS["steps"][1], "it has no variant of the name"


@pytest.mark.parametrize("campaign", [SPLIT, HELD_OUT, VARIANTS, {"name": "x", "kind": "k"}])
def test_what_is_no_arm_can_not_win(campaign: dict[str, Any]):
    with pytest.raises(ValueError, match="holdout is no arm"):
        ended(campaign, "holdout")
    assert arms_of({"name": "x", "kind": "k"}) == ()


def test_of_a_document_the_one_campaign_is_another():
    other = {"name": "other", "kind": "k", "steps": [STEP]}
    document = {"segments": {"vip": {}}, "campaigns": [other, SPLIT]}
    after = with_ended(document, "cart", "plain")
    assert after == {"segments": {"vip": {}}, "campaigns": [other, ended(SPLIT, "plain")]}
    assert named(after, "other") is other
    with pytest.raises(LookupError):
        with_ended(document, "none", "plain")


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=30, unique=True), st.booleans())
def test_nobody_is_pushed_out_of_the_arm_that_wins(customers: list[str], keep: bool):
    before, after = (Split.model_validate(one["split"]) for one in (SPLIT, ended(SPLIT, "coupon", keep_holdout=keep)))
    for customer in customers:
        key = ("shop", "cart", customer)
        drawn = enter(Participation(), Entry("e", T0), before, None, key)
        assert drawn is not None
        again = enter(drawn, Entry("f", T0), after, None, key)
        assert again is not None
        stays = drawn.arm == "coupon" or (keep and drawn.arm == "holdout")
        assert again.arm == (drawn.arm if stays else "coupon" if not keep else again.arm)
        assert again.arm in ("coupon", "holdout") if keep else again.arm == "coupon"
