"""What is decided on one holder of an item that runs low."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.contracts.events import LowItem
from services.trigger.domain import fan_outs
from services.trigger.domain.decision import Decision
from services.trigger.domain.fan_outs import FanOut, Holder
from services.trigger.domain.kinds.campaign import Planned
from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.domain.participation import Participants
from services.trigger.domain.stock_levels import SETTLING
from tests.unit.trigger.making import STORE, T0, after, campaigns

CAMPAIGN = next(campaign for campaign, _ in campaigns().on_stock if isinstance(campaign, LowStock))
PLANNED = Planned(CAMPAIGN, 1, CAMPAIGN.steps[0], T0, after(hours=6), None)
HOLDER = Holder(UUID(int=3), "anna", T0, 7)


def fan_out(**known: Any) -> FanOut:
    whole = FanOut(
        crossing_id=UUID(int=1),
        store_id=STORE,
        campaign=CAMPAIGN.name,
        sku="tea",
        level=5,
        level_version=2,
        occurred_at=T0,
        remaining=50,
        threshold=5,
        cursor_touched_at=T0,
        cursor_cart_id=UUID(int=2),
        rearmed=False,
        now=T0,
    )
    return replace(whole, **known)


def decide(told_of: FanOut, holder: Holder, planned: Planned, threshold: int | None = None) -> Decision:
    return fan_outs.decide(told_of, holder, planned, Participants(), threshold)


def test_a_holder_is_told_of_the_item_because_of_the_campaign_s_kind() -> None:
    told = decide(fan_out(), HOLDER, PLANNED, threshold=5)
    assert (told.outcome, told.reason, told.sku, told.threshold) == ("would_send", "low_stock", "tea", 5)
    assert (told.customer_id, told.cart_id, told.cart_version) == ("anna", UUID(int=3), 7)


def test_a_holder_is_told_until_the_lateness_budget_has_passed() -> None:
    assert decide(fan_out(now=after(hours=6)), HOLDER, PLANNED).outcome == "would_send"
    late = decide(fan_out(now=after(hours=6) + timedelta(microseconds=1)), HOLDER, PLANNED)
    assert (late.outcome, late.reason) == ("skipped", "expired")


def test_what_the_campaign_skips_is_skipped_for_its_reason() -> None:
    skipped = decide(fan_out(), HOLDER, PLANNED._replace(skip="below_minimum"))
    assert (skipped.outcome, skipped.reason) == ("skipped", "below_minimum")


def test_a_cart_that_changes_while_holders_are_told_is_not_told_twice() -> None:
    first, again = (decide(fan_out(), HOLDER._replace(cart_version=v), PLANNED) for v in (7, 8))
    assert first.reminder_id == again.reminder_id


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({}, None),
        ({"rearmed": True}, "restocked"),
        ({"now": after(hours=6)}, None),
        ({"now": after(hours=6) + timedelta(microseconds=1)}, "expired"),
        ({"remaining": 1}, None),
        ({"remaining": 0}, "done"),
    ],
)
def test_a_fan_out_is_over_when_the_item_is_back_or_it_is_too_late_or_enough_were_told(
    known: dict[str, object], why: str | None
) -> None:
    assert CAMPAIGN.why_over(fan_out(**known)) == why


def test_the_steps_of_a_campaign_hold_up_to_the_threshold_that_was_crossed() -> None:
    [decided] = CAMPAIGN.decide(fan_out(threshold=50), HOLDER, Participants())
    assert (decided.step, decided.threshold, decided.due_at, decided.expires_at) == (1, 50, T0, after(hours=6))
    [older] = CAMPAIGN.decide(fan_out(threshold=None), HOLDER, Participants())
    assert older.threshold == 5


def test_what_ran_low_with_the_item_is_named_up_to_the_threshold_that_it_crossed() -> None:
    also = (LowItem(sku="cup"), LowItem(sku="pot", threshold=9))
    (decided,) = CAMPAIGN.decide(fan_out(), HOLDER._replace(also_low=also), Participants())
    assert decided.also_low == (LowItem(sku="cup", threshold=5), LowItem(sku="pot", threshold=9))
    (alone,) = CAMPAIGN.decide(fan_out(), HOLDER, Participants())
    assert alone.also_low == ()
    assert alone.reminder_id == decided.reminder_id, "what it names makes no other reminder of it"


def test_a_decision_on_an_item_keeps_what_else_it_names() -> None:
    told = decide(fan_out(), HOLDER._replace(also_low=(LowItem(sku="cup"), LowItem(sku='"'))), PLANNED)
    assert told.named == '["cup", "\\""]'
    assert decide(fan_out(), HOLDER, PLANNED).named == "[]"
    assert told._replace(sku=None).named is None, "of a cart there is none"


def test_whoever_was_told_of_another_item_just_now_is_not_told_again() -> None:
    together = HOLDER._replace(told_together=True)
    told = decide(fan_out(), together, PLANNED)
    assert (told.outcome, told.reason) == ("skipped", "told_together")
    assert decide(fan_out(now=after(days=1)), together, PLANNED).reason == "told_together"
    assert not HOLDER.told_together


def test_what_runs_low_within_a_minute_is_one_message_and_is_waited_for_two_seconds() -> None:
    assert timedelta(minutes=1) == fan_outs.TOGETHER
    assert timedelta(seconds=2) == SETTLING


def test_whoever_was_told_of_the_item_lately_is_not_told_again() -> None:
    told = decide(fan_out(), HOLDER._replace(cooling_down=True), PLANNED)
    assert (told.outcome, told.reason) == ("skipped", "cooling_down")
    both = HOLDER._replace(cooling_down=True, told_together=True)
    assert (both.skip, HOLDER.skip) == ("told_together", None)


def test_whoever_bought_it_is_told_nothing_whatever_else_is_known() -> None:
    told = decide(fan_out(), HOLDER._replace(bought=True, cooling_down=True, told_together=True), PLANNED)
    assert (told.outcome, told.reason) == ("skipped", "bought")


def test_the_second_cart_of_a_customer_is_told_nothing() -> None:
    holders = [HOLDER, HOLDER._replace(customer_id="ben"), HOLDER._replace(cart_id=UUID(int=9))]
    assert [holder.skip for holder in fan_outs.each_once(holders)] == [None, None, "cooling_down"]


def test_the_next_page_begins_behind_the_last_holder_with_fewer_to_be_told() -> None:
    whole = fan_out()
    last = HOLDER._replace(touched_at=after(minutes=-5))
    onward = whole.from_there(last, 20)
    assert (onward.cursor_touched_at, onward.cursor_cart_id, onward.remaining) == (after(minutes=-5), UUID(int=3), 30)
    assert replace(onward, cursor_touched_at=T0, cursor_cart_id=UUID(int=2), remaining=whole.remaining) == whole, (
        "all else is as it was"
    )
