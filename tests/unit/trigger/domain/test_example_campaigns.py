"""The campaigns that the README shows, each with a story: who is told, and who isn't."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from libs.contracts.events import CouponFrom, Event
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.decision import Decision
from services.trigger.domain.kinds.low_stock import LowStock
from services.trigger.main import MIGRATIONS
from tests.unit.trigger.making import T0, added, after, kind_names, level, ordered, removed, silenced

EXAMPLES = MIGRATIONS.parent / "campaigns" / "examples"
FRIDAY = datetime(2026, 3, 6, 15, 30, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)


def decided(name: str, *events: Event, until: datetime | None = None) -> list[Decision]:
    """What a campaign of the examples makes of events, up to ten days after the last of them."""
    file = load_campaigns(EXAMPLES / f"{name}.yaml")
    return list(decisions(events, StoreCampaigns.always(file), until or events[-1].occurred_at + timedelta(days=10)))


def sent(found: Iterable[Decision]) -> list[tuple[str | None, str, datetime]]:
    """Who gets what, and when."""
    return [(d.customer_id, d.template, d.due_at) for d in found if d.outcome == "would_send"]


def skipped(found: Iterable[Decision]) -> Counter[str]:
    return Counter(d.reason for d in found if d.outcome == "skipped")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_example_is_read_and_shown(path: Path) -> None:
    assert load_campaigns(path).campaigns
    assert f"]({path.name})" in (EXAMPLES / "README.md").read_text()


def test_welcome_back_waits_for_the_shop_to_open() -> None:
    found = decided(
        "welcome_back",
        added("noon", at=T0 + timedelta(days=1)),
        added("night", at=SATURDAY_NIGHT),
        until=after(days=20),
    )
    assert sent(found) == [
        ("customer-noon", "welcome_back", T0 + timedelta(days=1, hours=1)),
        ("customer-night", "welcome_back", datetime(2026, 3, 9, 8, 0, tzinfo=UTC)),
    ]


def test_three_steps_stop_with_the_order_and_begin_anew_with_a_change() -> None:
    found = decided(
        "three_steps",
        added("buyer"),
        added("waverer"),
        added("waverer", 2, after(minutes=30), {"tea": 2}),
        ordered("buyer", 2, after(hours=2)),
    )
    assert sent(found) == [
        ("customer-buyer", "abandoned_cart_1", after(minutes=45)),
        ("customer-waverer", "abandoned_cart_1", after(minutes=75)),
        ("customer-waverer", "abandoned_cart_2", after(hours=24.5)),
        ("customer-waverer", "abandoned_cart_3", after(hours=48.5)),
    ]
    assert skipped(found) == {"ordered": 2, "cart_changed": 3}


def test_big_carts_get_a_text_first_and_others_an_email() -> None:
    found = decided("big_carts_by_text", added("big", total=50000), added("small", total=49999))
    assert sent(found) == [
        ("customer-big", "big_cart", after(minutes=30)),
        ("customer-small", "abandoned_cart", after(hours=4)),
    ]
    assert [d.channels for d in found if d.outcome == "would_send"] == [("sms", "email"), ("email",)]


def test_what_is_not_worth_a_message_gets_none() -> None:
    found = decided(
        "worth_it",
        added("cheap", total=2999),
        added("right", total=3000),
        added("dear", total=200001),
        added("zloty", total=12000).model_copy(update={"currency": "PLN"}),
        added("dollar", total=9000).model_copy(update={"currency": "USD"}),
        added("guest", total=9000, customer=None),
    )
    assert [who for who, _, _ in sent(found)] == ["customer-right", "customer-zloty"]
    assert skipped(found) == {"below_minimum": 1, "above_maximum": 1, "currency_not_listed": 1, "anonymous": 1}


def test_a_coupon_goes_to_one_arm_and_the_holdout_hears_nothing() -> None:
    found = decided("coupon_only_where_it_helps", *(added(f"c{number}") for number in range(400)))
    arms = {d.customer_id: d.variant for d in found}
    assert set(arms.values()) == {"holdout", "plain", "coupon"}
    assert 20 <= Counter(arms.values())["holdout"] <= 60
    assert {arms[who] for who, template, _ in sent(found) if template == "ten_percent"} == {"coupon"}
    assert {arms[who] for who, template, _ in sent(found) if template == "abandoned_cart"} == {"plain", "coupon"}
    assert {d.coupon for d in found if d.template == "ten_percent"} == {"BACK10"}


def test_each_is_offered_a_code_of_the_pool_and_nobody_the_same() -> None:
    found = decided("a_code_each", *(added(f"c{number}", total=9000) for number in range(3)))
    offers = [d.coupon_from for d in found if d.outcome == "would_send" and d.coupon_from]
    assert offers == [CouponFrom(pool="back10", valid_seconds=172_800, if_empty="hold")] * 3
    assert {d.coupon for d in found} == {None}


def test_who_has_left_a_cart_before_is_told_by_a_request_that_knows_it() -> None:
    first, changed, other = added(at=T0), added(version=2, at=after(days=1)), added("c2", at=after(days=2))
    both = other.model_copy(update={"customer_id": first.customer_id})
    found = decided("not_the_first_time", first, changed, both)
    assert [d.times_abandoned for d in found if d.outcome == "would_send"] == [0, 1, 2]
    assert {d.times_abandoned for d in decided("three_steps", first, changed, both)} == {None}, "nobody asked"


def test_who_buys_anyway_gets_no_coupon() -> None:
    names = [f"c{number}" for number in range(100)]
    bought = [ordered(name, 2, after(hours=20)) for name in names]
    found = decided("coupon_only_where_it_helps", *(added(name) for name in names), *bought)
    assert "ten_percent" not in {template for _, template, _ in sent(found)}


def test_two_subjects_are_tried_nine_to_one() -> None:
    found = decided("which_subject", *(added(f"c{number}") for number in range(500)))
    templates = Counter(template for _, template, _ in sent(found))
    assert templates.total() == 500
    assert 25 <= templates["bold_cart"] <= 80


def test_nothing_is_sent_at_the_weekend_and_on_monday_once() -> None:
    found = decided("silent_weekend", added("left", at=FRIDAY))
    monday = datetime(2026, 3, 9, 7, 30, tzinfo=UTC)
    assert sent(found) == [("customer-left", "quote", monday)]
    assert skipped(found) == {"next_step_due": 1}


def test_who_fills_carts_all_day_hears_of_one_and_of_four_a_month() -> None:
    events = [added(f"cart{day}", at=after(days=day), customer="anna") for day in range(28)]
    again = added("again", at=after(hours=2), customer="anna")
    found = decided("not_too_often", events[0], again, *events[1:])
    assert [at for _, _, at in sent(found)] == [after(days=day, hours=1) for day in (0, 3, 6, 9)]
    assert set(skipped(found)) == {"reentered_too_soon"}


def test_a_renewal_ends_no_reminder_of_a_cart_that_was_left() -> None:
    found = decided("subscriptions_go_on", added("a"), silenced("a", 1, after(minutes=10)))
    assert sent(found) == [("customer-a", "abandoned_cart", after(hours=1))]
    emptied = removed("b", 2, after(minutes=10))
    assert skipped(decided("subscriptions_go_on", added("b"), emptied)) == {"emptied": 1}


def test_low_stock_waits_for_what_else_runs_low_and_is_told_once() -> None:
    (low,) = load_campaigns(EXAMPLES / "low_stock_together.yaml").campaigns
    assert isinstance(low, LowStock)
    plenty, nothing = low.apply_level(None, level(20, 1))
    few, crossing = low.apply_level(plenty, level(4, 2, after(minutes=1)))
    assert nothing is None
    assert crossing is not None
    assert (crossing.recipients, crossing.wait, low.together) == (20, timedelta(minutes=30), timedelta(minutes=30))
    assert low.apply_level(few, level(3, 3, after(minutes=2)))[1] is None, "it trembles"


def test_all_that_the_page_says_of_a_file_can_be_said(tmp_path: Path) -> None:
    page = (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "shop.yaml").write_text(shown, encoding="utf-8")
    file = load_campaigns(tmp_path / "shop.yaml")
    assert {campaign.kind for campaign in file.campaigns} <= set(kind_names())
    assert set(kind_names()) - {campaign.kind for campaign in file.campaigns} <= {
        f"order_{what}" for what in ("confirmed", "delivered", "cancelled", "partly_cancelled", "returned")
    }
