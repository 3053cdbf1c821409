"""A step whose time is the very instant up to which everything was read."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import due, plan
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.domain.kinds.campaign import Planned
from tests.unit.trigger.making import added, after, campaigns, wake


def test_a_step_that_is_due_at_the_end_of_what_was_read_is_looked_at_again_at_once() -> None:
    awoken = wake(apply(None, added()), campaigns(), after(hours=1), after(hours=1))
    assert (awoken.decisions, awoken.next_at) == ((), after(hours=1))
    again = wake(awoken.state, campaigns(), after(hours=2), after(hours=2))
    assert [decided.step for decided in again.decisions] == [1]


def test_a_cart_that_was_read_further_is_not_looked_at_earlier() -> None:
    late = wake(apply(None, added()), campaigns(), after(hours=30), after(hours=30))
    early = wake(late.state, campaigns(), after(hours=2), after(hours=30))
    assert (early.decisions, early.next_at) == ((), after(hours=48))
    assert early.state.decided_until == after(hours=30)


TWO = """
campaigns:
  - name: new
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: a}]
  - name: old
    kind: abandoned_cart
    steps: [{delay: 2h, channel: email, template: a}, {delay: 3h, channel: email, template: a}]
"""


def test_a_campaign_that_was_switched_on_later_hides_none_that_stands_after_it() -> None:
    new, old = campaigns(TWO).active
    both = StoreCampaigns((replace(new, since=after(minutes=5)), old))
    assert [planned.campaign.name for planned in plan(apply(None, added()), both)] == ["old", "old"]


def test_a_campaign_counts_for_carts_that_went_quiet_as_it_was_switched_on() -> None:
    new, _ = campaigns(TWO).active
    [planned] = plan(apply(None, added()), StoreCampaigns((replace(new, since=after()),)))
    assert planned.due_at == after(hours=1)


def test_the_first_step_of_any_campaign_says_before_when_nothing_is_due() -> None:
    assert campaigns(TWO).shortest_delay == timedelta(hours=1)
    assert StoreCampaigns(campaigns(TWO).active[1:]).shortest_delay == timedelta(hours=2)


def test_a_cart_of_which_nothing_can_be_due_is_not_even_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most carts change before their first step: a backtest of months would lay out all of them."""
    state, planned = apply(None, added()), list[CartState]()

    def counted(campaign: AbandonedCart, cart: CartState) -> Iterable[Planned]:
        planned.append(cart)
        return campaign.planned(cart)

    monkeypatch.setattr(AbandonedCart, "plan_episode", counted)
    assert due(state, campaigns(), after(hours=1)) == ()
    assert planned == []
    assert [one.number for one in due(state, campaigns(), after(hours=1, microseconds=1))] == [1]
    assert planned == [state]
