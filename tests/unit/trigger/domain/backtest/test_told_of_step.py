"""What the backtest tells of a step without deciding on it is what the decision says."""

import json

import pytest

from services.trigger.domain.backtest import Backtest
from services.trigger.domain.told import Told, as_line, told
from services.trigger.domain.traced.episodes import Due
from tests.unit.trigger.making import added, after, campaigns, cart_id, cleared, ordered, silenced

EVERY_STEP = """
campaigns:
- name: cart
  kind: abandoned_cart
  split: {holdout: 30, arms: {plain: 30, coupon: 40}}
  exit_on: []
  steps:
  - {name: nudge, delay: 1h, channels: [email, sms], template: t}
  - {delay: 5h, channel: email, template: t, when: {arm: coupon}}
- name: other
  kind: abandoned_cart
  exit_on: [order.placed]
  steps:
  - {delay: 2h, channel: email, template: t, variants: [{name: warm, weight: 1}, {name: cold, weight: 1}]}
  - {delay: 4h, channel: sms, template: t}
"""
EVENTS = [
    *(added(str(number), 1, customer=f"customer-{number}") for number in range(12)),
    added("guest", 1, customer=None),
    cleared("0", 2, after(hours=1, minutes=30)),
    ordered("1", 2, after(hours=1, minutes=35)),
    silenced("2", 1, after(hours=2, minutes=40), customer="customer-2"),
]


def each_told() -> tuple[list[Told], list[Told]]:
    """Of the same events what decisions say, and what is told without them."""
    deciding, telling = Backtest(campaigns(EVERY_STEP)), Backtest(campaigns(EVERY_STEP))
    decided, at_once = list[Told](), list[Told]()

    def goes_on(until) -> None:
        for due in deciding.due_before(until):
            assert isinstance(due, Due)
            one = told(deciding.decide(due), due.ahead.planned.name, due.state)
            # whoever is sent nothing waits for no exit
            decided.append(one if one.outcome == "would_send" else one._replace(exit_on=None))
        at_once.extend(map(telling.tell, telling.due_before(until)))

    for event in EVENTS:
        goes_on(event.occurred_at)
        deciding.apply(event)
        telling.apply(event)
    goes_on(after(hours=9))
    return decided, at_once


def test_a_step_is_told_as_its_decision_says() -> None:
    decided, at_once = each_told()
    assert at_once == decided
    assert len({(one.name, one.outcome, one.reason, one.arm) for one in decided}) > 12, "every sort of step is there"


def test_the_arm_of_a_step_with_variants_is_the_one_that_is_sent() -> None:
    _, at_once = each_told()
    sent = {(one.name, one.arm) for one in at_once if one.campaign == "other" and one.outcome == "would_send"}
    assert sent == {("t-email", "warm"), ("t-email", "cold"), ("t-sms", None)}


@pytest.mark.parametrize("version", [1, 7])
def test_a_line_says_which_version_of_the_cart_it_is_about(version: int) -> None:
    backtest = Backtest(campaigns())
    backtest.apply(added("a", version))
    (due, *_) = backtest.due_before(after(hours=2))
    assert isinstance(due, Due)
    line = json.loads(as_line(backtest.tell(due)))
    assert (line["cart_id"], line["cart_version"]) == (str(cart_id("a")), version)
