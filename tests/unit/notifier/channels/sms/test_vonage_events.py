"""What Vonage tells, signed by a JWT that holds the body's hash."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from services.notifier.channels.ports import Callback
from services.notifier.channels.sms.vonage_events import OLD, VonageEvents, VonageEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER, by_vonage, cannot_read, reads, refuses

SECRET = "s" * 64
MESSAGE = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
BODY = b"{}"


def reader() -> VonageEvents:
    return VonageEvents(VonageEventSettings(signature_secret=SECRET))


def all_told(status: str, **more: Any) -> list[Answer]:
    known = {
        "message_uuid": MESSAGE,
        "status": status,
        "client_ref": str(REMINDER),
        "timestamp": "2026-11-22T10:05:00Z",
    }
    body = json.dumps(known | more).encode()
    return list(reads(reader(), by_vonage(SECRET, body), body))


@pytest.mark.parametrize(
    ("status", "kind"),
    [("delivered", "delivered"), ("undeliverable", "undelivered"), ("rejected", "undelivered"), ("read", "opened")],
)
def test_each_status_is_read(status: str, kind: str):
    (answer,) = all_told(status)
    assert (answer.kind, answer.reminder_id, answer.provider_id) == (kind, REMINDER, MESSAGE)
    assert (answer.event_id, answer.at) == (f"{MESSAGE} {status}", NOW - timedelta(minutes=10))


def test_what_says_nothing_new_is_left_out():
    assert all_told("submitted") == all_told("") == all_told("delivered", message_uuid="") == []


def test_an_error_is_told_and_a_number_that_is_none_is_closed():
    problem = "https://developer.vonage.com/api-errors/messages#{}"
    (filtered,) = all_told("rejected", error={"type": problem.format(1210), "title": 1210})
    (nobody,) = all_told("rejected", error={"type": problem.format(1170)})
    assert (filtered.kind, filtered.hard, filtered.reason) == ("undelivered", False, "vonage_1210")
    assert (nobody.kind, nobody.hard, nobody.reason) == ("bounced", True, "vonage_1170")


def test_another_secret_or_body_is_a_forgery():
    refuses(reader(), by_vonage("t" * 64, BODY), BODY)
    refuses(reader(), by_vonage(SECRET, BODY), b'{"status": "delivered"}')
    refuses(reader(), by_vonage(SECRET, BODY, payload_hash=None), BODY)
    refuses(reader(), by_vonage(SECRET, BODY, payload_hash=7), BODY)


def test_another_algorithm_scheme_or_no_token_is_a_forgery():
    refuses(reader(), by_vonage(SECRET, BODY, algorithm="HS512"), BODY)
    refuses(reader(), by_vonage("", BODY, algorithm="none"), BODY)
    signed = by_vonage(SECRET, BODY)["authorization"]
    for header in ("", "Bearer", "Bearer x", signed.replace("Bearer", "Basic"), signed[:-2]):
        refuses(reader(), {"authorization": header}, BODY)


def test_what_was_signed_long_ago_lies_ahead_or_at_no_time_is_refused():
    signed = by_vonage(SECRET, BODY)
    assert reads(reader(), signed, BODY, NOW + OLD) == []
    refuses(reader(), signed, BODY, NOW + OLD + timedelta(seconds=1))
    refuses(reader(), signed, BODY, NOW - timedelta(minutes=5, seconds=1))
    for at in (None, "now", -1, 10**30):
        refuses(reader(), by_vonage(SECRET, BODY, iat=at), BODY)


def test_what_is_signed_and_is_no_object_can_not_be_read():
    cannot_read(reader(), by_vonage(SECRET, b"[]"), b"[]")


def heard(**more: Any) -> list[Any]:
    known = {
        "channel": "sms",
        "message_uuid": MESSAGE,
        "from": "447700900001",
        "to": "447700900000",
        "timestamp": "2026-11-22T10:05:00Z",
        "message_type": "text",
        "text": "Stop. Thank you",
    }
    body = json.dumps(known | more).encode()
    callback = Callback("https://n.nordwind.example/vonage/events", by_vonage(SECRET, body), body)
    return list(asyncio.run(reader().read(callback, NOW)))


def test_what_people_send_back_is_heard_under_its_id_and_number():
    [reply] = heard()
    assert (reply.reply_id, reply.sender, reply.text) == (MESSAGE, "+447700900001", "Stop. Thank you")
    assert (reply.channel, reply.read_as, reply.answered) == ("sms", None, False)
    for ours in ("447700900000", "+447700900000"):
        assert ours in reply.to, "a store may write its number either way"
    assert heard(text=None)[0].text == "", "a picture has none"
    assert heard(text="ST\0OP")[0].text == "STOP"


@pytest.mark.parametrize(
    "more",
    [
        *({"channel": "mms"}, {"channel": None}, {"message_uuid": ""}, {"message_uuid": "a b"}, {"to": ""}),
        *({"from": "Nordwind"}, {"from": "\u0661" * 8}, {"from": "1234"}, {"from": "1" * 16}),
    ],
)
def test_what_is_no_text_of_a_number_is_passed_over(more: dict[str, Any]):
    assert heard(**more) == []
