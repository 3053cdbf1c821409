"""What Postmark tells: it signs nothing, and logs in."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.channels.email.postmark_events import PostmarkEvents, PostmarkEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER, cannot_read, reads, refuses

MESSAGE = "883953f4-6105-42a2-a16a-77a8eac79483"


def basic(login: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(login.encode()).decode()}


LOGIN = basic("postmark:pass:word")


def reader() -> PostmarkEvents:
    return PostmarkEvents(PostmarkEventSettings(webhook_password="pass:word"))


def all_told(record: str, **more: Any) -> list[Answer]:
    known = {"RecordType": record, "MessageID": MESSAGE, "Metadata": {"reminder_id": str(REMINDER)}}
    return list(reads(reader(), LOGIN, json.dumps(known | more).encode()))


def told(record: str, **more: Any) -> Answer:
    (answer,) = all_told(record, **more)
    return answer


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ("Delivery", "delivered"),
        ("Bounce", "bounced"),
        ("SpamComplaint", "complained"),
        ("Open", "opened"),
        ("Click", "clicked"),
    ],
)
def test_each_kind_is_read(record: str, expected: str):
    answer = told(record, ReceivedAt="2026-11-22T10:05:00Z", UserAgent="Mozilla/5.0")
    assert (answer.kind, answer.reminder_id, answer.provider_id) == (expected, REMINDER, MESSAGE)
    assert (answer.at, answer.agent) == (NOW - timedelta(minutes=10), "Mozilla/5.0")


@pytest.mark.parametrize(
    ("bounce", "kind", "hard"),
    [
        ("HardBounce", "bounced", True),
        ("BadEmailAddress", "bounced", True),
        ("ManuallyDeactivated", "bounced", True),
        ("SoftBounce", "bounced", False),
        ("DnsError", "bounced", False),
        ("Transient", "deferred", False),
        ("SpamComplaint", "complained", False),
        ("Unsubscribe", "complained", False),
        ("SpamNotification", "undelivered", False),
        ("Blocked", "undelivered", False),
        ("DMARCPolicy", "undelivered", False),
    ],
)
def test_a_bounce_is_what_its_type_says(bounce: str, kind: str, hard: bool):
    answer = told("Bounce", Type=bounce, ID=4323372036854775807, Details="smtp;550 5.1.1 unknown")
    assert (answer.kind, answer.hard, answer.status) == (kind, hard, "5.1.1")
    assert answer.reason == f"postmark_{bounce.lower()}"
    assert answer.event_id == f"Bounce {MESSAGE} 4323372036854775807"


@pytest.mark.parametrize(
    "bounce", ["AutoResponder", "AddressChange", "ChallengeVerification", "OpenRelayTest", "TestMode"]
)
def test_what_nobody_refused_is_no_bounce(bounce: str):
    assert all_told("Bounce", Type=bounce) == []


def test_what_says_nothing_of_a_message_is_left_out():
    assert all_told("SubscriptionChange") == []
    assert all_told("Delivery", MessageID="") == []


def test_each_thing_has_a_name_of_its_own_and_keeps_it():
    opened = [told("Open", ReceivedAt=f"2026-11-22T10:0{minute}:00Z").event_id for minute in (1, 1, 2)]
    assert (len(set(opened)), opened[0]) == (2, opened[1])
    assert told("Delivery").event_id != told("Click").event_id


@pytest.mark.parametrize("header", ["", "Basic", "Basic ", "Basic !", "Bearer cG9zdG1hcms6cGFzczp3b3Jk"])
def test_no_log_in_is_a_forgery(header: str):
    refuses(reader(), {"authorization": header}, b"{}")


def test_another_log_in_is_a_forgery():
    for login in ("postmark:pass", "other:pass:word", "postmark:pass:word ", ""):
        refuses(reader(), basic(login), b"{}")
    refuses(reader(), {}, b"{}")
    assert reads(reader(), {"authorization": LOGIN["authorization"].replace("Basic", "basic")}, b"{}") == []


def test_what_is_no_object_can_not_be_read():
    cannot_read(reader(), LOGIN, b"[]")
