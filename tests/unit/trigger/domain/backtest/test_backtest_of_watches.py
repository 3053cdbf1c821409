"""The backtest tells who asked for an item, or has it set aside, and ends campaigns for who clicked, as live."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import CartLine, Event, ProductViewed
from libs.runtime.ids import uuid7
from services.trigger.domain.traced.watches import KEPT, TracedWatches
from tests.unit.trigger.domain.backtest.test_backtest_of_items import BACK, bought, found, told
from tests.unit.trigger.making import (
    STORE,
    added,
    after,
    cart_id,
    clicked,
    closed_otherwise,
    level,
    ordered,
    reached,
    removed,
    unwatched,
    watched,
)
from tests.unit.trigger.saving import saved

ITEM = (STORE, "tea")


def comes_back(units: int, version: int = 1, at: datetime = after(hours=8)) -> tuple[Event, Event]:
    """The item sells out four hours before it comes back."""
    return level(0, version, at - timedelta(hours=4)), level(units, version + 1, at)


def names(*events: Event, rules: str = BACK) -> list[str]:
    """Whose turn it was, in order: those who were told, and others with why they were not."""
    whose = [((who or "").removeprefix("customer-"), why) for who, why in told(rules, *events)]
    return [who if why == "back_in_stock" else f"{who} {why}" for who, why in whose]


def test_who_holds_it_asked_for_it_or_has_it_aside_stand_in_one_line() -> None:
    events = [
        watched("w", after(hours=1)),
        added("h", 1, after(hours=2)),
        saved("s", 2, after(hours=3), "tea"),
        watched("late", after(hours=5)),
        watched("later", after(hours=6)),
    ]
    decided = found(BACK, [*events, *comes_back(4)])
    assert [d.customer_id for d in decided] == [f"customer-{name}" for name in ("w", "h", "s", "late")]
    assert [(d.cart_id, d.cart_version) for d in decided] == [
        (None, None),
        (cart_id("h"), 1),
        (None, None),
        (None, None),
    ]
    assert {(d.sku, d.due_at) for d in decided} == {("tea", after(hours=8))}
    assert len({d.reminder_id for d in decided}) == 4


def test_whoever_asks_after_it_has_come_or_for_something_else_does_not_wait_for_it() -> None:
    late = watched("late", after(hours=8, seconds=1)), watched("other", sku="jam")
    assert names(watched("w", after(hours=8)), *late, *comes_back(9)) == ["w"]


def test_nobody_is_told_twice_of_what_they_asked_for_once() -> None:
    events = [watched("w"), added("h", 1, after(hours=1)), *comes_back(9)]
    again = comes_back(9, 3, after(days=2))
    assert names(*events, *again) == ["w", "h", "h"]
    assert names(*events, watched("w2", after(hours=9), customer="customer-w"), *again) == ["w", "h", "h", "w"]


def test_who_is_told_as_a_holder_is_told_of_what_they_watch_too() -> None:
    both = added("a", 1, after()), watched("w", after(minutes=5), customer="customer-a")
    assert names(*both, *comes_back(9), ordered("a", 2, after(hours=9)), *comes_back(9, 3, after(days=2))) == [
        "a",
        "a cooling_down",
    ]


def test_who_took_it_at_the_moment_when_it_sold_out_waits_for_it() -> None:
    sold_out = after(hours=4)
    assert names(added("h", 1, sold_out), *comes_back(9)) == ["h"]
    assert names(added("h", 1, sold_out + timedelta(microseconds=1)), *comes_back(9)) == []


def test_that_it_runs_low_tells_nobody_of_what_they_wait_for() -> None:
    low = "{name: low, kind: low_stock, cool_down: 0s, steps: [{channel: sms, template: t}]}"
    both = added("a"), watched("w", after(minutes=1), customer="customer-a"), watched("b", after(minutes=2))
    runs_low = level(9, 1, after(hours=1)), level(3, 2, after(hours=2)), removed("a", 2, after(hours=3))
    found = names(*both, *runs_low, *comes_back(9, 3, after(days=1)), rules=f"{low}, {BACK}")
    assert found == ["a low_stock", "a", "b"]


def test_who_is_not_told_waits_on() -> None:
    events = [watched("a"), watched("b", after(hours=1)), *comes_back(1)]
    assert names(*events, *comes_back(1, 3, after(days=2))) == ["a", "b"]
    no = reached("customer-a", email=False)
    yes = reached("customer-a", 2, occurred_at=after(hours=9))
    assert names(no, *events, yes, *comes_back(1, 3, after(days=2))) == ["a unreachable", "b", "a"]


def test_what_somebody_bought_before_they_asked_does_not_count() -> None:
    asked = watched("a", after(hours=2))
    assert names(bought(after(hours=1), "tea"), asked, *comes_back(9)) == ["a"]
    assert names(asked, bought(after(hours=3), "tea"), *comes_back(9)) == ["a bought"]


def test_who_gives_up_is_told_nothing_and_that_others_were_told_live_says_nothing() -> None:
    assert names(watched("a"), unwatched("a", after(hours=1)), *comes_back(9)) == []
    assert names(watched("a"), unwatched("a", after(hours=1), reason="told"), *comes_back(9)) == ["a"]
    assert names(watched("a", version=3), unwatched("a", version=3), *comes_back(9)) == ["a"], (
        "older than what is known"
    )
    assert names(unwatched("a"), watched("a"), *comes_back(9)) == ["a"], "of what is not known nothing is over"


def test_a_watch_goes_over_to_another_customer_with_its_place() -> None:
    moved = watched("a", version=2, customer="anna")
    assert names(watched("a"), moved, watched("a"), *comes_back(9)) == ["anna"]
    assert names(moved.model_copy(update={"customer_id": None}), *comes_back(9)) == []


@pytest.mark.parametrize(
    "end",
    [
        [saved("s", 3, after(hours=1), "jam")],
        [closed_otherwise("expired", "s", 3, after(hours=1))],
        [saved("s", 3, after(hours=1), "tea", customer=None, changed=("owner",))],
    ],
)
def test_what_is_taken_back_or_gone_with_its_cart_is_told_of_no_more(end: list[Event]) -> None:
    assert names(saved("s", 2, after(), "tea"), *end, *comes_back(9)) == []


def test_what_was_aside_already_is_aside_since_then_and_set_aside_anew_it_waits_anew() -> None:
    first = [saved("s", 2, after(), "tea"), watched("w", after(hours=1)), saved("s", 3, after(hours=2), "tea", "jam")]
    assert names(*first, *comes_back(9)) == ["s", "w"]
    anew = [saved("s", 4, after(hours=3)), saved("s", 5, after(hours=3), "tea")]
    assert names(*first, *anew, *comes_back(9)) == ["w", "s"]
    back = comes_back(9), comes_back(9, 3, after(days=2))
    again = [saved("s", 4, after(hours=9)), saved("s", 5, after(hours=9), "tea")]
    assert names(*first, *back[0], *back[1]) == ["s", "w"], "told of it once"
    assert names(*first, *back[0], *again, *back[1]) == ["s", "w", "s"]


def test_what_staff_set_aside_lets_nobody_wait_and_a_log_in_takes_over_what_is_there() -> None:
    assert names(saved("s", 2, after(), "tea", origin="staff"), *comes_back(9)) == []
    guest = saved("g", 2, after(), "tea", customer=None, recipient_id="guest:1")
    log_in = saved("g", 3, after(hours=2), "tea", changed=("owner",))
    assert names(guest, watched("w", after(hours=1)), *comes_back(9)) == ["guest:1", "w"]
    assert names(guest, watched("w", after(hours=1)), log_in, *comes_back(9)) == ["w", "g"]


def test_a_shop_without_campaigns_on_stock_keeps_nobody_waiting() -> None:
    price = "{name: price, kind: price_drop, steps: [{channel: email, template: t}]}"
    assert names(watched("w"), saved("s", 2, after(), "tea"), *comes_back(9), rules=price) == []


def over(watches: TracedWatches, name: str, at: datetime) -> None:
    """Somebody waited and does not any more."""
    watches.learn(watched(name, at - timedelta(hours=1)))
    watches.learn(unwatched(name, at - timedelta(hours=1)).model_copy(update={"occurred_at": at}))


def test_a_watch_that_is_over_is_remembered_for_forty_days_so_that_what_is_read_again_does_not_begin_it() -> None:
    watches = TracedWatches()
    over(watches, "a", after())
    watches.learn(watched("a", version=3))
    watches.learn(unwatched("a", version=4))
    over(watches, "b", after(days=40))
    watches.learn(watched("a"))
    assert list(watches.of(ITEM, after(days=90))) == []
    over(watches, "c", after(days=40) + timedelta(microseconds=1))
    watches.learn(watched("a"))
    assert [watch.customer_id for watch in watches.of(ITEM, after(days=90))] == ["customer-a"]


def waiting(watches: TracedWatches) -> list[str]:
    return [watch.customer_id for watch in watches.of(ITEM, after(days=900))]


def test_what_is_told_under_the_same_version_changes_nothing() -> None:
    watches = TracedWatches()
    watches.learn(watched("a"))
    watches.learn(watched("a", customer="anna"))
    assert waiting(watches) == ["customer-a"]
    aside = TracedWatches()
    aside.learn(saved("s", 2, after(), "tea"))
    aside.learn(saved("s", 2, after()))
    assert waiting(aside) == ["customer-s"]
    aside.learn(saved("s", 3, after()))
    aside.learn(saved("s", 3, after(), "tea"))
    assert waiting(aside) == []


def test_what_is_set_aside_anew_is_not_forgotten_with_what_was_over() -> None:
    watches = TracedWatches()
    for version, skus in ((2, ("tea",)), (3, ()), (4, ("tea",))):
        watches.learn(saved("s", version, after(), *skus))
    over(watches, "a", after() + 2 * KEPT)
    assert waiting(watches) == ["customer-s"]


def test_nothing_stays_of_those_who_do_not_wait_any_more() -> None:
    watches = TracedWatches()
    watches.learn(saved("s", 2, after(), "tea"))
    watches.learn(saved("s", 3, after()))
    over(watches, "a", after() + 2 * KEPT)
    over(watches, "b", after() + 4 * KEPT)
    watches.learn(watched("c", after(), sku="jam"))
    kept: dict[str, Any] = vars(watches)
    assert {name: len(of) for name, of in kept.items()} == {"_known": 2, "_of_item": 1, "_of_cart": 0, "_over": 1}


CART = "{name: cart, kind: abandoned_cart, exit_on: [{message.clicked: 2h}], steps: [%s]}"
TWO = "{delay: 1h, channel: email, template: t}, {delay: 4h, channel: email, template: t}"


@pytest.mark.parametrize(
    ("clicks", "expected"),
    [
        ([], ["idle", "idle"]),
        ([clicked(at=after(minutes=30))], ["clicked", "idle"]),
        ([clicked(at=after(hours=3))], ["idle", "clicked"]),
        ([clicked(at=after(minutes=30)), clicked(at=after(hours=3))], ["clicked", "clicked"]),
        ([clicked(at=after(hours=1, minutes=59))], ["idle", "idle"]),
        ([clicked(at=after(hours=3), campaign="other")], ["idle", "idle"]),
        ([clicked("another", after(hours=3))], ["idle", "idle"]),
        ([clicked(at=after(hours=3), suspected="scanner")], ["idle", "idle"]),
    ],
)
def test_a_click_on_its_messages_ends_a_campaign_that_says_so(clicks: list[Event], expected: list[str]) -> None:
    assert [why for _, why in told(CART % TWO, added(), *clicks)] == expected
    without = CART.replace("exit_on: [{message.clicked: 2h}], ", "") % TWO
    assert [why for _, why in told(without, added(), *clicks)] == ["idle", "idle"]


BROWSE = "{name: looked, kind: browse, steps: [{delay: 2h, channel: email, template: t}]}"


def looked(at: datetime, *skus: str) -> ProductViewed:
    return ProductViewed(event_id=uuid7(), occurred_at=at, store_id=STORE, customer_id="customer-a", skus=skus)


def test_what_somebody_looked_at_is_told_unless_it_came_into_their_cart() -> None:
    assert told(BROWSE, looked(after(), "tea", "jam")) == [("customer-a", "browse")]
    in_and_out = [added("a", 1, after(hours=1)), ordered("a", 2, after(hours=1))]
    assert told(BROWSE, looked(after(), "tea"), *in_and_out) == []
    assert told(BROWSE, looked(after(), "tea", "jam"), *in_and_out) == [("customer-a", "browse")]
    lines = (CartLine("jam", 1, 300),)
    with_lines = in_and_out[0].model_copy(update={"lines": lines})
    assert told(BROWSE, looked(after(), "tea"), with_lines, in_and_out[1]) == [("customer-a", "browse")]
    assert told(BROWSE, looked(after(), "tea"), added("a", 1, after(hours=1), {"jam": 1})) == [
        ("customer-a", "has_cart")
    ]
