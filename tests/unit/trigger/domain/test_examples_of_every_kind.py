"""The campaigns that the README shows of the kinds that are about no quiet cart: who is told, and who isn't."""

from typing import Any

from libs.contracts.events import (
    CartLine,
    Event,
    OrderCancelled,
    OrderDelivered,
    OrderReturned,
    OrderShipped,
    ProductViewed,
)
from services.trigger.campaigns.registry import load_campaigns
from tests.unit.trigger.domain.backtest.test_backtest_of_orders import fate, placed
from tests.unit.trigger.domain.test_example_campaigns import EXAMPLES, decided, sent, skipped
from tests.unit.trigger.making import (
    STORE,
    T0,
    added,
    after,
    cart_id,
    costs,
    kind_names,
    level,
    ordered,
    paying,
    prices,
)
from tests.unit.trigger.saving import saved

UNTIL = after(days=200)


def what(found: Any) -> list[tuple[str | None, str]]:
    return [(who, template) for who, template, _ in sent(found)]


def viewed(customer: str, *skus: str, days: float = 0) -> ProductViewed:
    at = after(days=days)
    facts = {"event_id": cart_id(f"{customer}{at}"), "occurred_at": at, "store_id": STORE, "customer_id": customer}
    return ProductViewed.model_validate({**facts, "skus": skus})


def test_every_kind_has_an_example() -> None:
    shown = {c.kind for path in EXAMPLES.glob("*.yaml") for c in load_campaigns(path).campaigns}
    assert shown == set(kind_names())


def test_a_left_checkout_is_told_of_sooner_and_not_as_a_cart_too() -> None:
    found = decided(
        "left_at_the_till",
        added("payer"),
        added("browser"),
        paying("payer", 2, after(minutes=10)),
        added("buyer", at=after(minutes=11)),
        paying("buyer", 2, after(minutes=12)),
        ordered("buyer", 3, after(minutes=20)),
        until=after(days=3),
    )
    assert sent(found) == [
        ("customer-payer", "abandoned_checkout", after(minutes=40)),
        ("customer-browser", "abandoned_cart", after(hours=1)),
        ("customer-payer", "abandoned_checkout", after(hours=24, minutes=10)),
    ]
    assert skipped(found)["ordered"] == 3


def test_what_was_set_aside_is_shown_once_after_two_weeks_by_day() -> None:
    found = decided(
        "set_aside",
        saved("a", 2, T0, "lamp", customer="anna"),
        saved("b", 2, T0, "lamp", customer="ben"),
        saved("b", 3, after(days=3), customer="ben"),
        until=after(days=60),
    )
    assert what(found) == [("anna", "saved_items")]
    [(_, _, at)] = sent(found)
    assert after(days=14) <= at <= after(days=15)
    assert 9 <= at.hour < 18, "in Warsaw, in winter"


def test_who_looked_and_took_nothing_is_shown_it_at_most_twice_a_month() -> None:
    events: list[Event] = [
        viewed("anna", "lamp"),
        viewed("ben", "rug"),
        added("b", at=after(hours=2), holds={"rug": 1}, customer="ben"),
        *(viewed("anna", "lamp", days=day) for day in (3, 6, 9)),
    ]
    found = decided("looked_around", *events, until=after(days=20))
    assert sent(found) == [("anna", "browse", after(days=1)), ("anna", "browse", after(days=4))]
    assert skipped(found)["reentered_too_soon"] == 2


def test_how_they_like_it_is_asked_a_week_after_it_came_of_who_kept_it() -> None:
    def order(name: str, total: int) -> list[Event]:
        known: Any = {"customer_id": name, "currency": "EUR", "total": total}
        came = fate(OrderDelivered, after(days=4), "delivered", name, **known)
        return [placed(name, skus=("tea",), **known), came]

    back = fate(
        OrderReturned, after(days=6), "returned", "returner", customer_id="returner", currency="EUR", total=9000
    )
    events = [*order("keeper", 5000), *order("returner", 9000), *order("saver", 4999), back]
    found = decided("after_it_came", *sorted(events, key=lambda event: event.occurred_at), until=UNTIL)
    assert sent(found) == [("keeper", "post_purchase", after(days=11))]
    assert set(skipped(found)) == {"below_minimum"}


def test_who_ordered_twice_and_stays_away_gets_a_note_then_a_coupon_then_peace() -> None:
    events = [placed("o-1"), placed("o-2", after(days=10)), placed("o-3", after(days=10), customer_id="once")]
    found = decided("come_back", *events, until=UNTIL)
    assert sent(found) == [("anna", "win_back", after(days=70)), ("anna", "win_back", after(days=100))]
    assert [d.coupon for d in found if d.outcome == "would_send"] == [None, "MISSYOU"]
    assert skipped(found) == {"not_in_segment": 2}


def test_a_tenth_less_than_they_saw_is_told_once_and_five_percent_is_not() -> None:
    seen = added("a", at=after(hours=1)).model_copy(update={"lines": (CartLine("tea", 1, 1000),)})
    events = [prices(1, costs(1000)), seen, prices(2, costs(950), at=after(hours=2))]
    events += [prices(3, costs(900), at=after(hours=3)), prices(4, costs(1000), at=after(days=2))]
    events += [prices(5, costs(900), at=after(days=3))]
    found = decided("cheaper_now", *events, until=UNTIL)
    assert sent(found) == [("customer-a", "price_drop", after(hours=3))]
    assert set(skipped(found)) == {"fell_too_little", "price_told_before"}


def test_who_has_waited_longest_is_told_first_three_for_a_unit() -> None:
    carts = [added(name, at=after(minutes=n)) for n, name in enumerate("abcde")]
    events = [*carts, level(9, 1, after(minutes=30)), level(0, 2, after(hours=1)), level(1, 3, after(hours=2))]
    assert what(decided("first_come", *events, until=after(hours=9))) == [
        (f"customer-{name}", "back_in_stock") for name in "abc"
    ]
    more = decided("first_come", *events, level(2, 4, after(hours=3)), until=after(hours=9))
    assert [who for who, _ in what(more)] == [f"customer-{name}" for name in "abcde"]


def test_an_order_is_told_of_at_once_at_each_of_its_stations() -> None:
    events = [
        placed(),
        fate(OrderShipped, after(days=1), "shipped"),
        fate(OrderDelivered, after(days=3), "delivered"),
        placed("o-2", after(days=4)),
        fate(OrderCancelled, after(days=4, hours=12), "placed", "o-2"),
        fate(OrderCancelled, after(days=5), "cancelled", "o-2"),
        fate(OrderReturned, after(days=6), "returned"),
    ]
    found = decided("where_is_my_order", *events, until=UNTIL)
    assert [(template, at) for _, template, at in sent(found)] == [
        ("order_confirmed", T0),
        ("order_shipped", after(days=1)),
        ("order_delivered", after(days=3)),
        ("order_confirmed", after(days=4)),
        ("order_partly_cancelled", after(days=4, hours=12)),
        ("order_cancelled", after(days=5)),
        ("order_returned", after(days=6)),
    ]
    assert [d.channels for d in found if d.template == "order_shipped"] == [("sms", "email")]
