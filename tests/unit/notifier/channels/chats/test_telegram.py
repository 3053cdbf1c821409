"""What Telegram's answers mean, and what its updates say."""

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from services.notifier.channels.http_api import Answer
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.channels.ports import Callback, ForgedCallbackError, Reply, UnreadableCallbackError
from services.notifier.channels.telegram.bot import TelegramSettings, judged
from services.notifier.channels.telegram.replies import TelegramReplies

TOKEN, SECRET = "123456789:AAGx-0123456789abcdefghijk", "webhook-secret-0123456789"
CHAT = {"id": 4711, "type": "private"}


def settings(**more: Any) -> TelegramSettings:
    return TelegramSettings.model_validate({"bot_token": SecretStr(TOKEN), "bot_username": "nordwind_bot"} | more)


READER = TelegramReplies(settings(webhook_secret=SecretStr(SECRET)))


def read(update: Any, secret: str = SECRET) -> Reply | None:
    body = update if isinstance(update, bytes) else json.dumps(update).encode()
    headers = {"x-telegram-bot-api-secret-token": secret}
    return READER.read(Callback("https://n.example/telegram/inbound", headers, body))


def written(text: Any, **more: Any) -> Any:
    return {"update_id": 7, "message": {"chat": CHAT, "text": text} | more}


def no(status: int, description: str = "x", **more: Any) -> Answer:
    return Answer(status, {"ok": False, "error_code": status, "description": description, **more})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"ok": True, "result": {"message_id": 12}}), Accepted("12")),
        (Answer(200, {"ok": True, "result": {"message_id": "12"}}), Accepted(None)),
        (Answer(200, {"ok": True, "result": 1}), Accepted(None)),
        (Answer(200, {"ok": False}), Refused("telegram_200")),
        (no(403, "Forbidden: bot was blocked by the user"), Refused("telegram_403", suppress="stop")),
        (no(403, "Forbidden: bot was kicked from the group chat"), Refused("telegram_403", suppress="stop")),
        (no(403, "Forbidden: bot can't initiate conversation with a user"), Refused("telegram_403", suppress="stop")),
        (no(403, "Forbidden: user is deactivated"), Refused("telegram_403", suppress="bounced")),
        (no(400, "Bad Request: chat not found"), Refused("telegram_400", suppress="bounced")),
        (no(400, "Bad Request: PEER_ID_INVALID"), Refused("telegram_400", suppress="bounced")),
        (no(400, "Bad Request: message is too long"), Refused("telegram_400")),
        (Answer(403), Refused("telegram_403")),
        (no(429, parameters={"retry_after": 7}), Postponed("telegram_429", 7)),
        (no(429, parameters={"retry_after": 1}), Postponed("telegram_429", 1)),
        (no(429, parameters={"retry_after": 0}), Postponed("telegram_429")),
        (no(429, parameters={"retry_after": "7"}), Postponed("telegram_429")),
        (no(429, parameters={"retry_after": 90_000}), Postponed("telegram_429", 3600)),
        (no(429, parameters=[]), Postponed("telegram_429")),
        (no(401, "Unauthorized"), Postponed("telegram_401", ours=True)),
        (no(404, "Not Found"), Postponed("telegram_404", ours=True)),
        (no(500), Unclear("telegram_500")),
        (no(502), Unclear("telegram_502")),
    ],
)
def test_telegram_s_answers_are_told_apart(answer: Answer, outcome: Any) -> None:
    assert judged(answer) == outcome


@pytest.mark.parametrize(
    ("text", "meaning", "payload"),
    [
        ("/start", "start", None),
        ("/start abc_-1", "start", "abc_-1"),
        ("/start " + "x" * 64, "start", "x" * 64),
        ("/start " + "x" * 65, "start", None),
        ("/start <x>", "start", None),
        ("/start a b", None, None),
        ("/stop", "stop", None),
        (" /stop@nordwind_bot ", "stop", None),
        ("/stop abc", "stop", None),
        ("/help", "help", None),
        ("/other", None, None),
        ("stop", None, None),
        ("please /stop", None, None),
    ],
)
def test_commands_are_read_as_what_they_ask_for(text: str, meaning: Any, payload: Any) -> None:
    found = read(written(text))
    assert found is not None
    assert (found.read_as, found.payload, found.answered) == (meaning, payload, False)
    assert (found.sender, found.channel, found.reply_id) == ("4711", "telegram", "nordwind_bot.7")
    assert found.to == {"nordwind_bot"}


def test_a_message_without_text_is_one_and_holds_no_nul() -> None:
    found = read(written(None))
    assert found is not None
    assert found.text == ""
    found = read(written("st\x00op"))
    assert found is not None
    assert found.text == "stop"


@pytest.mark.parametrize(("status", "meaning"), [("kicked", "stop"), ("member", "start"), ("administrator", None)])
def test_the_bot_s_standing_in_a_chat_is_read(status: str, meaning: Any) -> None:
    found = read({"update_id": 8, "my_chat_member": {"chat": CHAT, "new_chat_member": {"status": status}}})
    assert (found and found.read_as) == meaning
    assert found is None or (found.answered, found.sender) == (True, "4711")


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": 7},
        {"message": {"chat": CHAT, "text": "/stop"}},
        {"update_id": "x", "message": {"chat": CHAT, "text": "/stop"}},
        {"update_id": 7, "message": {"chat": {"id": -4711, "type": "private"}, "text": "/stop"}},
        {"update_id": 7, "message": {"chat": {"id": 4711, "type": "group"}, "text": "/stop"}},
        {"update_id": 7, "message": [1], "my_chat_member": 3},
    ],
)
def test_what_says_nothing_of_a_person_is_passed_over(update: Any) -> None:
    assert read(update) is None


def test_nothing_is_believed_without_the_secret() -> None:
    for secret in ("", "x", SECRET[:-1], SECRET + "x"):
        with pytest.raises(ForgedCallbackError):
            read(written("/stop"), secret)
    unset = TelegramReplies(settings())
    with pytest.raises(ForgedCallbackError):
        unset.read(Callback("https://n.example/telegram/inbound", {}, b"{}"))
    for body in (b"", b"[]", b"{", b"\xff"):
        with pytest.raises(UnreadableCallbackError):
            read(body)


def test_an_answer_goes_to_the_chat_that_wrote() -> None:
    reply = read(written("/help"))
    assert json.loads(READER.answer("Hi", reply)) == {"method": "sendMessage", "chat_id": 4711, "text": "Hi"}
    assert READER.answer("", reply) == READER.answer("Hi") == "{}"


@pytest.mark.parametrize("wrong", [{"bot_token": SecretStr("x")}, {"webhook_secret": SecretStr("short")}])
def test_a_secret_of_another_shape_is_refused_and_not_shown(wrong: dict[str, SecretStr]) -> None:
    with pytest.raises(ValidationError) as refused:
        settings(**wrong)
    assert "short" not in str(refused.value)
