"""What a customer looked at: it begins anew with each look, loses what was taken, and is left to carts."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartEvent, CartLine, Event, OrderPlaced, ProductViewed
from libs.runtime.ids import uuid7
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.decision import Decision
from services.trigger.domain.occasion_changes import changes_by, changes_of, changes_of_views, taken_by_cart
from services.trigger.domain.occasions import (
    MOST_VIEWED,
    Begun,
    Beside,
    Ended,
    Occasion,
    Taken,
    Viewed,
    apply,
    decide_all,
    due,
    viewed_in,
)
from services.trigger.domain.participation import Participants
from tests.unit.trigger.domain.test_occasions import campaigns as of
from tests.unit.trigger.domain.test_occasions import occasion, post_purchase
from tests.unit.trigger.making import added, cleared, level

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEY = ("shop", "product.viewed", "anna")
STEPS = [{"delay": "1h", "channel": "email", "template": "browse"}]


def campaigns(**known: Any) -> StoreCampaigns:
    said = {"name": "looked", "kind": "browse", "steps": STEPS} | known
    return StoreCampaigns.always(CampaignFile.model_validate({"campaigns": [said]}))


def looked(*skus: str, at: datetime = AT, known: Occasion | None = None) -> Occasion:
    found = apply(known, Viewed(KEY, "anna", at, skus), 3)
    assert found is not None
    return found


def taken(*skus: str, at: datetime = AT + MINUTE, reason: str = "ordered") -> Taken:
    return Taken(KEY, skus, at, reason)


def decided(occasion: Occasion, beside: Beside = Beside(), **known: Any) -> list[Decision]:
    steps = due(occasion, campaigns(**known), AT + timedelta(days=1))
    return list(decide_all(occasion, steps, AT + timedelta(hours=2), Participants(), beside))


def test_a_look_begins_an_occasion_of_its_customer() -> None:
    found = looked("tea", "jam")
    assert (found.key, found.customer_id, found.since, found.decided_until) == (KEY, "anna", AT, AT)
    assert (viewed_in(found), found.ended, found.partition) == (("jam", "tea"), None, 3)


def test_a_newer_look_begins_it_anew_with_what_was_looked_at_before() -> None:
    found = looked("pot", "tea", at=AT + MINUTE, known=looked("tea", "jam"))
    assert (found.since, viewed_in(found)) == (AT + MINUTE, ("tea", "pot", "jam"))


@pytest.mark.parametrize("at", [AT, AT - MINUTE])
def test_an_older_look_is_no_news(at: datetime) -> None:
    first = looked("tea")
    assert apply(first, Viewed(KEY, "anna", at, ("jam",)), 3) is first


def test_what_was_decided_on_is_not_told_of_again() -> None:
    first = looked("tea")
    told = apply(first, Ended(KEY, "x", AT), 3)
    assert viewed_in(looked("jam", at=AT + MINUTE, known=told)) == ("jam",)
    past = replace(first, decided_until=AT + MINUTE)
    assert viewed_in(looked("jam", at=AT + 2 * MINUTE, known=past)) == ("jam",)


def test_no_more_is_kept_than_a_message_shows() -> None:
    first = looked(*(f"old-{n}" for n in range(15)))
    found = viewed_in(looked(*(f"new-{n}" for n in range(15)), at=AT + MINUTE, known=first))
    assert MOST_VIEWED == 20
    assert (len(found), found[0], found[14], found[15], found[19]) == (20, "new-14", "new-0", "old-14", "old-10")


def test_what_is_taken_is_not_told_of() -> None:
    found = apply(looked("tea", "jam"), taken("tea", "pot"), 3)
    assert found is not None
    assert (viewed_in(found), found.ended, found.since) == (("jam",), None, AT)


def test_it_ends_when_nothing_is_left() -> None:
    found = apply(looked("tea"), taken("tea", reason="put_into_cart"), 3)
    assert found is not None
    assert (viewed_in(found), found.ended) == ((), "put_into_cart")
    assert due(found, campaigns(), AT + timedelta(days=1)) == ()
    assert apply(found, taken("tea"), 3) is found
    assert viewed_in(looked("jam", at=AT + 2 * MINUTE, known=found)) == ("jam",)


@pytest.mark.parametrize(("at", "left"), [(AT - MINUTE, ("tea",)), (AT, ()), (AT + MINUTE, ())])
def test_only_what_was_looked_at_before_it_was_taken_goes(at: datetime, left: tuple[str, ...]) -> None:
    found = apply(looked("tea"), taken("tea", at=at), 3)
    assert found is not None
    assert viewed_in(found) == left


def test_what_takes_nothing_of_it_is_no_news() -> None:
    first = looked("tea")
    assert apply(first, taken("pot"), 3) is first
    assert apply(None, taken("tea"), 3) is None


def test_other_occasions_know_nothing_of_it() -> None:
    order = apply(None, Begun(("shop", "order.placed", "o-1"), "anna", AT, {"order_id": "o-1"}), 3)
    assert order is not None
    assert viewed_in(order) == ()
    assert apply(order, Taken(order.key, ("tea",), AT, "ordered"), 3) is order


def test_who_looked_is_reminded_of_what_they_looked_at() -> None:
    [one] = decided(looked("tea", "jam"))
    assert (one.outcome, one.reason, one.kind, one.viewed) == ("would_send", "browse", "browse", ("jam", "tea"))
    assert (one.cart_id, one.sku, one.order_id, one.due_at) == (None, None, None, AT + timedelta(hours=1))
    assert one.named == '["jam", "tea"]'


def test_who_has_a_cart_is_left_to_campaigns_on_carts() -> None:
    [one] = decided(looked("tea"), Beside(has_cart=True))
    assert (one.outcome, one.reason) == ("skipped", "has_cart")
    [one] = decided(looked("tea"), Beside(has_cart=False))
    assert one.outcome == "would_send"


def test_other_campaigns_do_not_ask_of_carts() -> None:
    found = occasion()
    steps = due(found, of(post_purchase()), AT + timedelta(hours=2))
    [one] = decide_all(found, steps, AT + timedelta(hours=1), Participants(), Beside(has_cart=True))
    assert one.outcome == "would_send"


def viewed(*skus: str) -> ProductViewed:
    return ProductViewed(event_id=uuid7(), occurred_at=AT, store_id="shop", customer_id="anna", skus=skus)


def test_what_was_looked_at_is_told_of_its_customer() -> None:
    assert list(changes_of_views(viewed("tea", "jam"))) == [Viewed(KEY, "anna", AT, ("tea", "jam"))]


TEA, ASIDE = CartLine("tea", 1, 500), CartLine("jam", 1, 300, saved=True, currency="EUR")


def cart(**known: Any) -> CartEvent:
    return added("a", 2, AT).model_copy(update={"lines": (TEA, ASIDE), "customer_id": "anna"} | known)


def test_a_cart_takes_what_is_in_it_and_aside() -> None:
    assert list(taken_by_cart(cart())) == [Taken(KEY, frozenset({"tea", "jam"}), AT, "put_into_cart")]


def test_of_an_event_without_lines_that_is_taken_which_is_in_the_cart() -> None:
    assert list(taken_by_cart(cart(lines=None))) == [Taken(KEY, frozenset({"tea"}), AT, "put_into_cart")]


@pytest.mark.parametrize("known", [{"customer_id": None}, {"lines": None, "holds": {}}, {"lines": ()}])
def test_carts_of_nobody_and_empty_ones_take_nothing(known: dict[str, Any]) -> None:
    assert list(taken_by_cart(cart(**known))) == []


def order(skus: Collection[str] = ("tea",), **known: Any) -> OrderPlaced:
    told = {"event_id": uuid7(), "occurred_at": AT, "store_id": "shop", "order_id": "o-1", "customer_id": "anna"}
    told |= {"cart_id": None, "currency": "EUR", "total": 500}
    return OrderPlaced.model_validate(told | {"skus": tuple(skus)} | known)


def test_an_order_takes_what_it_is_of_as_of_when_it_was_placed() -> None:
    assert list(changes_of(order()))[-1] == Taken(KEY, ("tea",), AT, "ordered")
    assert list(changes_of(order(placed_at=AT - MINUTE)))[-1] == Taken(KEY, ("tea",), AT - MINUTE, "ordered")
    assert not any(isinstance(one, Taken) for one in changes_of(order(())))


LOOK = st.tuples(st.just("look"), st.sets(st.sampled_from("abcde"), min_size=1))
TAKE = st.tuples(st.just("take"), st.sets(st.sampled_from("abcde"), min_size=1))


@given(st.lists(st.one_of(LOOK, TAKE), max_size=12))
def test_nobody_is_told_of_what_they_took_after_their_last_look(story: list[tuple[str, set[str]]]) -> None:
    occasion: Occasion | None = None
    left: list[str] = []
    for minute, (what, skus) in enumerate(story, start=1):
        at, named = AT + minute * MINUTE, sorted(skus)
        if what == "look":
            occasion = apply(occasion, Viewed(KEY, "anna", at, tuple(named)), 3)
            left = [*reversed(named), *(sku for sku in left if sku not in skus)]
        else:
            occasion = apply(occasion, Taken(KEY, named, at, "ordered"), 3)
            left = [sku for sku in left if sku not in skus]
    assert (() if occasion is None else viewed_in(occasion)) == tuple(left)
    assert occasion is None or (occasion.ended is not None) == (not left)


def backtested(*events: Event, **known: Any) -> list[tuple[str, str]]:
    found = decisions(events, campaigns(**known), AT + timedelta(days=1))
    return [(one.outcome, one.reason) for one in found]


def test_a_backtest_decides_on_it_as_live() -> None:
    look = viewed("tea", "jam")
    assert backtested(look) == [("would_send", "browse")]
    full = added("a", 1, AT + MINUTE, {"milk": 1}, customer="anna")
    assert backtested(look, full) == [("skipped", "has_cart")]
    gone = cleared("a", 2, AT + 2 * MINUTE).model_copy(update={"customer_id": "anna"})
    assert backtested(look, full, gone) == [("would_send", "browse")]
    both = added("a", 1, AT + MINUTE).model_copy(update={"lines": (TEA, ASIDE), "customer_id": "anna"})
    assert backtested(look, both) == []


def test_each_event_changes_what_campaigns_follow() -> None:
    subjects = ("product.viewed", "cart.saved")
    assert [type(one) for one in changes_by(viewed("tea"), ())] == [Viewed]
    saved = cart(changed=("saved",))
    assert [type(one) for one in changes_by(saved, subjects)] == [Begun, Taken]
    assert [type(one) for one in changes_by(saved, subjects[:1])] == [Taken]
    assert [type(one) for one in changes_by(saved, subjects[1:])] == [Begun]
    assert list(changes_by(saved, ())) == []
    assert Taken in [type(one) for one in changes_by(order(), ())]
    assert list(changes_by(level(1, 1), subjects)) == []
