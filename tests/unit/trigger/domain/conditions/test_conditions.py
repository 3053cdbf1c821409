"""Whom a campaign is for, and while what it goes on: told as stories of carts, orders and stock."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from libs.contracts.events import Event, OrderCancelled, OrderPlaced
from libs.files.yaml_file import FileFaultError, parse
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.carts import apply
from services.trigger.domain.conditions import Categories, Continue
from services.trigger.domain.facts import Facts, ItemFacts, Wanted
from tests.unit.trigger.making import added, after, campaigns, cleared, level, ordered, removed

FILE = """
segments:
  vip: {spent: {EUR: 5000}}
  repeat: {abandoned: 2, within: 30d}
  new: {orders: 0}
campaigns:
  - name: cart
    kind: abandoned_cart
    RULES
    steps:
      - {delay: 1h, channel: email, template: a}
      - {delay: 24h, channel: email, template: b}
"""


def said(rules: str, events: Iterable[Event], until: datetime = after(days=2), cart: str = "a") -> list[str]:
    """Why each step of a cart (the last one of its customer) was sent or not."""
    last = list(decisions(events, campaigns(FILE.replace("RULES", rules)), until))
    return [one.reason for one in last if one.cart_id == added(cart).cart_id]


def placed(at: datetime, total: int = 6000, **facts: Any) -> OrderPlaced:
    told = {"event_id": uuid4(), "occurred_at": at, "order_id": "o-1", "store_id": "shop", "customer_id": "customer-a"}
    return OrderPlaced.model_validate(told | {"currency": "EUR", "total": total} | facts)


def gone(at: datetime) -> OrderCancelled:
    facts = {"order_id": "o-1", "store_id": "shop", "customer_id": "customer-a", "status": "cancelled"}
    return OrderCancelled.model_validate(facts | {"event_id": uuid4(), "occurred_at": at, "happened_at": at})


def test_who_is_in_no_such_segment_does_not_enter() -> None:
    assert said("enter: {segment: vip}", [added()]) == ["not_in_segment", "not_in_segment"]
    assert said("enter: {segment: vip}", [placed(after(days=-9)), added()]) == ["idle", "idle"]
    assert said("enter: {not_segment: [vip]}", [placed(after(days=-9)), added()]) == ["in_segment", "in_segment"]
    assert said("enter: {not_segment: [new, vip]}", [placed(after(days=-9), 1), added()]) == ["idle", "idle"]


def test_enter_is_asked_as_of_when_the_cart_went_quiet_and_continue_before_each_step() -> None:
    """An order by another cart, which is told to end nothing here."""
    events = [added(), placed(after(hours=2))]
    assert said("enter: {not_segment: [vip]}", events) == ["idle", "idle"]
    assert said("continue: {not_segment: [vip]}", events) == ["idle", "in_segment"]
    assert said("continue: {segment: new}", events) == ["idle", "not_in_segment"]


def test_what_was_cancelled_was_never_bought() -> None:
    events = [placed(after(days=-9)), gone(after(days=-8)), added()]
    assert said("enter: {segment: vip}", events) == ["not_in_segment", "not_in_segment"]


def test_a_trace_tells_no_orders_but_which_cart_was_ordered() -> None:
    bought = [
        added("b", 1, after(days=-5), customer="customer-a", total=6000),
        ordered_by_a("b", after(days=-5, hours=1)),
    ]
    assert said("enter: {segment: vip}", [*bought, added()]) == ["idle", "idle"]
    better = placed(after(days=-5, hours=1), 100, order_id="order-b")
    assert said("enter: {segment: vip}", [*bought, better, added()]) == ["not_in_segment", "not_in_segment"]
    first = placed(after(days=-5), 100, order_id="order-b")
    assert said("enter: {segment: vip}", [bought[0], first, bought[1], added()])[0] == "not_in_segment"


def ordered_by_a(name: str, at: datetime) -> Event:
    return ordered(name, 2, at).model_copy(update={"customer_id": "customer-a"})


def test_carts_that_came_to_a_first_step_were_abandoned_and_this_one_counts() -> None:
    before = added("b", 1, after(days=-3), customer="customer-a")
    assert said("enter: {segment: repeat}", [added()]) == ["not_in_segment", "not_in_segment"]
    assert said("enter: {segment: repeat}", [before, added()]) == ["idle", "idle"]
    long_ago = added("b", 1, after(days=-40), customer="customer-a")
    assert said("enter: {segment: repeat}", [long_ago, added()])[0] == "not_in_segment"


def test_what_was_changed_or_emptied_in_time_was_not_abandoned_nor_were_carts_of_bots() -> None:
    rules = "enter: {segment: repeat}"
    quick = [added("b", 1, after(days=-3), customer="customer-a"), cleared("b", 2, after(days=-3, minutes=9))]
    assert said(rules, [*quick, added()])[0] == "not_in_segment"
    bot = added("b", 1, after(days=-3), customer="customer-a").model_copy(update={"origin": "bot"})
    assert said(rules, [bot, added()])[0] == "not_in_segment"


def test_both_steps_of_a_cart_are_one_abandonment() -> None:
    assert said("enter: {segment: repeat}", [added("b", 1, after(days=-3), customer="customer-b"), added()])[0] == (
        "not_in_segment"
    )
    assert said("continue: {segment: repeat}", [added()]) == ["not_in_segment", "not_in_segment"]


def stock(sku: str, available: int, version: int, at: datetime, category: str | None = None) -> Event:
    return level(available, version, at, sku).model_copy(update={"category": category})


def test_goods_of_some_category_and_none_of_another() -> None:
    shoe, card = stock("shoe", 3, 1, after(days=-9), "shoes"), stock("card", 3, 1, after(days=-9), "gift_card")
    rules = "enter: {category: {any: [shoes], none: [gift_card]}}"
    assert said(rules, [shoe, card, added(holds={"shoe": 1, "tea": 1})])[0] == "idle"
    assert said(rules, [shoe, card, added(holds={"tea": 1})])[0] == "category_not_listed"
    assert said(rules, [shoe, card, added(holds={"shoe": 1, "card": 1})])[0] == "category_excluded"
    assert said(rules, [card, added(holds={"shoe": 1})])[0] == "category_not_listed"


def test_goods_are_those_of_the_newest_change() -> None:
    shoe, tea = stock("shoe", 3, 1, after(days=-9), "shoes"), stock("tea", 0, 1, after(days=-9))
    events = [shoe, tea, added(holds={"shoe": 1, "tea": 1}), removed("a", 2, after(minutes=5), {"tea": 1})]
    reasons = said("enter: {category: {any: [shoes]}}", events)
    assert reasons == ["cart_changed", "category_not_listed", "cart_changed", "category_not_listed"]


@pytest.mark.parametrize(
    ("tea", "jam", "some", "every"),
    [(1, 1, "idle", "idle"), (0, 1, "idle", "out_of_stock"), (0, 0, "out_of_stock", "out_of_stock")],
)
def test_while_goods_can_be_bought(tea: int, jam: int, some: str, every: str) -> None:
    events = [
        stock("tea", tea, 1, after(days=-9)),
        stock("jam", jam, 1, after(days=-9)),
        added(holds={"tea": 1, "jam": 1}),
    ]
    assert said("continue: {in_stock: any}", events)[0] == some
    assert said("continue: {in_stock: all}", events)[0] == every


def test_stock_is_asked_again_before_each_step_and_an_older_level_is_none() -> None:
    events = [stock("tea", 2, 5, after(days=-9)), stock("tea", 0, 4, after(days=-8)), added()]
    assert said("continue: {in_stock: any}", [*events, stock("tea", 0, 6, after(hours=2))]) == ["idle", "out_of_stock"]
    assert said("continue: {in_stock: all}", [added()]) == ["idle", "idle"], "nobody tells its level"
    later = stock("tea", 0, 1, after(days=-9)).model_copy(update={"backorder": True})
    assert said("continue: {in_stock: all}", [later, added()]) == ["idle", "idle"]


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ("enter: {segment: typo}", "test.yaml:9: campaigns.1.enter.segment: no segment of the file is named typo"),
        (
            "continue: {not_segment: [vip, typo]}",
            "test.yaml:9: campaigns.1.continue.not_segment.2: no segment of the file is named typo",
        ),
        (
            "enter: {segment: new, not_segment: [new, new]}",
            "test.yaml:9: campaigns.1.enter.not_segment: a segment is named twice",
        ),
        ("enter: {category: {any: []}}", "test.yaml:9: campaigns.1.enter.category.any: "),
        ("continue: {in_stock: some}", "test.yaml:9: campaigns.1.continue.in_stock: "),
        ("enter: {origin: {none: [cat]}}", "test.yaml:9: campaigns.1.enter.origin.none.1: "),
    ],
)
def test_a_fault_is_told_with_its_line_and_field(rules: str, line: str) -> None:
    with pytest.raises(FileFaultError) as caught:
        parse(FILE.replace("RULES", rules), "test.yaml", CampaignFile)
    found = str(caught.value).splitlines()
    assert [one.startswith(line) for one in found] == [True]


def test_every_unknown_segment_is_told_by_its_own_name() -> None:
    """Story: of two typos the second was told under the name of the first, and was looked for in vain."""
    with pytest.raises(FileFaultError) as caught:
        parse(FILE.replace("RULES", "enter: {segment: typo, not_segment: [vip, oops]}"), "test.yaml", CampaignFile)
    assert str(caught.value).splitlines() == [
        "test.yaml:9: campaigns.1.enter.not_segment.2: no segment of the file is named oops",
        "test.yaml:9: campaigns.1.enter.segment: no segment of the file is named typo",
    ]


def test_a_broken_segment_is_told_alone() -> None:
    text = FILE.replace("RULES", "enter: {segment: vip}").replace("{spent: {EUR: 5000}}", "{}")
    with pytest.raises(FileFaultError) as caught:
        parse(text, "test.yaml", CampaignFile)
    assert str(caught.value).splitlines() == ["test.yaml:3: segments.vip: a segment says spent, orders or abandoned"]


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ("enter: {total: {EUR: 1}}", Wanted()),
        ("enter: {segment: vip}", Wanted(orders=True)),
        ("continue: {not_segment: [new]}", Wanted(orders=True)),
        ("enter: {not_segment: [repeat]}", Wanted(abandoned=True)),
        ("enter: {category: {none: [x]}}", Wanted(items=True)),
        ("continue: {in_stock: all}", Wanted(items=True)),
    ],
)
def test_only_what_campaigns_go_by_is_wanted(rules: str, wanted: Wanted) -> None:
    assert campaigns(FILE.replace("RULES", rules)).wanted == wanted
    assert bool(wanted) is (wanted != Wanted())


def test_a_file_is_told_again_as_it_was_said() -> None:
    file = parse(FILE.replace("RULES", "continue: {in_stock: any, not_segment: [vip]}"), "test.yaml", CampaignFile)
    again = file.model_dump(mode="json")
    assert again["campaigns"][0]["continue"] == {"in_stock": "any", "segment": None, "not_segment": ["vip"]}
    assert CampaignFile.model_validate(again) == file


def test_what_is_not_asked_is_met() -> None:
    empty = Facts()
    assert Categories().unmet([ItemFacts(1, "x")]) is None
    assert Continue().unmet_facts(empty.of_cart(_cart()), empty, after()) is None
    assert Continue(in_stock="all").unmet_facts(empty.of_cart(_cart()), empty, after()) is None


def _cart() -> Any:
    return apply(None, added())


@pytest.mark.parametrize("which", ["any", "none"])
def test_up_to_two_hundred_categories_are_named(which: str) -> None:
    names = [f"category-{number}" for number in range(201)]
    for count in (1, 200):
        assert len(getattr(Categories.model_validate({which: names[:count]}), which)) == count
    for count in (0, 201):
        with pytest.raises(ValidationError, match=which):
            Categories.model_validate({which: names[:count]})
