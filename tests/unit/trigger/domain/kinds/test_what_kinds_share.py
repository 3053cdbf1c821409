"""What campaigns of every kind have in common."""

import pytest

from libs.files.yaml_file import FileFaultError
from services.trigger.domain.carts import apply
from services.trigger.domain.facts import NO_FACTS, About
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.domain.kinds.campaign import FollowingCampaign, QuietCartCampaign
from tests.unit.trigger.making import T0, added, after, campaigns

STEP = "{name: a, delay: 1h, channel: email, template: t%s}"
SPLIT = "split: {arms: {one: 50, other: 50}}, "


def one(text: str, kind: str = "abandoned_cart"):
    (active,) = campaigns(f"campaigns: [{{name: x, kind: {kind}, {text}}}]").active
    return active.campaign


@pytest.mark.parametrize(
    ("more", "of_step", "fault"),
    [
        (SPLIT, ", variants: [{name: a, weight: 1}, {name: b, weight: 1}]", "not both"),
        (SPLIT, ", when: {arm: third}", "no arm of the split is named third"),
        ("", ", when: {arm: one}", "no arm of the split is named one"),
    ],
)
def test_arms_are_those_of_a_split_and_of_variants_there_is_none_beside_it(more: str, of_step: str, fault: str) -> None:
    with pytest.raises(FileFaultError, match=fault):
        one(f"{more}steps: [{STEP % of_step}]")
    assert one(f"{SPLIT}steps: [{STEP % ', when: {arm: other}'}]").keeps_participants


def test_whom_a_message_of_an_order_is_for_hangs_on_no_facts() -> None:
    shipped = one("steps: [{channel: email, template: t}]", "order_shipped")
    assert shipped.why_not_entered(About("shop", "anna"), NO_FACTS, T0) is None
    assert shipped.why_not(About("shop", "anna"), NO_FACTS, T0, T0) is None


def test_a_kind_that_says_nothing_of_carts_reminds_of_each() -> None:
    of_file = one(f"steps: [{STEP % ''}]")
    every = QuietCartCampaign.model_construct(**of_file.__dict__)
    (planned,) = every.plan_episode(apply(None, added()))
    assert (planned.due_at, planned.skip) == (after(hours=1), None)
    assert every.plans_by(apply(None, added())) is None
    assert isinstance(of_file, AbandonedCart)


def test_nothing_is_planned_for_a_cart_whose_checkout_has_not_begun() -> None:
    checkout = one(f"steps: [{STEP % ''}]", "abandoned_checkout")
    assert isinstance(checkout, QuietCartCampaign)
    assert list(checkout.plan_episode(apply(None, added()))) == []


def test_a_kind_that_follows_something_says_what() -> None:
    followed = one(f"steps: [{STEP % ''}]", "win_back")
    with pytest.raises(NotImplementedError):
        _ = FollowingCampaign.model_construct(**followed.__dict__).subject
