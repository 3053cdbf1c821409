"""What Mailgun tells; its words are those of real events (django-anymail's tests)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.channels.email.mailgun_events import OLD, MailgunEvents, MailgunEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER, by_mailgun, cannot_read, reads, refuses, seconds

KEY = "TEST_WEBHOOK_SIGNING_KEY"


def reader(key: str = KEY) -> MailgunEvents:
    return MailgunEvents(MailgunEventSettings(webhook_key=key))


def told(event: str, **more: Any) -> Answer:
    known = {
        "event": event,
        "timestamp": NOW.timestamp() - 60,
        "user-variables": {"reminder_id": str(REMINDER)},
        "message": {"headers": {"message-id": "20180812211713.1.DF5966851B4BAA99@example.org"}},
    }
    (answer,) = reads(reader(), {}, by_mailgun(KEY, known | more, seconds()))
    return answer


@pytest.mark.parametrize("event", ["delivered", "complained", "opened", "clicked"])
def test_each_kind_is_read(event: str):
    answer = told(event)
    assert (answer.kind, answer.reminder_id, answer.at) == (event, REMINDER, NOW - timedelta(minutes=1))
    assert answer.provider_id == "20180812211713.1.DF5966851B4BAA99@example.org"


def test_a_failure_is_for_good_or_for_now():
    gone = told(
        "failed",
        severity="permanent",
        reason="bounce",
        **{"delivery-status": {"code": 550, "message": "5.1.1 The email account does not exist. Try\n5.1.1 checking"}},
    )
    late = told(
        "failed",
        severity="temporary",
        reason="greylisted",
        **{"delivery-status": {"code": 450, "message": "Greylisted"}},
    )
    assert (gone.kind, gone.hard, gone.status, gone.reason) == ("bounced", True, "5.1.1", "mailgun_bounce")
    assert (late.kind, late.hard, late.status, late.reason) == ("deferred", False, "450", "mailgun_greylisted")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("suppress-bounce", "bounced"), ("suppress-complaint", "complained"), ("suppress-unsubscribe", "undelivered")],
)
def test_what_is_not_even_tried_says_what_is_known_of_the_address(reason: str, kind: str):
    assert told("failed", severity="permanent", reason=reason).kind == kind


def test_a_program_that_fetches_ahead_is_known():
    assert told("opened", **{"client-info": {"bot": "apple", "user-agent": "x"}}).machine
    assert not told("opened", **{"client-info": {"bot": "", "user-agent": "x"}}).machine
    assert told("clicked", **{"client-info": {"user-agent": "Mozilla/5.0"}}).agent == "Mozilla/5.0"


def test_what_says_nothing_of_a_message_is_left_out():
    for event in ("unsubscribed", "accepted", "stored", ""):
        assert reads(reader(), {}, by_mailgun(KEY, {"event": event}, seconds())) == []


def test_another_key_time_token_or_signature_is_a_forgery():
    body = by_mailgun(KEY, {"event": "delivered"}, seconds())
    refuses(reader("another key"), {}, body)
    for name, value in (
        ("timestamp", seconds(NOW + timedelta(seconds=1))),
        ("token", "u"),
        ("token", ""),
        ("signature", "ж"),
    ):
        forged = json.loads(body)
        forged["signature"][name] = value
        refuses(reader(), {}, json.dumps(forged).encode())
    refuses(reader(), {}, b"{}")
    refuses(reader(), {}, b'{"signature": []}')


def test_another_event_under_a_signature_that_was_seen_has_the_same_name():
    """The event is not signed: whoever reads one call could make a complaint of it, once at most."""
    token = "1234567890" * 5
    first = by_mailgun(KEY, {"event": "delivered", "id": "a"}, seconds(), token)
    other = json.dumps(json.loads(first) | {"event-data": {"event": "complained", "id": "b"}}).encode()
    moved = json.loads(other)
    moved["signature"] |= {"timestamp": seconds() + token[0], "token": token[1:]}
    [one], [two] = reads(reader(), {}, first), reads(reader(), {}, other)
    assert one.event_id == two.event_id
    refuses(reader(), {}, json.dumps(moved).encode())


def test_what_was_signed_long_ago_or_lies_ahead_is_refused():
    body = by_mailgun(KEY, {"event": "delivered"}, seconds())
    assert reads(reader(), {}, body, NOW + OLD)
    refuses(reader(), {}, body, NOW + OLD + timedelta(seconds=1))
    refuses(reader(), {}, body, NOW - timedelta(minutes=5, seconds=1))


def test_what_is_no_object_can_not_be_read():
    for body in (b"", b"[]", b"{", b"[" * 100_000):
        cannot_read(reader(), {}, body)
