"""Whom campaigns are for that follow an order: asked of the order, of who placed it, and at the due time."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.facts import Facts, ItemFacts, Wanted
from services.trigger.domain.occasions import Beside, decide_all, plan
from services.trigger.domain.participation import Participants
from services.trigger.domain.reach import Reach
from tests.unit.trigger.domain.conditions.test_conditions_of_items import spent
from tests.unit.trigger.domain.test_occasions import AT, CONFIRMED, HOUR, occasion, post_purchase

LAST = ("shop", "customer.ordered", "anna")
SEGMENTS = {"vip": {"spent": {"EUR": 5000}, "within": "30d"}}


def on(*told: dict[str, Any]) -> StoreCampaigns:
    return StoreCampaigns.always(CampaignFile.model_validate({"segments": SEGMENTS, "campaigns": told}))


def win_back(**known: Any) -> dict[str, Any]:
    steps = [{"name": name, "delay": delay, "channel": "email", "template": "t"} for name, delay in DELAYS]
    return {"name": "back", "kind": "win_back", "steps": steps, **known}


DELAYS = (("first", "1h"), ("second", "3h"))


def reasons(told: dict[str, Any], beside: Beside = Beside(), participants: Participants | None = None) -> list[str]:
    found = occasion(key=LAST, facts={}) if told["kind"] == "win_back" else occasion()
    steps = plan(found, on(told))
    return [one.reason for one in decide_all(found, steps, AT, participants or Participants(), beside)]


def known(*orders: Any, **items: ItemFacts) -> Facts:
    return Facts(
        segments={"shop": on().segments},
        orders={("shop", "anna"): orders},
        items={("shop", sku): facts for sku, facts in items.items()},
    )


@pytest.mark.parametrize(
    ("total", "currency", "reason"),
    [
        (2000, "EUR", "post_purchase"),
        (1999, "EUR", "below_minimum"),
        (9001, "EUR", "above_maximum"),
        (2000, "PLN", "currency_not_listed"),
        (None, "EUR", "currency_not_listed"),
        (None, None, "currency_not_listed"),
    ],
)
def test_the_order_s_total_is_asked_of(total: int | None, currency: str | None, reason: str) -> None:
    told = post_purchase(enter={"total": {"EUR": [2000, 9000]}})
    assert reasons(told, Beside(total=total, currency=currency)) == [reason] * 2


def test_the_order_s_goods_are_asked_of() -> None:
    told = post_purchase(enter={"category": {"any": ["shoes"]}})
    facts = known(shoe=ItemFacts(0, "shoes"), tea=ItemFacts(3, "drinks"))
    assert reasons(told, Beside(facts, skus=["tea", "shoe"])) == ["post_purchase"] * 2
    assert reasons(told, Beside(facts, skus=["tea"])) == ["category_not_listed"] * 2


@pytest.mark.parametrize("told", [post_purchase(), win_back()])
def test_enter_is_asked_as_of_the_order_and_continue_before_each_step(told: dict[str, Any]) -> None:
    kind = told["kind"]
    bought = Beside(known(spent(6000, AT + 2 * HOUR)))
    assert reasons(told | {"enter": {"not_segment": ["vip"]}}, bought) == [kind, kind]
    assert reasons(told | {"continue": {"not_segment": ["vip"]}}, bought) == [kind, "in_segment"]
    assert reasons(told | {"enter": {"segment": "vip"}}, bought) == ["not_in_segment"] * 2
    before = Beside(known(spent(6000, AT - timedelta(days=1))))
    assert reasons(told | {"enter": {"segment": "vip"}}, before) == [kind, kind]


@pytest.mark.parametrize("told", [post_purchase(), win_back()])
def test_who_can_t_be_reached_is_left_out_and_draws_no_arm(told: dict[str, Any]) -> None:
    parts = Participants()
    split = told | {"split": {"holdout": 10}}
    assert reasons(split, Beside(reach=Reach(False, True)), parts) == ["unreachable"] * 2
    assert not parts.changed
    assert reasons(told, Beside(reach=Reach(True, False))) == [told["kind"]] * 2


def test_what_tells_of_an_order_itself_goes_by_no_consent() -> None:
    assert reasons(CONFIRMED, Beside(reach=Reach(False, False))) == ["order_confirmed"]


@pytest.mark.parametrize("told", [post_purchase(), win_back()])
def test_guests_take_part_unless_the_campaign_says_none(told: dict[str, Any]) -> None:
    guest = occasion(key=LAST, facts={}) if told["kind"] == "win_back" else occasion(customer_id="guest:1")
    guest = occasion(key=guest.key, customer_id="guest:1", facts=guest.facts)
    for said, reason in (("none", "guest"), ("with_contact", told["kind"])):
        steps = plan(guest, on(told | {"enter": {"guests": said}}))
        assert [one.reason for one in decide_all(guest, steps, AT, Participants())] == [reason] * 2


@pytest.mark.parametrize(
    "told",
    [
        post_purchase(enter={"origin": {"none": ["bot"]}}),
        post_purchase(**{"continue": {"in_stock": "any"}}),
        post_purchase(recipients="reachable"),
        win_back(enter={"total": {"EUR": 1}}),
        win_back(enter={"category": {"any": ["shoes"]}}),
        CONFIRMED | {"enter": {}},
        CONFIRMED | {"continue": {}},
    ],
)
def test_what_makes_no_sense_after_an_order_is_refused(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        on(told)


def test_orders_are_asked_of_only_where_a_campaign_goes_by_them() -> None:
    plain, amount = on(post_purchase()), on(post_purchase(enter={"total": {"EUR": 1}}))
    goods = on(post_purchase(enter={"category": {"any": ["shoes"]}}, after="delivered"))
    assert not plain.asks_of_orders("order.placed")
    assert amount.asks_of_orders("order.placed")
    assert not amount.asks_of_orders("order.shipped")
    assert goods.asks_of_orders("order.delivered")
    assert not on(win_back()).asks_of_orders("customer.ordered")
    assert (amount.wanted_on_occasions, goods.wanted_on_occasions) == (Wanted(), Wanted(items=True))
    assert on(win_back(enter={"segment": "vip"})).wanted_on_occasions == Wanted(orders=True)
    assert on(win_back(enter={"segment": "vip"})).wanted == Wanted()
