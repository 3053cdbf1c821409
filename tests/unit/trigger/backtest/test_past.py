"""What is told of messages tells which of them came to nothing, and which channels were closed to whom."""

from typing import Any
from uuid import UUID

import pytest

from libs.contracts.events import (
    MessageBounced,
    MessageCancelled,
    MessageComplained,
    MessageDelivered,
    MessageExpired,
    MessageFailed,
    MessageSent,
    MessageUnsubscribed,
    ReachSet,
)
from services.trigger.backtest.past import PastMessages
from tests.unit.trigger.making import T0

ID = UUID(int=7)
FACTS: dict[str, Any] = {"event_id": ID, "occurred_at": T0, "store_id": "shop", "customer_id": "anna"}
MESSAGE: dict[str, Any] = FACTS | {
    "reminder_id": ID, "campaign": "cart", "kind": "abandoned_cart", "step": 1, "channel": "email",
}  # fmt: skip


def reach(**told: Any) -> ReachSet:
    return ReachSet(**FACTS | {"reach_version": 1, "email": False, "sms": False} | told)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (MessageCancelled(**MESSAGE, reason="sold_out"), "sold_out"),
        (MessageCancelled(**MESSAGE, reason="no_consent"), "no_consent"),
        (MessageFailed(**MESSAGE, reason="unusable_address"), "unusable_address"),
        (MessageBounced(**MESSAGE, weight="hard"), "undeliverable"),
        (MessageBounced(**MESSAGE, weight="soft"), "undeliverable"),
        (MessageBounced(**MESSAGE, weight="ours"), None),
        (MessageCancelled(**MESSAGE, reason="ordered"), None),
        (MessageCancelled(**MESSAGE, reason="no_sender"), None),
        (MessageCancelled(**MESSAGE), None),
        (MessageFailed(**MESSAGE, reason="broken_template"), None),
        (MessageExpired(**MESSAGE, reason="quiet_hours"), None),
        (MessageSent(**MESSAGE), None),
    ],
)
def test_a_message_that_came_to_nothing_is_known_by_its_reminder(event: Any, reason: str | None):
    past = PastMessages()
    past.foresee(event)
    assert past.why_not(ID) == reason
    assert past.why_not(UUID(int=8)) is None
    assert bool(past) is (reason is not None)
    assert past.closed("anna", "email") is None, "that is told in order of time"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        *((MessageCancelled(**MESSAGE, reason=word), word) for word in ("no_contact", "no_consent", "suppressed")),
        (MessageFailed(**MESSAGE, reason="unusable_address"), "unusable_address"),
        (MessageBounced(**MESSAGE, weight="hard"), "suppressed"),
        (MessageComplained(**MESSAGE), "suppressed"),
        (MessageUnsubscribed(**MESSAGE, by="link"), "suppressed"),
        (MessageBounced(**MESSAGE, weight="soft"), None),
        (MessageCancelled(**MESSAGE, reason="sold_out"), None),
        (MessageCancelled(**MESSAGE, reason="declined"), None),
        (MessageExpired(**MESSAGE, reason="no_consent"), None),
    ],
)
def test_a_closed_channel_is_closed_to_one_customer(event: Any, reason: str | None):
    past = PastMessages()
    past.learn(event)
    assert past.closed("anna", "email") == reason
    assert past.closed("anna", "sms") is None
    assert past.closed("bob", "email") is None
    assert past.why_not(ID) is None


@pytest.mark.parametrize(
    ("event", "opens"),
    [
        (MessageSent(**MESSAGE), True),
        (MessageDelivered(**MESSAGE), True),
        (MessageSent(**MESSAGE | {"channel": "sms"}), False),
        (reach(email=True), True),
        (reach(sms=True), False),
        (reach(), False),
    ],
)
def test_what_tells_that_it_is_open_opens_it(event: Any, opens: bool):
    past = PastMessages()
    past.learn(MessageCancelled(**MESSAGE, reason="no_consent"))
    past.learn(event)
    assert (past.closed("anna", "email") is None) is opens


def test_further_channels_are_opened_by_name():
    past = PastMessages()
    past.learn(MessageCancelled(**MESSAGE | {"channel": "telegram"}, reason="no_contact"))
    past.learn(reach(channels=["whatsapp"]))
    assert past.closed("anna", "telegram") == "no_contact"
    past.learn(reach(channels=["telegram"]))
    assert past.closed("anna", "telegram") is None
