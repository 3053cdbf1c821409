"""What a customer orders elsewhere ends the reminders of a cart, or not, as its campaign says by `exit_on`."""

from datetime import timedelta

import pytest

from libs.files.yaml_file import FileFaultError, parse
from services.trigger.domain.backtest import decisions
from services.trigger.domain.batch import apply_batch
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import next_at, plan
from tests.unit.trigger.making import (
    T0,
    added,
    after,
    campaigns,
    closed_otherwise,
    noted,
    ordered,
    reopened,
    requested,
    rest,
    wake,
)
from tests.unit.trigger.making import silenced as order_elsewhere

TWO = """
campaigns:
  - name: as_ever
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: abandoned_cart}, {delay: 5h, channel: email, template: again}]
  - name: whatever_is_ordered
    kind: abandoned_cart
    exit_on: []
    steps: [{delay: 2h, channel: email, template: abandoned_cart}, {delay: 6h, channel: sms, template: again}]
"""
CAMPAIGNS = campaigns(TWO)
ONE = """campaigns:
  - name: cart
    kind: abandoned_cart
    exit_on: %s
    steps: [{delay: 1h, channel: email, template: abandoned_cart}]
"""


def state_of(*events) -> CartState:
    state = None
    for event in events:
        state = apply(state, event)
    assert state is not None
    return state


def names(state: CartState) -> set[str]:
    """The campaigns that have something planned for a cart."""
    return {planned.campaign.name for planned in plan(state, CAMPAIGNS)}


def told(*events, until=None) -> list[tuple[str, int, str]]:
    found = decisions(events, CAMPAIGNS, until or after(hours=9))
    return [(d.campaign, d.step, d.reason) for d in found]


def test_a_subscription_s_renewal_ends_no_reminder_of_a_full_cart_where_the_shop_says_so() -> None:
    """Story: a shop renews coffee every Monday, and whoever had a cart then was never reminded of it."""
    renewed = state_of(added("a", 3), order_elsewhere("a", 3, after(minutes=30)))
    assert names(renewed) == {"whatever_is_ordered"}
    assert next_at(renewed, CAMPAIGNS) == after(hours=2)
    (decision,) = wake(renewed, CAMPAIGNS, after(hours=3), after(hours=3)).decisions
    assert (decision.campaign, decision.reason, decision.cart_version) == ("whatever_is_ordered", "idle", 3)
    assert decision.quiet_since == T0


def test_the_backtest_tells_of_each_campaign_what_the_order_did_to_it() -> None:
    assert told(added(), order_elsewhere("a", 1, after(minutes=30))) == [
        ("as_ever", 1, "ordered"),
        ("whatever_is_ordered", 1, "idle"),
        ("as_ever", 2, "ordered"),
        ("whatever_is_ordered", 2, "idle"),
    ]


def test_a_step_before_the_order_is_told_once_and_those_after_a_note_go_on() -> None:
    events = [
        added(),
        order_elsewhere("a", 1, after(minutes=150)),
        noted("a", 2, after(hours=3)),
        noted("a", 3, after(hours=4)),
    ]
    assert told(*events) == [
        ("as_ever", 1, "idle"),
        ("whatever_is_ordered", 1, "idle"),
        ("as_ever", 2, "ordered"),
        ("whatever_is_ordered", 2, "idle"),
    ]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (added("a", 2, after(hours=1, minutes=30)), "cart_changed"),
        (rest("a", 2, after(hours=1, minutes=30)), "cart_changed"),
        (ordered("a", 2, after(hours=1, minutes=30)), "ordered"),
        (closed_otherwise("expired", "a", 2, after(hours=1, minutes=30)), "cart_gone"),
    ],
)
def test_what_happens_to_the_cart_itself_ends_every_campaign(event, reason: str) -> None:
    found = told(added(), order_elsewhere("a", 1, after(minutes=90)), event)
    assert ("whatever_is_ordered", 1, reason) in found
    assert ("as_ever", 2, "ordered") in found


def test_a_silent_cart_that_is_ordered_or_expires_has_no_other_reason() -> None:
    expired = closed_otherwise("expired", "a", 2, after(minutes=30)).model_copy(update={"silent": True})
    assert {reason for _, _, reason in told(added(), expired)} == {"cart_gone"}


def test_goods_that_change_after_the_order_start_all_campaigns_anew() -> None:
    anew = state_of(added(), order_elsewhere("a", 1, after(minutes=30)), added("a", 2, after(hours=1)))
    assert names(anew) == {"as_ever", "whatever_is_ordered"}
    assert not anew.silent


def test_what_an_order_left_is_no_cart_that_went_quiet_for_any_campaign() -> None:
    left = state_of(rest())
    assert names(left) == set()
    assert names(state_of(rest(), noted("a", 2, after(hours=1)))) == set(), "a note changes nothing of it"
    assert names(state_of(rest(), rest("a", 2, after(seconds=1)))) == set(), "it is told line by line"
    filled = state_of(rest(), added("a", 2, after(hours=1)))
    assert names(filled) == {"as_ever", "whatever_is_ordered"}
    assert names(apply(filled, order_elsewhere("a", 2, after(hours=2)))) == {"whatever_is_ordered"}


def test_an_order_of_which_the_cart_was_never_read_before_leaves_it_a_cart_that_went_quiet() -> None:
    assert names(state_of(order_elsewhere("a", 3, T0))) == {"whatever_is_ordered"}


def test_goods_that_were_given_back_and_shipped_after_all_are_nothing_to_remind_of() -> None:
    """Story: a payment failed, the cart came back, the order went out after all: the goods in the cart are bought."""
    back = state_of(reopened("a", 2))
    assert names(back) == {"as_ever", "whatever_is_ordered"}
    assert names(apply(back, order_elsewhere("a", 2, after(minutes=30)))) == set()
    more = state_of(reopened("a", 2), added("a", 3, after(hours=1), {"tea": 1, "cup": 1}))
    shipped = apply(more, order_elsewhere("a", 3, after(hours=2)))
    assert (names(more), names(shipped)) == ({"as_ever", "whatever_is_ordered"}, set())
    later = state_of(
        reopened("a", 2), order_elsewhere("a", 2, after(hours=1)), added("a", 3, after(hours=2), {"cup": 1})
    )
    assert names(apply(later, order_elsewhere("a", 3, after(hours=3)))) == {"whatever_is_ordered"}


@pytest.mark.parametrize(
    ("events", "passed_on"),
    [
        ([added()], ((), ("order.placed",))),
        ([reopened()], (None, None)),
    ],
)
def test_the_request_says_what_ends_it(events, passed_on) -> None:
    found = wake(state_of(*events), CAMPAIGNS, after(hours=3), after(hours=3)).decisions
    said = {d.campaign: requested(d).exit_on for d in found}
    assert (said["whatever_is_ordered"], said["as_ever"]) == passed_on


def test_a_lagging_reader_decides_on_the_steps_before_and_goes_on_with_those_after_the_order() -> None:
    before, order = added(), order_elsewhere("a", 1, after(hours=3))
    outcome = apply_batch({}, [(before, 0), (order, 0)], lambda _: CAMPAIGNS)
    ((_, late),) = outcome.overtaken
    assert [(p.campaign.name, p.number) for p in late] == [("as_ever", 1), ("whatever_is_ordered", 1)]
    (cart,) = outcome.changed.values()
    assert next_at(cart.state, CAMPAIGNS) == after(hours=6)
    due = wake(cart.state, CAMPAIGNS, after(hours=6) + timedelta(microseconds=1), after(hours=6)).decisions
    assert [(d.campaign, d.step) for d in due] == [("whatever_is_ordered", 2)]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("[]", ()),
        ("[order.placed]", ("order.placed",)),
        ("[cart.emptied, cart.ordered]", ("cart.emptied", "cart.ordered")),
        ("[order.placed, cart.emptied, order.placed]", ("order.placed", "cart.emptied")),
    ],
)
def test_a_file_says_what_ends_its_reminders(said: str, read: tuple[str, ...]) -> None:
    (campaign,) = parse(ONE % said, "shop.yaml", CampaignFile).campaigns
    assert campaign.model_dump(mode="json")["exit_on"] == list(read)
    (planned,) = plan(state_of(added()), campaigns(ONE % said))
    assert planned.exit_on == read


USE = "use order.placed, {message.clicked: 12h}, or [] where neither ends them; cart.ordered and cart.emptied always do"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("[order.plaecd]", f"exit_on.1: nothing of this name ends reminders: {USE}"),
        ("[order.placed, 7]", f"exit_on.2: nothing of this name ends reminders: {USE}"),
        ("[{order.placed: 12h}]", f"exit_on.1: nothing of this name ends reminders: {USE}"),
        ("[{}]", f"exit_on.1: nothing of this name ends reminders: {USE}"),
        ("[message.clicked]", "exit_on.1: say for how long a click ends them: {message.clicked: 12h}"),
        ("[{message.clicked: 12h}, {message.clicked: 1h}]", "exit_on: message.clicked stands twice"),
        ("[{message.clicked: 12h, order.placed: 1h}]", f"exit_on.1: nothing of this name ends reminders: {USE}"),
        ("order.placed", "exit_on: Input should be a valid tuple"),
    ],
)
def test_a_word_that_nothing_is_known_of_is_told(said: str, rule: str) -> None:
    with pytest.raises(FileFaultError) as caught:
        parse(ONE % said, "shop.yaml", CampaignFile)
    assert str(caught.value) == f"shop.yaml:4: campaigns.1.{rule}"


def test_only_campaigns_on_carts_say_it() -> None:
    text = "campaigns: [{name: low, kind: low_stock, exit_on: [], steps: [{channel: sms, template: low_stock}]}]"
    with pytest.raises(FileFaultError, match=r"campaigns\.1\.exit_on: Extra inputs"):
        parse(text, "shop.yaml", CampaignFile)
