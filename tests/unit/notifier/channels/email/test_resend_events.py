"""What Resend tells, by the vector of Standard Webhooks."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from services.notifier.channels.email.resend_events import OLD, ResendEvents, ResendEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER, by_resend, cannot_read, reads, refuses, seconds

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
SIGNED = {
    "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "svix-timestamp": "1614265330",
    "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
THEN = datetime.fromtimestamp(1614265330, UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret").decode()


def reader(secret: str = SECRET) -> ResendEvents:
    return ResendEvents(ResendEventSettings(webhook_secret=secret))


def told(kind: str, **data: Any) -> Answer:
    known = {"email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "tags": {"reminder_id": str(REMINDER)}}
    body = json.dumps({"type": kind, "created_at": "2026-11-22T10:00:00.000Z", "data": known | data}).encode()
    (answer,) = reads(reader(), by_resend(SECRET, body, seconds()), body)
    return answer


def test_the_published_vector():
    assert reads(reader(), SIGNED, BODY, THEN) == [], "it says nothing of a message"
    standard = {name.replace("svix", "webhook"): value for name, value in SIGNED.items()}
    assert reads(reader(), standard, BODY, THEN) == []


def test_another_secret_body_id_or_time_is_a_forgery():
    refuses(reader(OTHER), SIGNED, BODY, THEN)
    refuses(reader(), SIGNED, BODY + b" ", THEN)
    for name in SIGNED:
        for value in ("", "x", "1614265331", "v1,", "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "v1,ж"):
            refuses(reader(), SIGNED | {name: value}, BODY, THEN)


def test_while_a_secret_is_changed_either_counts():
    both = {**SIGNED, "svix-signature": f"v1,AAAA {SIGNED['svix-signature']} v2,xx"}
    assert reads(reader(), both, BODY, THEN) == []
    assert reads(reader(f"{OTHER} {SECRET}"), SIGNED, BODY, THEN) == []


def test_what_was_signed_long_ago_or_lies_ahead_is_refused():
    assert reads(reader(), SIGNED, BODY, THEN + OLD) == []
    refuses(reader(), SIGNED, BODY, THEN + OLD + timedelta(seconds=1))
    refuses(reader(), SIGNED, BODY, THEN - timedelta(minutes=5, seconds=1))
    refuses(reader(), by_resend(SECRET, BODY, "soon"), BODY, THEN)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("email.delivered", "delivered"),
        ("email.delivery_delayed", "deferred"),
        ("email.bounced", "bounced"),
        ("email.failed", "undelivered"),
        ("email.suppressed", "undelivered"),
        ("email.complained", "complained"),
        ("email.opened", "opened"),
        ("email.clicked", "clicked"),
    ],
)
def test_each_kind_is_read(kind: str, expected: str):
    answer = told(kind)
    assert (answer.kind, answer.reminder_id, answer.event_id) == (expected, REMINDER, "msg_1")
    assert answer.provider_id == "56761188-7520-42d8-8898-ff6fc54ce618"
    assert answer.at == NOW - timedelta(minutes=15)


def test_tags_may_come_as_a_list():
    assert told("email.delivered", tags=[{"name": "reminder_id", "value": str(REMINDER)}]).reminder_id == REMINDER


def test_a_bounce_says_whose_fault_it_is():
    gone = told(
        "email.bounced", bounce={"type": "Permanent", "subType": "General", "message": "smtp; 550 5.1.1 unknown"}
    )
    full = told("email.bounced", bounce={"type": "Transient", "subType": "MailboxFull"})
    assert (gone.hard, gone.status, gone.reason) == (True, "5.1.1", "resend_general")
    assert (full.hard, full.status, full.reason) == (False, None, "resend_mailboxfull")
    assert told("email.clicked", click={"userAgent": "Mozilla/5.0"}).agent == "Mozilla/5.0"


def test_what_is_signed_and_is_no_object_can_not_be_read():
    for body in (b"", b"[]", b"{"):
        cannot_read(reader(), by_resend(SECRET, body, seconds()), body)


@pytest.mark.parametrize("secret", ["", " ", "whsec_ж", "whsec_*"])
def test_what_is_no_secret_is_told_at_the_start(secret: str):
    with pytest.raises(ValidationError):
        ResendEventSettings(webhook_secret=secret)
