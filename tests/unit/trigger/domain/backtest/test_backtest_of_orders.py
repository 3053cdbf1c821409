"""The backtest follows orders as the trigger does live, and leaves out who can't be reached."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from libs.contracts.events import (
    Event,
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderPlaced,
    OrderShipped,
    ReachErased,
)
from libs.contracts.events.lines import CartLine
from services.trigger.domain.backtest import Backtest, decisions
from services.trigger.domain.decision import Decision
from services.trigger.domain.told import as_line
from services.trigger.domain.traced.facts import TracedFacts
from services.trigger.domain.traced.occasions import KEPT, TracedOccasions
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, cart_id, level, reached

AFTER_PURCHASE = "{name: thanks, kind: post_purchase, after: %s, steps: [{delay: 2d, channel: email, template: t}]}"
WIN_BACK = "{name: win, kind: win_back, steps: [{delay: 10d, channel: email, template: t}]}"
CONFIRMED = "{name: confirmed, kind: order_confirmed, steps: [{channel: email, template: t}]}"
SHIPPED = "{name: shipped, kind: order_shipped, steps: [{channel: email, template: t}]}"


def placed(order_id: str = "o-1", at: datetime = T0, **facts: Any) -> OrderPlaced:
    told = {"event_id": cart_id(order_id), "occurred_at": at, "store_id": STORE, "customer_id": "anna"}
    return OrderPlaced.model_validate({"order_id": order_id, **told, **facts})


def fate(kind: type[OrderEvent], at: datetime, status: str, order_id: str = "o-1", **facts: Any) -> OrderEvent:
    told = {"event_id": cart_id(f"{order_id}{at}"), "occurred_at": at, "store_id": STORE, "customer_id": "anna"}
    return kind.model_validate({"order_id": order_id, "happened_at": at, "status": status, **told, **facts})


def found(rules: str, events: Iterable[Event], until: datetime = after(days=60)) -> list[Decision]:
    return list(decisions(events, campaigns(f"campaigns: [{rules}]"), until))


def told(rules: str, *events: Event) -> list[tuple[str | None, datetime, str, str]]:
    return [(d.customer_id, d.due_at, d.outcome, d.reason) for d in found(rules, events)]


def test_an_order_is_followed_from_when_it_was_placed_shipped_or_delivered() -> None:
    events = [
        placed(),
        fate(OrderShipped, after(days=1), "shipped"),
        fate(OrderDelivered, after(days=4), "delivered"),
    ]
    assert [d.due_at for d in found(AFTER_PURCHASE % "placed", events)] == [after(days=2)]
    assert [d.due_at for d in found(AFTER_PURCHASE % "shipped", events)] == [after(days=3)]
    assert [d.due_at for d in found(AFTER_PURCHASE % "delivered", events)] == [after(days=6)]
    assert [(d.customer_id, d.order_id, d.due_at) for d in found(SHIPPED, events)] == [("anna", "o-1", after(days=1))]


def test_an_order_that_came_to_nothing_in_time_is_followed_no_more() -> None:
    cancelled = fate(OrderCancelled, after(days=2), "cancelled")
    assert told(AFTER_PURCHASE % "placed", placed(), cancelled) == [], "at the very moment counts"
    late = fate(OrderCancelled, after(days=2, seconds=1), "cancelled")
    assert [reason for *_, reason in told(AFTER_PURCHASE % "placed", placed(), late)] == ["post_purchase"]


def test_the_next_order_begins_the_wait_for_a_customer_anew() -> None:
    events = [placed(), placed("o-2", after(days=5)), placed("o-3", after(days=30))]
    assert [d.due_at for d in found(WIN_BACK, events)] == [after(days=15), after(days=40)]


def test_what_is_told_late_is_decided_when_it_is_told() -> None:
    late = placed(at=after(days=1), placed_at=T0)
    assert told(CONFIRMED, late) == [("anna", T0, "skipped", "expired")]
    in_time = placed(at=after(hours=1), placed_at=T0)
    assert told(CONFIRMED, in_time) == [("anna", T0, "would_send", "order_confirmed")]


def test_orders_of_nobody_and_those_that_nothing_follows_are_passed_over() -> None:
    assert told(CONFIRMED, placed(customer_id=None)) == []
    assert told(SHIPPED, placed(), level(1, 1)) == []


def test_a_campaign_of_orders_goes_by_what_each_was_for_and_of() -> None:
    rules = (AFTER_PURCHASE % "placed").replace("kind:", "enter: {total: {EUR: 5000}}, kind:")
    little, enough = placed(total=4999, currency="EUR"), placed(total=5000, currency="EUR")
    assert [reason for *_, reason in told(rules, little)] == ["below_minimum"]
    assert [reason for *_, reason in told(rules, enough)] == ["post_purchase"]


def test_what_is_over_is_forgotten_some_time_later() -> None:
    of_store = campaigns(f"campaigns: [{CONFIRMED}]")
    occasions = TracedOccasions(lambda _: of_store, TracedFacts(lambda _: of_store, items=False))
    backtest = Backtest(campaigns())
    (at, key), *_ = occasions.learn(placed())
    assert [d.order_id for d in occasions.decide(key, at, backtest.participants)[0]] == ["o-1"]
    assert occasions.decide(key, at, backtest.participants) == ((), []), "once"
    assert timedelta(days=40) == KEPT
    assert list(occasions.learn(placed(at=T0 + KEPT))) == [], "it is known"
    assert len(list(occasions.learn(placed("o-2", T0 + KEPT + (after(seconds=1) - T0))))) == 1
    assert len(list(occasions.learn(placed(at=T0 + 2 * KEPT)))) == 1, "as one that was never told of"


def test_a_line_of_what_is_about_no_cart_says_so() -> None:
    backtest = Backtest(campaigns(f"campaigns: [{CONFIRMED}]"))
    backtest.learn(placed())
    (one,) = map(backtest.tell, backtest.due_through(after(days=1)))
    assert '"cart_id": null, "cart_version": null, "total": 0, "currency": null}' in as_line(one)
    assert (one.name, one.step, one.about) == ("t-email", 1, found(CONFIRMED, [placed()])[0].reminder_id)


CART = "{name: cart, kind: abandoned_cart, steps: [{delay: 1h, channel: email, template: t}]}"


def test_who_can_be_reached_by_no_channel_when_it_is_due_is_left_out() -> None:
    no = reached(email=False, sms=False)
    assert [d.reason for d in found(CART, [added(), no])] == ["unreachable"]
    assert [d.reason for d in found(CART, [no, added()])] == ["unreachable"]
    assert [d.reason for d in found(CART, [no, added(), reached(version=2)])] == ["idle"]
    by_chat = CART.replace("channel: email", "channel: telegram")
    assert [d.reason for d in found(by_chat, [added(), reached(channels=["whatsapp"])])] == ["unreachable"]
    assert [d.reason for d in found(by_chat, [added(), reached(channels=["telegram"])])] == ["idle"]
    gone = ReachErased(event_id=cart_id("x"), occurred_at=T0, store_id=STORE, customer_id="customer-a")
    assert [d.reason for d in found(CART, [no, gone, added()])] == ["idle"]
    assert [d.reason for d in found(CART, [reached("another", email=False, sms=False), added()])] == ["idle"]


def test_a_window_opens_where_the_recipient_is() -> None:
    window = CART.replace("channel", 'at: {between: ["09:00", "20:00"], zone: recipient}, channel')
    rules = f"timezone: UTC\ncampaigns: [{window}]"
    there = reached(timezone="America/New_York")
    due = [d.due_at for d in decisions([there, added()], campaigns(rules), after(days=2))]
    assert due == [after(hours=2)], "09:00 there"


SAVED = "{name: saved, kind: saved_items, steps: [{delay: 2h, channel: email, template: t}]}"


def test_what_is_set_aside_in_a_cart_is_followed() -> None:
    aside = {"lines": (CartLine(sku="tea", units=1, price=900, saved=True),), "changed": ("saved",)}
    first = added().model_copy(update=aside)
    assert [(d.customer_id, d.due_at) for d in found(SAVED, [first])] == [("customer-a", after(hours=2))]
    none = added(version=2, at=after(hours=1)).model_copy(update={**aside, "lines": ()})
    assert found(SAVED, [first, none]) == []
