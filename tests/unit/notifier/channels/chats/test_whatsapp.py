"""What Meta's answers mean, and what its calls say."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notifier.channels.http_api import Answer as HttpAnswer
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.channels.ports import Callback, ForgedCallbackError, Reply, UnreadableCallbackError
from services.notifier.channels.whatsapp.cloud import judged
from services.notifier.channels.whatsapp.events import WhatsAppEvents, WhatsAppEventSettings
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER, by_meta, of_whatsapp, reads, refuses

SECRET = "s" * 32
READER = WhatsAppEvents(WhatsAppEventSettings(app_secret=SecretStr(SECRET), verify_token=SecretStr("v" * 32)))
AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def error(status: int, code: object) -> HttpAnswer:
    return HttpAnswer(status, {"error": {"code": code}}, {"Retry-After": "7"})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (HttpAnswer(200, {"messages": [{"id": "wamid.1"}]}), Accepted("wamid.1")),
        (HttpAnswer(200, {"messages": [{}]}), Unclear("whatsapp_no_answer")),
        (HttpAnswer(200, {"messages": []}), Unclear("whatsapp_no_answer")),
        (HttpAnswer(200, {"messages": [1]}), Unclear("whatsapp_no_answer")),
        (HttpAnswer(200), Unclear("whatsapp_no_answer")),
        (error(400, 131026), Refused("whatsapp_131026", suppress="bounced")),
        (error(400, 131050), Refused("whatsapp_131050", suppress="stop")),
        (error(400, 131049), Refused("whatsapp_131049")),
        (error(500, 132012), Refused("whatsapp_132012")),
        (error(400, 100), Refused("whatsapp_100")),
        (error(400, 130429), Postponed("whatsapp_130429", 7)),
        (error(400, 131056), Postponed("whatsapp_131056", 7)),
        (error(400, 4), Postponed("whatsapp_4", 7)),
        (error(503, 131016), Postponed("whatsapp_131016", 7, down=True)),
        (error(400, 2), Postponed("whatsapp_2", 7, down=True)),
        (error(401, 190), Postponed("whatsapp_190", 7, ours=True)),
        (error(403, 200), Postponed("whatsapp_200", 7, ours=True)),
        (error(403, 299), Postponed("whatsapp_299", 7, ours=True)),
        (error(400, 300), Refused("whatsapp_300")),
        (error(404, 132001), Postponed("whatsapp_132001", 7, ours=True)),
        (error(400, 132015), Postponed("whatsapp_132015", 7, ours=True)),
        (error(400, 999), Refused("whatsapp_999")),
        (error(500, 131000), Unclear("whatsapp_131000")),
        (error(500, "x"), Unclear("whatsapp_500")),
        (error(400, True), Refused("whatsapp_400")),
        (HttpAnswer(400, {"error": "x"}), Refused("whatsapp_400")),
        (HttpAnswer(503), Postponed("whatsapp_503", down=True)),
    ],
)
def test_meta_s_answers_are_told_apart_by_its_code(answer: HttpAnswer, outcome: Any) -> None:
    assert judged(answer) == outcome


def tells(**status: Any) -> list[Answer]:
    known = {"id": "wamid.1", "timestamp": str(int(AT.timestamp())), "biz_opaque_callback_data": str(REMINDER)}
    body = of_whatsapp(statuses=[known | status])
    return list(reads(READER, by_meta(SECRET, body), body))


@pytest.mark.parametrize(
    ("status", "kind"), [("delivered", "delivered"), ("read", "opened"), ("failed", "undelivered")]
)
def test_a_status_is_told_of_its_message(status: str, kind: Any) -> None:
    assert tells(status=status) == [Answer(f"wamid.1 {status}", kind, AT, REMINDER, "wamid.1", hard=False)]


@pytest.mark.parametrize("status", ["sent", "accepted", "deleted", "warning", ""])
def test_of_other_statuses_nothing_follows(status: str) -> None:
    assert tells(status=status) == []


@pytest.mark.parametrize(
    ("code", "kind", "hard", "reason"),
    [
        (131026, "bounced", True, "whatsapp_131026"),
        (131050, "complained", False, "whatsapp_131050"),
        (131049, "undelivered", False, "whatsapp_131049"),
        ("x", "undelivered", False, None),
        (1310491310491, "undelivered", False, None),
    ],
)
def test_a_failure_says_why(code: Any, kind: Any, hard: bool, reason: Any) -> None:
    [answer] = tells(status="failed", errors=[{"code": code}])
    assert (answer.kind, answer.hard, answer.reason) == (kind, hard, reason)
    assert tells(status="delivered", errors=[{"code": code}])[0].reason is None


def heard(*messages: Any, number: str = "106540352242922") -> list[Reply]:
    body = of_whatsapp(messages=list(messages), metadata={"phone_number_id": number})
    callback = Callback("https://n.example/whatsapp/events", by_meta(SECRET, body), body)
    return [one for one in asyncio.run(READER.read(callback, NOW)) if isinstance(one, Reply)]


def test_what_people_write_is_heard_under_its_id_and_number() -> None:
    message = {"from": "4915112345678", "id": "wamid.2", "text": {"body": "S\x00TOP"}}
    [reply] = heard(message)
    assert reply == Reply(
        "wamid.2", "+4915112345678", frozenset({"106540352242922"}), "STOP", channel="whatsapp", answered=False
    )
    [pressed] = heard({"from": "4915112345678", "id": "wamid.3", "button": {"text": "Stop"}})
    assert (pressed.text, pressed.read_as) == ("Stop", None)


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"from": "4915112345678"},
        {"id": "wamid.2"},
        {"from": "49151x", "id": "wamid.2"},
        {"from": "1234", "id": "wamid.2"},
        {"from": "1" * 16, "id": "wamid.2"},
        {"from": "\u0661" * 8, "id": "wamid.2"},
        {"from": "4915112345678", "id": "wamid 2"},
        7,
    ],
)
def test_what_is_no_message_of_a_number_is_passed_over(message: Any) -> None:
    assert heard(message) == []
    assert heard({"from": "4915112345678", "id": "wamid.2"}, number="") == []


def test_numbers_of_five_to_fifteen_digits_are_some() -> None:
    assert [heard({"from": "1" * n, "id": "w"})[0].sender for n in (5, 15)] == ["+" + "1" * 5, "+" + "1" * 15]


def test_other_fields_and_objects_say_nothing() -> None:
    body = json.dumps({"object": "page", "entry": []}).encode()
    assert reads(READER, by_meta(SECRET, body), body) == []
    body = of_whatsapp(statuses=[{"id": "wamid.1", "status": "read"}]).replace(b'"field": "messages"', b'"field": "x"')
    assert reads(READER, by_meta(SECRET, body), body) == []


def test_a_call_is_believed_by_its_signature_alone() -> None:
    body = of_whatsapp(statuses=[])
    for headers in ({}, by_meta("x", body), {"x-hub-signature-256": by_meta(SECRET, body)["x-hub-signature-256"][7:]}):
        refuses(READER, headers, body)
    for wrong in (b"", b"[]", b"{"):
        with pytest.raises(UnreadableCallbackError):
            reads(READER, by_meta(SECRET, wrong), wrong)


def test_a_webhook_is_shown_to_be_ours_to_who_knows_our_word() -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "v" * 32, "hub.challenge": "1" * 100}
    assert READER.challenge(asked) == "1" * 100
    for wrong in (
        {"hub.mode": "x"},
        {"hub.verify_token": "v"},
        {"hub.challenge": ""},
        {"hub.challenge": "1" * 101},
        {"hub.challenge": "<b>"},
        {"hub.challenge": "\u0661"},
    ):
        with pytest.raises(ForgedCallbackError):
            READER.challenge(asked | wrong)
    with pytest.raises(ForgedCallbackError):
        READER.challenge({})


def test_the_reminder_is_named_where_it_has_the_shape_of_one() -> None:
    assert tells(status="read", biz_opaque_callback_data="x")[0].reminder_id is None
    assert tells(status="read")[0].reminder_id == UUID(str(REMINDER))
