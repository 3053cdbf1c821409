"""What Twilio tells of texts, and the address that it tells it to."""

import asyncio
from urllib.parse import urlencode
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.notifier.channels.http_api import Answer as Said
from services.notifier.channels.outcome import Accepted
from services.notifier.channels.ports import Callback, ForgedCallbackError, Limits, UnreadableCallbackError
from services.notifier.channels.sms.twilio import Twilio, TwilioSettings
from services.notifier.channels.sms.twilio_events import TwilioEvents
from services.notifier.channels.sms.twilio_signatures import signature
from services.notifier.domain.answers import Answer
from tests.unit.notifier.channels.telling import NOW, REMINDER

TOKEN, SID = "12345", "SM" + "0d" * 16
SETTINGS = TwilioSettings(account_sid="AC1", auth_token=SecretStr(TOKEN))
URL = f"https://n.nordwind.example/twilio/events?reminder_id={REMINDER}"


def read(status: str, code: str = "", *, url: str = URL, signed: str | None = None) -> list[Answer]:
    form = {"MessageSid": SID, "MessageStatus": status} | ({"ErrorCode": code} if code else {})
    headers = {"x-twilio-signature": signature(signed or url, form, TOKEN)}
    return list(asyncio.run(TwilioEvents(SETTINGS).read(Callback(url, headers, urlencode(form).encode()), NOW)))


@pytest.mark.parametrize(
    ("status", "code", "kind", "hard"),
    [
        ("delivered", "", "delivered", False),
        ("undelivered", "30003", "undelivered", False),
        ("undelivered", "30007", "undelivered", False),
        ("failed", "30034", "undelivered", False),
        ("undelivered", "30005", "bounced", True),
        ("undelivered", "30006", "bounced", True),
        ("read", "", "opened", False),
        ("DELIVERED", "0", "delivered", False),
    ],
)
def test_each_status_is_read(status: str, code: str, kind: str, hard: bool):
    (answer,) = read(status, code)
    assert (answer.kind, answer.hard, answer.at, answer.provider_id) == (kind, hard, NOW, SID)
    assert answer.reason == (f"twilio_{code}" if code.strip("0") else None)
    assert (answer.event_id, answer.reminder_id) == (f"{SID}.{status.lower()}", REMINDER)


@pytest.mark.parametrize("status", ["queued", "sending", "sent", "accepted", "receiving"])
def test_what_is_on_its_way_is_left_out(status: str):
    assert read(status) == []


def test_the_reminder_in_the_url_is_signed():
    other = URL.replace(str(REMINDER), str(UUID(int=1)))
    with pytest.raises(ForgedCallbackError):
        read("delivered", url=other, signed=URL)
    (answer,) = read("delivered", url=URL.partition("?")[0])
    assert (answer.reminder_id, answer.provider_id) == (None, SID)


def test_a_code_that_is_none_is_no_reason_and_a_status_that_is_none_can_not_be_read():
    assert [answer.reason for answer in read("undelivered", "no code")] == [None]
    with pytest.raises(UnreadableCallbackError):
        read("a.b")


class Api:
    """Takes what is sent, and says yes."""

    def __init__(self) -> None:
        self.form: dict[str, str] = {}

    async def post(self, _path: str, *, data: dict[str, str]) -> Said:
        self.form = data
        return Said(201, {"sid": SID}, {})


@pytest.mark.parametrize("public_url", ["https://n.nordwind.example", "https://n.nordwind.example/", None])
def test_a_text_names_where_twilio_may_call_back(monkeypatch: pytest.MonkeyPatch, public_url: str | None):
    provider, api = Twilio(SETTINGS, Limits(public_url=public_url)), Api()
    monkeypatch.setattr(provider, "_api", api)

    async def text() -> str:
        return "Hello"

    sent = asyncio.run(provider.send("+15005550006", "+48221234567", text, reminder_id=REMINDER))
    assert isinstance(sent, Accepted)
    assert api.form.get("StatusCallback") == (URL if public_url else None)
