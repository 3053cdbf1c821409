"""The backtest tells people of levels and prices as the trigger does live."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from libs.contracts.events import Event, OrderPlaced
from libs.contracts.events.lines import CartLine
from services.trigger.domain.backtest import Backtest, decisions
from services.trigger.domain.decision import Decision
from services.trigger.domain.told import as_line, moment
from services.trigger.domain.told import told as told_of
from tests.unit.trigger.making import (
    STORE,
    added,
    after,
    campaigns,
    cart_id,
    claimed,
    costs,
    level,
    ordered,
    prices,
    removed,
)

LOW = "{name: low, kind: low_stock, recipients_per_unit: 1, steps: [{channel: sms, template: t}]}"
BACK = "{name: back, kind: back_in_stock, recipients_per_unit: 1, steps: [{channel: email, template: t}]}"
PRICE = "{name: price, kind: price_drop, steps: [{channel: email, template: t}]}"


def found(rules: str, events: Iterable[Event], until: datetime = after(days=20)) -> list[Decision]:
    return list(decisions(events, campaigns(f"campaigns: [{rules}]"), until))


def told(rules: str, *events: Event) -> list[tuple[str | None, str]]:
    return [(d.customer_id, d.reason) for d in found(rules, events)]


def bought(at: datetime, *skus: str, order_id: str = "order-1") -> OrderPlaced:
    facts = {"order_id": order_id, "store_id": STORE, "customer_id": "customer-a", "skus": skus}
    return OrderPlaced.model_validate({"event_id": cart_id(order_id), "occurred_at": at, **facts})


def test_of_those_who_hold_what_runs_low_the_last_to_touch_it_are_told() -> None:
    carts = [added(name, at=after(minutes=n)) for n, name in enumerate("abcd")]
    events = [*carts, level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    decided = found(LOW, events)
    assert [(d.customer_id, d.reason) for d in decided] == [(f"customer-{name}", "low_stock") for name in "dcb"]
    assert {(d.due_at, d.sku, d.threshold, d.cart_version) for d in decided} == {(after(hours=2), "tea", 5, 1)}


def test_guests_those_of_closed_carts_and_who_took_it_out_are_told_nothing() -> None:
    events = [
        added("guest", customer=None),
        added("bot").model_copy(update={"origin": "bot"}),
        *(added(name) for name in "abc"),
        removed("a", 2, after(minutes=1)),
        ordered("b", 2, after(minutes=1)),
        level(9, 1, after(hours=1)),
        level(3, 2, after(hours=2)),
    ]
    assert told(LOW, *events) == [("customer-c", "low_stock")]


def test_what_happens_before_people_are_told_counts() -> None:
    """Facts before timers: the crossing's two seconds are those in which its cart was ordered."""
    fall = [added(), level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    assert told(LOW, *fall, ordered("a", 2, after(hours=2, seconds=2))) == []
    assert told(LOW, *fall, ordered("a", 2, after(hours=2, seconds=3))) == [("customer-a", "low_stock")]
    assert told(LOW, *fall, level(8, 3, after(hours=2, seconds=1))) == [], "it is there again"


def test_a_level_that_trembles_is_told_once_and_another_one_after_the_cool_down() -> None:
    levels = [level(n, v, after(hours=v)) for v, n in enumerate([9, 3, 4, 3, 9, 3, 9], 1)]
    again = level(2, 8, after(hours=27))
    later = level(9, 9, after(hours=28)), level(2, 10, after(hours=60))
    assert told(LOW, added(), *levels, again, *later) == [
        ("customer-a", "low_stock"),
        ("customer-a", "cooling_down"),
        ("customer-a", "low_stock"),
        ("customer-a", "low_stock"),
    ]


@pytest.mark.parametrize(
    ("later", "reason"),
    [(timedelta(hours=24, microseconds=-1), "cooling_down"), (timedelta(hours=24), "low_stock")],
)
def test_the_cool_down_is_over_when_it_has_passed(later: timedelta, reason: str) -> None:
    events = [added(), level(9, 1, after(hours=1)), level(3, 2, after(hours=2)), level(9, 3, after(hours=3))]
    assert told(LOW, *events, level(3, 4, after(hours=2) + later))[1:] == [("customer-a", reason)]


def test_items_that_run_low_together_are_one_message() -> None:
    events = [
        added(holds={"tea": 1, "jam": 1}),
        *(level(9, 1, after(hours=1), sku) for sku in ("tea", "jam", "cup")),
        level(3, 2, after(hours=2), "tea"),
        level(4, 2, after(hours=2), "jam"),
        level(4, 2, after(hours=2), "cup"),
    ]
    decided = found(LOW, events)
    assert [(d.sku, d.reason) for d in decided] == [("tea", "low_stock"), ("jam", "told_together")]
    assert [(item.sku, item.threshold) for item in decided[0].also_low] == [("jam", 5)]


def test_what_runs_low_within_the_group_is_named_and_nothing_that_is_there_again() -> None:
    group = LOW.replace("low_stock,", "low_stock, group: 30m,")
    events = [
        added(holds={"tea": 1, "jam": 1, "cup": 1, "pan": 1}),
        *(level(9, 1, after(hours=1), sku) for sku in ("tea", "jam", "cup", "pan")),
        level(3, 2, after(hours=2), "tea"),
        level(3, 2, after(hours=2, minutes=20), "pan"),
        level(3, 2, after(hours=2, minutes=21), "cup"),
        level(8, 3, after(hours=2, minutes=22), "cup"),
        level(3, 2, after(hours=2, minutes=29), "jam"),
        level(3, 9, after(hours=2, minutes=31), "pot"),
    ]
    first = found(group, events)[0]
    assert [item.sku for item in first.also_low] == ["pan", "jam"], "the earliest first"


def test_who_was_told_of_an_item_beside_another_is_told_of_it_alone_after_the_cool_down() -> None:
    events = [
        added(holds={"tea": 1, "jam": 1}),
        *(level(9, 1, after(hours=1), sku) for sku in ("tea", "jam")),
        *(level(3, 2, after(hours=2), sku) for sku in ("tea", "jam")),
        level(9, 3, after(hours=3), "jam"),
        level(3, 4, after(hours=10), "jam"),
        level(9, 5, after(hours=11), "jam"),
        level(3, 6, after(hours=27), "jam"),
    ]
    of_jam = [d.reason for d in found(LOW, events) if d.sku == "jam"]
    assert of_jam == ["told_together", "cooling_down", "low_stock"]


def test_a_message_names_twenty_other_items_at_most() -> None:
    skus = [f"tea-{n:02}" for n in range(22)]
    events = [
        added(holds=dict.fromkeys(skus, 1)),
        *(level(9, 1, after(hours=1), sku) for sku in skus),
        *(level(3, 2, after(hours=2), sku) for sku in skus),
    ]
    assert [item.sku for item in found(LOW, events)[0].also_low] == skus[1:21]


def test_who_has_bought_it_is_told_nothing() -> None:
    fall = [level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    order = bought(after(minutes=30), "tea")
    assert told(LOW, added(), order, *fall) == [("customer-a", "bought")]
    assert told(LOW, added(), bought(after(minutes=30), "jam"), *fall) == [("customer-a", "low_stock")]
    before = [added("b"), ordered("b", 2, after(minutes=1)).model_copy(update={"customer_id": "customer-a"})]
    whose = added("b").model_copy(update={"customer_id": "customer-a"})
    assert told(LOW, whose, *before[1:], added(at=after(minutes=2)), *fall) == [("customer-a", "bought")]


@pytest.mark.parametrize(("sooner", "reason"), [(timedelta(), "bought"), (timedelta(microseconds=1), "low_stock")])
def test_an_order_counts_for_as_long_as_the_campaign_says(sooner: timedelta, reason: str) -> None:
    fall = [level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    order = bought(after(hours=2) - timedelta(days=30) - sooner, "tea")
    assert told(LOW, order, added(), *fall) == [("customer-a", reason)]


def test_an_order_says_better_than_its_cart_what_was_bought() -> None:
    fall = [level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    own = {"customer_id": "customer-a"}
    cart = [added("b").model_copy(update=own), ordered("b", 2, after(minutes=1)).model_copy(update=own)]
    other = bought(after(minutes=1), "jam", order_id="order-b")
    assert told(LOW, *cart, other, added(at=after(minutes=2)), *fall) == [("customer-a", "low_stock")]


def test_a_customers_second_cart_is_told_nothing_and_a_new_owner_holds_it_anew() -> None:
    both = [added("a"), added("b", at=after(minutes=1)).model_copy(update={"customer_id": "customer-a"})]
    fall = [level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    assert told(LOW, *both, *fall) == [("customer-a", "low_stock"), ("customer-a", "cooling_down")]
    moved = [added("a"), added("b", at=after(minutes=1)), claimed("a", 2, after(minutes=2))]
    assert [who for who, _ in told(LOW, *moved, *fall)] == ["anna", "customer-b"]


def test_who_put_it_in_longer_ago_than_the_campaign_looks_is_not_told() -> None:
    look_back = LOW.replace("low_stock,", "low_stock, look_back: 1h,")
    fall = [level(9, 1, after(hours=1)), level(3, 2, after(hours=2))]
    carts = [
        added("a", at=after(minutes=59)),
        added("b", at=after(hours=1)),
        added("c", 1),
        added("c", 2, after(hours=1)),
    ]
    assert [who for who, _ in told(look_back, *sorted(carts, key=lambda e: e.occurred_at), *fall)] == ["customer-b"]


def test_who_waits_longest_for_what_sold_out_is_told_first_and_the_rest_when_more_comes() -> None:
    carts = [added(name, at=after(minutes=n)) for n, name in enumerate("abc")]
    events = [
        *carts,
        level(0, 1, after(hours=1)),
        added("late", at=after(hours=1, minutes=1)),
        level(1, 2, after(hours=2)),
        level(4, 3, after(hours=3)),
    ]
    assert [(d.customer_id, d.due_at, d.reason) for d in found(BACK, events)] == [
        ("customer-a", after(hours=2), "back_in_stock"),
        ("customer-b", after(hours=3), "back_in_stock"),
        ("customer-c", after(hours=3), "back_in_stock"),
    ]


def test_nobody_is_told_of_what_is_gone_again() -> None:
    events = [added(), level(0, 1, after(hours=1)), level(1, 2, after(hours=2)), level(0, 3, after(hours=2, seconds=1))]
    assert told(BACK, *events) == []


def test_a_price_that_fell_is_told_unless_it_rose_meanwhile_or_was_told_before() -> None:
    fall = [added(), prices(1, costs(1000)), prices(2, costs(800), at=after(hours=1))]
    assert [(d.customer_id, d.price, d.due_at) for d in found(PRICE, fall)] == [("customer-a", 800, after(hours=1))]
    assert told(PRICE, *fall, prices(3, costs(900), at=after(hours=1, seconds=1))) == []
    again = prices(3, costs(1000), at=after(hours=40)), prices(4, costs(800), at=after(hours=50))
    assert [reason for _, reason in told(PRICE, *fall, *again)] == ["price_drop", "price_told_before"]
    assert told(PRICE, *fall, prices(2, costs(1), at=after(hours=2))) == [("customer-a", "price_drop")], "read twice"


def test_a_price_is_held_against_the_one_that_the_customer_saw() -> None:
    line = CartLine(sku="tea", units=1, price=820)
    seen = added("b").model_copy(update={"lines": (line,)})
    fall = [added(), seen, prices(1, costs(1000)), prices(2, costs(800), at=after(hours=1))]
    assert set(told(PRICE, *fall)) == {("customer-a", "price_drop"), ("customer-b", "fell_too_little")}


def test_a_price_in_another_currency_is_none_of_the_carts() -> None:
    events = [added(), prices(1, costs(1000, currency="PLN")), prices(2, costs(800, currency="PLN"), at=after(hours=1))]
    assert told(PRICE, *events) == [("customer-a", "price_as_seen")]


def test_campaigns_that_came_later_and_backtests_without_items_tell_nobody() -> None:
    events = [added(), level(9, 1, after(hours=1)), level(3, 2, after(hours=2)), prices(1, costs(9))]
    both = f"campaigns: [{LOW}, {PRICE}]"
    assert list(decisions(events, campaigns(both, after(hours=2, seconds=1)), after(hours=3))) == []
    assert [d.reason for d in decisions(events, campaigns(both, after(hours=2)), after(hours=3))] == ["low_stock"]
    backtest = Backtest(campaigns(both), items=False)
    backtest.apply(added())
    for event in events[1:]:
        backtest.learn(event)
    assert list(backtest.due_through(after(hours=9))) == []


@pytest.mark.parametrize(
    ("later", "reason"),
    [(timedelta(days=90, seconds=-1), "price_told_before"), (timedelta(days=90), "price_drop")],
)
def test_what_somebody_was_told_is_known_as_long_as_live(later: timedelta, reason: str) -> None:
    always = PRICE.replace("price_drop,", "price_drop, look_back: 366d, cool_down: 0s,")
    fall = [added(), prices(1, costs(1000)), prices(2, costs(800), at=after(hours=1))]
    again = [prices(3, costs(1000), at=after(days=50)), prices(4, costs(800), at=after(hours=1) + later)]
    assert [d.reason for d in found(always, [*fall, *again], after(days=200))] == ["price_drop", reason]


def test_a_line_about_an_item_says_which_and_moments_are_told_in_utc() -> None:
    (one,) = found(LOW, [added(), level(9, 1, after(hours=1)), level(3, 2, after(hours=2))])
    line = json.loads(as_line(told_of(one, "low", None)))
    assert (line["sku"], line["due_at"], "sent_at" in line) == ("tea", "2026-03-01T14:00:00Z", False)
    assert moment(datetime.fromisoformat("2026-03-01T14:00:00+02:00")) == "2026-03-01T12:00:00Z"
