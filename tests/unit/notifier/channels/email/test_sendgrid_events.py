"""What SendGrid tells, by the vector of its own library's tests (test_eventwebhook.py)."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from services.notifier.channels.email.sendgrid_events import OLD, SendGridEvents, SendGridEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import (
    NOW,
    REMINDER,
    by_sendgrid,
    cannot_read,
    ec_key,
    reads,
    refuses,
    seconds,
    shown,
)

PUBLISHED = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglS"
    "I8eNEc6wEA3F+g=="
)
OTHER = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuF"
    "Db/R1NGe1OPzpA=="
)
SIGNED = {
    "x-twilio-email-event-webhook-signature": (
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    ),
    "x-twilio-email-event-webhook-timestamp": "1600112502",
}
THEN = datetime.fromtimestamp(1600112510, UTC)
DROPPED = {
    "email": "hello@world.com",
    "event": "dropped",
    "reason": "Bounced Address",
    "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
    "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
    "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
    "timestamp": 1600112492,
}
BODY = json.dumps([DROPPED], sort_keys=True, separators=(",", ":")).encode() + b"\r\n"
KEY = ec_key()


def reader(key: str = PUBLISHED) -> SendGridEvents:
    return SendGridEvents(SendGridEventSettings(webhook_public_key=key))


def told(*events: Any) -> list[Answer]:
    body = json.dumps(events).encode()
    return list(reads(reader(shown(KEY)), by_sendgrid(KEY, body, seconds()), body))


def event(kind: str, **more: Any) -> dict[str, Any]:
    known = {
        "event": kind,
        "sg_event_id": f"id-{kind}",
        "timestamp": int(NOW.timestamp()),
        "reminder_id": str(REMINDER),
    }
    return known | more


def test_the_published_vector():
    (answer,) = reads(reader(), SIGNED, BODY, THEN)
    assert (answer.event_id, answer.kind) == (DROPPED["sg_event_id"], "bounced")
    assert answer.provider_id == "LRzXl_NHStOGhQ4kofSm_A"
    assert answer.at == datetime.fromtimestamp(1600112492, UTC)


def test_another_key_body_time_or_signature_is_a_forgery():
    refuses(reader(OTHER), SIGNED, BODY, THEN)
    refuses(reader(), SIGNED, BODY.strip(), THEN)
    refuses(reader(), SIGNED, b"payload", THEN)
    for name in SIGNED:
        for value in ("", "x", "1600112503", base64.b64encode(b"no signature").decode()):
            refuses(reader(), SIGNED | {name: value}, BODY, THEN)
        refuses(reader(), {other: SIGNED[other] for other in SIGNED if other != name}, BODY, THEN)


def test_what_was_signed_long_ago_or_lies_ahead_is_refused():
    signed_at = datetime.fromtimestamp(1600112502, UTC)
    assert reads(reader(), SIGNED, BODY, signed_at + OLD)
    refuses(reader(), SIGNED, BODY, signed_at + OLD + timedelta(seconds=1))
    assert reads(reader(), SIGNED, BODY, signed_at - timedelta(minutes=5))
    refuses(reader(), SIGNED, BODY, signed_at - timedelta(minutes=5, seconds=1))


def test_each_kind_is_read_and_what_says_nothing_of_a_message_is_left_out():
    kinds = [
        "processed",
        "deferred",
        "delivered",
        "open",
        "click",
        "bounce",
        "spamreport",
        "unsubscribe",
        "group_resubscribe",
    ]
    answers = told(*(event(kind) for kind in kinds), {"event": "delivered"}, "nonsense", None)
    assert [answer.kind for answer in answers] == [
        "deferred",
        "delivered",
        "opened",
        "clicked",
        "bounced",
        "complained",
    ]
    assert {answer.reminder_id for answer in answers} == {REMINDER}
    assert [answer.event_id for answer in answers][:2] == ["id-deferred", "id-delivered"]


def test_a_bounce_says_whose_fault_it_is():
    gone, blocked, late = told(
        event("bounce", status="5.1.1", reason="550 5.1.1 unknown", bounce_classification="Invalid Address"),
        event("bounce", type="blocked", reason="554 blocked by policy 5.7.1"),
        event("deferred", response="x", reason="451 4.7.1 later"),
    )
    assert (gone.hard, gone.status, gone.reason) == (True, "5.1.1", "sendgrid_invalid_address")
    assert (blocked.hard, blocked.status, blocked.reason) == (False, "5.7.1", "sendgrid_blocked")
    assert (late.hard, late.status) == (False, "4.7.1")


def test_what_is_not_even_tried_says_what_is_known_of_the_address():
    dropped = told(
        *(event("dropped", reason=reason) for reason in ("Invalid", "Spam Reporting Address", "Unsubscribed Address"))
    )
    assert [(one.kind, one.hard) for one in dropped] == [
        ("bounced", True),
        ("complained", False),
        ("undelivered", False),
    ]


def test_a_program_that_fetches_ahead_is_known():
    person, machine, click = told(
        event("open"), event("open", sg_machine_open=True), event("click", useragent="Mozilla/5.0")
    )
    assert (person.machine, machine.machine, click.agent) == (False, True, "Mozilla/5.0")


def test_what_is_signed_and_is_no_list_can_not_be_read():
    for body in (b"", b"{}", b"[", b"\xff"):
        cannot_read(reader(shown(KEY)), by_sendgrid(KEY, body, seconds()), body)


@pytest.mark.parametrize("key", ["", "x", "AAAA", shown(rsa.generate_private_key(65537, 2048))])
def test_what_is_no_key_on_a_curve_is_told_at_the_start(key: str):
    with pytest.raises(ValidationError):
        SendGridEventSettings(webhook_public_key=key)
