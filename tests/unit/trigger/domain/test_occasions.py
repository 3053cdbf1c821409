"""What happened begins, ends and is decided on as a cart that went quiet is."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.trigger.domain.campaigns import ActiveCampaign, CampaignFile, StoreCampaigns
from services.trigger.domain.occasions import Begun, Ended, Occasion, apply, decide_all, due, next_at, plan
from services.trigger.domain.participation import Participants

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = ("shop", "order.placed", "o-1")
SHIPPED = ("shop", "order.shipped", "o-1")


def campaigns(*told: dict[str, Any], since: datetime | None = None) -> StoreCampaigns:
    file = CampaignFile.model_validate({"campaigns": told})
    if since is None:
        return StoreCampaigns.always(file)
    return StoreCampaigns(tuple(ActiveCampaign(one, since) for one in file.campaigns))


def post_purchase(**known: Any) -> dict[str, Any]:
    steps = [
        {"name": "thanks", "delay": "1h", "channel": "email", "template": "post_purchase", "lateness": "30m"},
        {"name": "again", "delay": "3h", "channel": "email", "template": "post_purchase"},
    ]
    return {"name": "thanks", "kind": "post_purchase", "steps": steps, **known}


CONFIRMED = {
    "name": "confirmed",
    "kind": "order_confirmed",
    "steps": [{"channel": "email", "template": "order_confirmed"}],
}


def begun(at: datetime = AT, **known: Any) -> Begun:
    return Begun(**{"key": KEY, "customer_id": "anna", "since": at, "facts": {"order_id": "o-1"}, **known})


def occasion(at: datetime = AT, **known: Any) -> Occasion:
    found = apply(None, begun(at, **known), 3)
    assert found is not None
    return found


def test_what_happened_begins_an_occasion_from_which_delays_count():
    found = occasion()
    assert (found.key, found.customer_id, found.since, found.partition) == (KEY, "anna", AT, 3)
    assert (found.decided_until, found.ended, dict(found.facts)) == (AT, None, {"order_id": "o-1"})
    assert [p.due_at - AT for p in plan(found, campaigns(post_purchase()))] == [HOUR, 3 * HOUR]


def test_the_same_again_or_something_older_is_no_news():
    found = occasion()
    assert apply(found, begun(), 4) is found
    assert apply(found, begun(AT - timedelta(microseconds=1)), 4) is found


def test_that_it_happens_again_begins_it_anew():
    again = apply(occasion(), begun(AT + HOUR), 4)
    assert again == occasion(AT + HOUR) or again is not None
    assert again is not None
    assert (again.since, again.decided_until, again.partition) == (AT + HOUR, AT + HOUR, 4)


def test_what_happens_once_begins_anew_only_where_it_had_come_to_nothing():
    """Story: the second system that told of an order had it confirmed a second time."""
    found = occasion()
    assert apply(found, begun(AT + HOUR, again=False), 3) is found
    over = apply(found, Ended(KEY, "payment_failed", AT), 3)
    assert over is not None
    placed_anew = apply(over, begun(AT + HOUR, again=False), 3)
    assert placed_anew is not None
    assert (placed_anew.since, placed_anew.ended) == (AT + HOUR, None)
    assert apply(over, begun(AT, again=False), 3) is over


def test_what_ended_has_no_steps_and_keeps_its_first_reason():
    over = apply(occasion(), Ended(KEY, "cancelled", AT), 3)
    assert over is not None
    assert over.ended == "cancelled"
    assert list(plan(over, campaigns(post_purchase()))) == []
    assert next_at(over, campaigns(post_purchase())) is None
    assert apply(over, Ended(KEY, "returned", AT), 3) is over
    assert apply(None, Ended(KEY, "returned", AT), 3) is None


def test_an_end_that_is_read_again_after_it_began_anew_ends_nothing():
    """Story: a batch came a second time after a crash, and what was set aside since was never told of."""
    found = occasion()
    assert apply(found, Ended(KEY, "nothing_saved", AT - timedelta(microseconds=1)), 3) is found
    over = apply(found, Ended(KEY, "nothing_saved", AT), 3)
    assert over is not None
    assert over.ended == "nothing_saved"


def test_only_campaigns_that_follow_it_and_were_on_when_it_happened_plan_steps():
    other = {**CONFIRMED, "kind": "order_shipped", "name": "shipped"}
    assert [p.campaign.name for p in plan(occasion(), campaigns(CONFIRMED, other))] == ["confirmed"]
    assert list(plan(occasion(), campaigns(CONFIRMED, since=AT + timedelta(microseconds=1)))) == []
    assert len(list(plan(occasion(), campaigns(CONFIRMED, since=AT)))) == 1


def test_a_step_is_due_strictly_before_the_moment_up_to_which_was_read():
    on = campaigns(post_purchase())
    assert due(occasion(), on, AT + HOUR) == ()
    assert [p.number for p in due(occasion(), on, AT + HOUR + timedelta(microseconds=1))] == [1]
    assert [p.number for p in due(occasion(), on, AT + 4 * HOUR)] == [1, 2]
    decided = Occasion(*("shop", "order.placed", "o-1", "anna"), AT, 0, AT + 2 * HOUR)
    assert [p.number for p in due(decided, on, AT + 4 * HOUR)] == [2]
    assert next_at(decided, on) == AT + 3 * HOUR
    assert next_at(occasion(), on) == AT + HOUR


def test_a_decision_names_the_order_and_no_cart_and_the_same_facts_give_the_same_id():
    on = campaigns(CONFIRMED)
    [first] = decide_all(occasion(), due(occasion(), on, AT + HOUR), AT + HOUR, Participants())
    [again] = decide_all(occasion(), due(occasion(), on, AT + HOUR), AT + HOUR, Participants())
    [other] = decide_all(occasion(AT + HOUR), due(occasion(AT + HOUR), on, AT + 2 * HOUR), AT, Participants())
    assert first == again
    assert first.reminder_id != other.reminder_id
    assert (first.order_id, first.cart_id, first.cart_version, first.sku) == ("o-1", None, None, None)
    assert (first.outcome, first.reason, first.kind, first.step) == (
        "would_send",
        "order_confirmed",
        "order_confirmed",
        1,
    )
    assert (first.customer_id, first.due_at, first.quiet_since) == ("anna", AT, AT)


def test_an_occasion_of_a_cart_or_an_item_names_it():
    cart = "01940000-0000-7000-8000-000000000001"
    found = occasion(facts={"cart_id": cart, "cart_version": 7, "sku": "mug"})
    on = campaigns(CONFIRMED)
    [one] = decide_all(found, due(found, on, AT + HOUR), AT, Participants())
    assert (one.cart_id, one.cart_version, one.sku, one.order_id) == (UUID(cart), 7, "mug", None)


@pytest.mark.parametrize(("late", "reason"), [(0, "post_purchase"), (1, "expired")])
def test_late_is_worse_than_never(late: int, reason: str):
    on = campaigns(post_purchase())
    now = AT + HOUR + timedelta(minutes=30) + timedelta(microseconds=late)
    [first] = decide_all(occasion(), due(occasion(), on, AT + 2 * HOUR), now, Participants())
    assert first.reason == reason


def test_paused_campaigns_holdouts_and_reentry_hold_here_too():
    paused = campaigns(post_purchase(paused=True))
    held = campaigns(post_purchase(split={"holdout": 99, "arms": {"told": 1}}))
    seldom = campaigns(post_purchase(reenter={"after": "30d"}))
    parts = Participants()
    for on, expected in ((paused, ["paused"] * 2), (seldom, ["post_purchase"] * 2)):
        steps = due(occasion(), on, AT + 4 * HOUR)
        assert [one.reason for one in decide_all(occasion(), steps, AT, parts)] == expected
    later = occasion(AT + 24 * HOUR, key=("shop", "order.placed", "o-2"))
    steps = due(later, seldom, AT + 40 * HOUR)
    assert [one.reason for one in decide_all(later, steps, AT, parts)] == ["reentered_too_soon"] * 2
    arms = {one.variant for one in decide_all(occasion(), due(occasion(), held, AT + 4 * HOUR), AT, Participants())}
    assert len(arms) == 1
