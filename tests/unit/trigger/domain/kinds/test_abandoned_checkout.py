"""Checkouts that are left: from when their steps count, what ends them, and what they go before."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.events import CartEvent
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.decision import Decision
from services.trigger.domain.episodes import next_at
from services.trigger.domain.explain import ahead
from tests.unit.trigger.making import (
    T0,
    added,
    after,
    campaigns,
    cleared,
    level,
    noted,
    ordered,
    paying,
    silenced,
    wake,
)

CHECKOUT = """
  - name: checkout
    kind: abandoned_checkout
    steps: [{delay: 30m, channel: email, template: abandoned_checkout, lateness: 6h}]
"""
CART = """
  - name: cart
    kind: abandoned_cart
    steps:
      - {delay: 20m, channel: email, template: abandoned_cart, lateness: 30m}
      - {delay: 2h, channel: email, template: abandoned_cart, lateness: 6h}
"""
BOTH = "campaigns:" + CHECKOUT + CART


def cart(*events: CartEvent) -> CartState:
    state: CartState | None = None
    for event in events:
        state = apply(state, event)
    assert state is not None
    return state


def decided(*events: CartEvent, text: str = BOTH, until: timedelta = timedelta(days=3)) -> list[Decision]:
    return list(decisions(events, campaigns(text), events[-1].occurred_at + until))


def told(found: list[Decision]) -> list[tuple[str, int, str, datetime]]:
    return [(d.campaign, d.step, d.reason, d.due_at) for d in found]


def test_its_steps_count_from_when_the_checkout_began() -> None:
    found = decided(added(), paying(at=after(minutes=10)), text="campaigns:" + CHECKOUT)
    assert told(found) == [("checkout", 1, "idle", after(minutes=40))]
    assert (found[0].cart_version, found[0].kind) == (1, "abandoned_checkout")


def test_of_a_cart_that_came_to_no_checkout_it_says_nothing() -> None:
    assert decided(added(), text="campaigns:" + CHECKOUT) == []
    assert [d.campaign for d in decided(added())] == ["cart", "cart"]


def test_a_cart_of_which_only_the_checkout_is_known_is_one() -> None:
    state = cart(paying("a", 5, goods=4))
    assert (state.checkout_since, state.goods_version, state.quiet_since) == (T0, 4, T0)


@pytest.mark.parametrize(
    "event",
    [
        added("a", 3, after(minutes=20), {"tea": 2}),
        cleared("a", 3, after(minutes=20)),
        ordered("a", 3, after(minutes=20)),
    ],
    ids=["other goods", "emptied", "ordered"],
)
def test_other_goods_an_emptied_cart_and_an_order_end_it(event: CartEvent) -> None:
    state = cart(added(), paying(at=after(minutes=10)), event)
    assert state.checkout_since is None
    assert next_at(state, campaigns("campaigns:" + CHECKOUT)) is None


def test_what_leaves_the_goods_leaves_the_checkout_too_and_what_is_told_again_begins_nothing() -> None:
    state = cart(added(), paying(at=after(minutes=10)), noted("a", 3, after(minutes=15)))
    assert state.checkout_since == after(minutes=10)
    assert apply(state, paying("a", 4, after(minutes=25))).checkout_since == after(minutes=10)


def test_an_order_elsewhere_ends_it_unless_the_campaign_says_otherwise() -> None:
    state = cart(added(), paying(at=after(minutes=10)), silenced("a", 2, after(minutes=15), goods=1))
    assert next_at(state, campaigns("campaigns:" + CHECKOUT)) is None
    goes_on = ("campaigns:" + CHECKOUT).replace("    steps:", "    exit_on: []\n    steps:")
    assert next_at(state, campaigns(goes_on)) == after(minutes=40)


@pytest.mark.parametrize("origin", ["staff", "bot", "import", "martian"])
def test_what_no_shopper_began_is_no_checkout(origin: str) -> None:
    assert cart(added(), paying(at=after(minutes=10), origin=origin)).checkout_since is None


def test_a_guest_is_told_of_it_who_leaves_an_address_later() -> None:
    nobody = [added(customer=None), paying(at=after(minutes=10), customer=None)]
    known = noted("a", 3, after(minutes=12), customer=None).model_copy(update={"recipient_id": "guest:0f"})
    [one] = decided(*nobody, known, text="campaigns:" + CHECKOUT)
    assert (one.customer_id, one.outcome, one.due_at) == ("guest:0f", "would_send", after(minutes=40))


def test_a_campaign_counts_from_checkouts_after_it_was_switched_on() -> None:
    state = cart(added(), paying(at=after(minutes=10)))
    text = "campaigns:" + CHECKOUT
    assert next_at(state, campaigns(text, since=after(minutes=10))) == after(minutes=40)
    assert next_at(state, campaigns(text, since=after(minutes=10, seconds=1))) is None


class TestBeforeALeftCart:
    def test_a_cart_that_it_has_taken_is_reminded_of_by_no_other(self) -> None:
        found = decided(added(), paying(at=after(minutes=30)))
        assert told(found) == [
            ("cart", 1, "idle", after(minutes=20)),
            ("checkout", 1, "idle", after(minutes=60)),
            ("cart", 2, "in_checkout", after(hours=2)),
        ]

    def test_other_goods_make_it_a_left_cart_again(self) -> None:
        found = decided(added(), paying(at=after(minutes=10)), added("a", 3, after(minutes=15), {"tea": 2}))
        assert [(d.campaign, d.outcome) for d in found if d.cart_version == 3] == [("cart", "would_send")] * 2

    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("paused: true", "idle"),
            ("enter: {total: {EUR: 5000}}", "idle"),
            ("enter: {guests: none}", "in_checkout"),
            ("split: {holdout: 99}", "in_checkout"),
            ("enter: {category: {any: [shoes]}}", "idle"),
            ("enter: {category: {any: [drinks]}}", "in_checkout"),
            ("continue: {in_stock: all}", "in_checkout"),
        ],
    )
    def test_it_has_taken_what_is_one_of_its_enter(self, line: str, reason: str) -> None:
        text = BOTH.replace("kind: abandoned_checkout", f"kind: abandoned_checkout\n    {line}")
        known = level(0, 1, T0 - timedelta(hours=1)).model_copy(update={"category": "drinks"})
        events = (known, added(), paying(at=after(minutes=10)))
        found = list(decisions(events, campaigns(text), after(days=3)))
        assert {d.reason for d in found if d.campaign == "cart"} == {reason}

    def test_nobody_is_left_out_by_a_segment_that_they_are_not_in(self) -> None:
        text = "segments: {vip: {spent: {EUR: 1}, within: 365d}}\n" + BOTH
        text = text.replace("kind: abandoned_checkout", "kind: abandoned_checkout\n    enter: {segment: vip}")
        found = decided(added(), paying(at=after(minutes=10)), text=text)
        assert {(d.campaign, d.reason) for d in found} == {("checkout", "not_in_segment"), ("cart", "idle")}

    def test_it_has_not_taken_what_began_before_it_was_switched_on(self) -> None:
        state = cart(added(), paying(at=after(minutes=10)))
        file = campaigns(BOTH)
        late = StoreCampaigns((replace(file.active[0], since=after(minutes=11)), file.active[1]))
        awoken = wake(state, late, after(hours=3), after(hours=3))
        assert {d.reason for d in awoken.decisions if d.campaign == "cart"} == {"idle", "expired"}

    def test_it_has_taken_what_began_at_the_moment_it_was_switched_on(self) -> None:
        state = cart(added(), paying(at=after(minutes=10)))
        file = campaigns(BOTH)
        just = StoreCampaigns((replace(file.active[0], since=after(minutes=10)), file.active[1]))
        awoken = wake(state, just, after(hours=3), after(hours=3))
        assert {d.reason for d in awoken.decisions if d.campaign == "cart"} == {"in_checkout", "expired"}

    def test_the_campaign_of_carts_still_sets_a_timer_and_explain_says_why(self) -> None:
        state = cart(added(), paying(at=after(minutes=10)))
        found = [
            (one.campaign, one.step, one.state, one.reason) for one in ahead(state, campaigns(BOTH), after(minutes=11))
        ]
        assert found == [
            ("cart", 1, "left_out", "in_checkout"),
            ("checkout", 1, "planned", "planned"),
            ("cart", 2, "left_out", "in_checkout"),
        ]
        late = campaigns(BOTH, since=after(minutes=5))
        assert {(one.campaign, one.reason) for one in ahead(state, late, after(minutes=11))} == {
            ("cart", "switched_on_later"),
            ("checkout", "planned"),
        }


@given(st.lists(st.tuples(st.sampled_from(["goods", "pay", "note", "order"]), st.integers(1, 90)), max_size=12))
def test_nobody_hears_of_the_same_goods_from_both_after_the_checkout(story: list[tuple[str, int]]) -> None:
    """However it goes: whatever a campaign of carts sends of goods was due before their checkout began."""
    events: list[CartEvent] = [added()]
    goods, since, begun = 1, 0, dict[int, datetime]()
    for version, (what, minutes) in enumerate(story, start=2):
        since += minutes
        at = after(minutes=since)
        if what == "goods":
            goods = version
            events.append(added("a", version, at, {"tea": version}))
        elif what == "pay":
            begun.setdefault(goods, at)
            events.append(paying("a", version, at, goods, holds={"tea": max(goods, 1)}))
        elif what == "note":
            events.append(noted("a", version, at, goods, holds={"tea": max(goods, 1)}))
        else:
            events.append(ordered("a", version, at))
            break
    sent = [d for d in decided(*events) if d.outcome == "would_send"]
    for d in sent:
        assert d.cart_version is not None
        if d.campaign == "cart" and d.cart_version in begun:
            assert d.due_at < begun[d.cart_version]
        if d.campaign == "checkout":
            assert d.due_at == begun[d.cart_version] + timedelta(minutes=30)
    assert len({d.reminder_id for d in sent}) == len(sent)
