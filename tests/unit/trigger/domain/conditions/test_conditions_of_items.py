"""Whom campaigns on items are for: asked of the cart that holds the item, of its owner, and of the item."""

from datetime import datetime
from typing import Any

import pytest

from libs.contracts.events import LowItem
from services.trigger.domain.facts import NO_FACTS, Facts, ItemFacts, Wanted
from services.trigger.domain.fan_outs import FanOut, Holder
from services.trigger.domain.kinds.protocols import TellingCampaign
from services.trigger.domain.orders import CustomerOrder
from services.trigger.domain.pages import decide_page
from services.trigger.domain.participation import Participants
from services.trigger.domain.reach import Reach
from tests.unit.trigger.domain.test_fan_outs import HOLDER, fan_out
from tests.unit.trigger.making import STORE, after, campaigns, costs

KINDS = ("low_stock", "back_in_stock", "price_drop")
FALLEN = (costs(800, 1000),)
HELD = HOLDER._replace(currency="EUR", total=3000)


def on(rules: str, kind: str = "low_stock") -> Any:
    return campaigns(
        f"""
segments: {{vip: {{spent: {{EUR: 5000}}}}, repeat: {{abandoned: 1}}}}
campaigns:
  - name: low_stock
    kind: {kind}
    {rules}
    steps: [{{channels: [email, sms], template: t}}]
"""
    )


def campaign(rules: str, kind: str = "low_stock") -> TellingCampaign:
    found, _ = on(rules, kind).telling("low_stock")
    return found  # type: ignore[no-any-return]


def why(rules: str, holder: Holder = HELD, facts: Facts = NO_FACTS, kind: str = "low_stock", **known: Any) -> str:
    told: FanOut = fan_out(fallen=FALLEN, **known)
    (decided,) = decide_page(campaign(rules, kind), told, [holder], Participants(), facts).decisions
    return decided.reason


def spent(total: int, at: datetime) -> CustomerOrder:
    fields = {"store_id": STORE, "order_id": "o", "customer_id": "anna", "cart_id": None, "channel": None}
    money = {"currency": "EUR", "total": total, "status": "placed"}
    return CustomerOrder(**fields, **money, placed_at=at, first_told_at=at, last_told_at=at)  # type: ignore[arg-type]


def known(*orders: CustomerOrder, **items: ItemFacts) -> Facts:
    return Facts(
        segments={STORE: on("").segments},
        orders={(STORE, "anna"): orders},
        items={(STORE, sku): facts for sku, facts in items.items()},
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("enter: {total: {EUR: 3001}}", "below_minimum"),
        ("enter: {total: {EUR: [0, 2999]}}", "above_maximum"),
        ("enter: {total: {PLN: 1}}", "currency_not_listed"),
        ("enter: {total: {EUR: [3000, 3000]}}", None),
        ("enter: {guests: none}", None),
        ("enter: {category: {any: [shoes]}}", "category_not_listed"),
        ("enter: {segment: vip}", "not_in_segment"),
        ("continue: {segment: vip}", "not_in_segment"),
        ("continue: {not_segment: [vip]}", None),
        ("continue: {in_stock: any}", None),
        ("recipients: reachable", "unreachable"),
    ],
)
def test_every_kind_on_items_asks_whom_it_is_for(kind: str, rules: str, reason: str | None) -> None:
    assert why(rules, kind=kind) == (reason or kind)


def test_guests_who_have_left_an_address_hold_items_too() -> None:
    guest = HELD._replace(customer_id="guest:1")
    assert why("enter: {guests: none}", guest) == "guest"
    assert why("enter: {guests: with_contact}", guest) == "low_stock"


def test_segments_are_asked_as_of_when_the_item_changed() -> None:
    vip = known(spent(6000, after(days=-1)))
    assert why("enter: {segment: vip}", facts=vip) == "low_stock"
    assert why("enter: {not_segment: [vip]}", facts=vip) == "in_segment"
    assert why("continue: {not_segment: [vip]}", facts=vip) == "in_segment"
    later = known(spent(6000, after(minutes=1)))
    assert why("enter: {segment: vip}", facts=later, now=after(hours=1)) == "not_in_segment"
    assert why("continue: {segment: vip}", facts=later, now=after(hours=1)) == "not_in_segment"


def test_holding_an_item_abandons_nothing() -> None:
    assert why("enter: {segment: repeat}", facts=known()) == "not_in_segment"
    before = known()
    before.abandoned = {(STORE, "anna"): {(HELD.place, 1): after(days=-3)}}
    assert why("enter: {segment: repeat}", facts=before) == "low_stock"


def test_the_item_s_own_category_and_stock_are_asked_of() -> None:
    shoe = known(tea=ItemFacts(0, "shoes"))
    assert why("enter: {category: {any: [shoes]}}", facts=shoe) == "low_stock"
    assert why("enter: {category: {none: [shoes]}}", facts=shoe) == "category_excluded"
    assert why("continue: {in_stock: all}", facts=shoe) == "out_of_stock"
    assert why("continue: {in_stock: all}", facts=known(tea=ItemFacts(1))) == "low_stock"


@pytest.mark.parametrize(("origin", "reason"), [("staff", "low_stock"), ("bot", "origin_bot"), ("new", "origin_other")])
def test_only_of_origins_that_the_campaign_says_holders_are_told(origin: str, reason: str) -> None:
    assert why("enter: {origin: {none: [bot, import]}}", HELD._replace(origin=origin)) == reason
    assert why("", HELD._replace(origin="staff")) == "origin_staff"


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_known_to_be_reached_by_no_channel_of_a_step_is_left_out(kind: str) -> None:
    for rules in ("", "recipients: reachable"):
        assert why(rules, HELD._replace(reach=Reach(False, False)), kind=kind) == "unreachable"
        assert why(rules, HELD._replace(reach=Reach(False, True)), kind=kind) == kind
    assert why("", kind=kind) == kind, "of whom nothing is told may be reached"


def test_who_can_t_be_reached_takes_nobody_s_place_and_draws_no_arm() -> None:
    people = [HELD._replace(customer_id=name) for name in ("anna", "ben", "cleo", "dan")]
    people[0] = people[0]._replace(reach=Reach(False, False))
    people[2:] = [one._replace(reach=Reach(True, False)) for one in people[2:]]
    parts = Participants()
    page = decide_page(campaign("recipients: reachable\n    split: {holdout: 1}"), fan_out(remaining=1), people, parts)
    assert [one.reason for one in page.decisions] == ["unreachable", "unreachable", "low_stock"]
    assert page.told == 1
    assert set(parts.changed) == {(STORE, "low_stock", "cleo")}


def test_whoever_needs_it_or_was_told_hears_that_reason_first() -> None:
    assert why("enter: {guests: none}", HELD._replace(customer_id="guest:1", cooling_down=True)) == "cooling_down"


def test_other_items_are_named_only_where_the_campaign_is_for_them() -> None:
    also = (LowItem(sku="card"), LowItem(sku="shoe"), LowItem(sku="hat"))
    facts = known(tea=ItemFacts(3, "shoes"), shoe=ItemFacts(1, "shoes"), hat=ItemFacts(0, "shoes"))
    found = campaign("enter: {category: {any: [shoes]}}\n    continue: {in_stock: any}")
    (one,) = decide_page(found, fan_out(), [HELD._replace(also_low=also)], Participants(), facts).decisions
    assert [item.sku for item in one.also_low] == ["shoe"]


def test_only_the_facts_that_a_campaign_goes_by_are_wanted() -> None:
    assert on("enter: {segment: vip}").wanted_by("low_stock") == Wanted(orders=True)
    assert on("continue: {in_stock: any}").wanted_by("low_stock") == Wanted(items=True)
    assert on("enter: {segment: vip}").wanted == Wanted(), "of carts that went quiet nothing is asked"
    assert on("enter: {segment: vip}").wanted_by("other") == Wanted()


def test_what_no_shopper_holds_is_held_where_a_campaign_is_for_it() -> None:
    staff = on("enter: {origin: {none: [bot, import]}}")
    assert (staff.is_held("staff"), staff.is_held("bot"), on("").is_held("staff")) == (True, False, False)


@pytest.mark.parametrize(
    ("kind", "rules", "fault"),
    [
        ("low_stock", "recipients: all", "test.yaml:6: campaigns.1.recipients: "),
        ("low_stock", "exit_on: []", "test.yaml:6: campaigns.1.exit_on: Extra inputs"),
        ("price_drop", "enter: {segment: typo}", "test.yaml:6: campaigns.1.enter.segment: no segment of the file"),
        ("back_in_stock", "enter: {goods: x}", "test.yaml:6: campaigns.1.enter.goods: Extra inputs"),
        ("back_in_stock", "after: placed", "test.yaml:6: campaigns.1.after: Extra inputs"),
    ],
)
def test_what_makes_no_sense_for_a_kind_is_refused_with_its_place(kind: str, rules: str, fault: str) -> None:
    with pytest.raises(Exception, match="campaigns") as refused:
        on(rules, kind)
    assert fault in str(refused.value)
