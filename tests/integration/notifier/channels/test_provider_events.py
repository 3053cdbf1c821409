"""What each provider tells reaches its message, and a forgery or a replay does not."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from libs.contracts.events import ReminderRequested
from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.channels.email import sns_signatures
from services.notifier.channels.ports import UncheckedCallbackError
from services.notifier.channels.providers import event_sources
from services.notifier.channels.registry import CHANNELS
from services.notifier.handlers.answers import From
from tests.integration.notifier.conftest import World, low_stock
from tests.unit.notifier.channels.email.test_postmark_events import basic
from tests.unit.notifier.channels.email.test_ses_events import CERTIFICATE, DAY, TOPIC
from tests.unit.notifier.channels.telling import (
    by_mailgun,
    by_meta,
    by_resend,
    by_sendgrid,
    by_sns,
    by_vonage,
    certified,
    of_whatsapp,
    seconds,
    shown,
)

BASE = "https://n.nordwind.example"
CURVE = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
SECRET = "s" * 64
WEBHOOK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = {
    "SES_REGION": "eu-central-1",
    "SES_ACCESS_KEY_ID": "AKIA",
    "SES_SECRET_ACCESS_KEY": SECRET,
    "SES_TOPIC_ARN": TOPIC,
    "RESEND_API_KEY": SECRET,
    "RESEND_WEBHOOK_SECRET": WEBHOOK,
    "POSTMARK_SERVER_TOKEN": SECRET,
    "POSTMARK_WEBHOOK_PASSWORD": SECRET,
    "SENDGRID_API_KEY": SECRET,
    "SENDGRID_WEBHOOK_PUBLIC_KEY": shown(CURVE),
    "MAILGUN_DOMAIN": "nordwind.example",
    "MAILGUN_API_KEY": SECRET,
    "MAILGUN_WEBHOOK_KEY": SECRET,
    "WHATSAPP_ACCESS_TOKEN": SECRET,
    "WHATSAPP_APP_SECRET": SECRET,
    "WHATSAPP_VERIFY_TOKEN": SECRET,
    "VONAGE_API_KEY": "k",
    "VONAGE_API_SECRET": SECRET,
    "VONAGE_SIGNATURE_SECRET": SECRET,
}
Tells = Callable[[UUID, datetime], tuple[dict[str, str], bytes]]


def ses(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    message = {"eventType": "Delivery", "mail": {"tags": {"reminder_id": [str(reminder_id)]}}}
    said = {
        "Type": "Notification",
        "MessageId": "22b80b92",
        "TopicArn": TOPIC,
        "Message": json.dumps(message),
        "Timestamp": now.isoformat(),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }
    return {}, by_sns(RSA, said)


def resend(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"type": "email.delivered", "data": {"tags": {"reminder_id": str(reminder_id)}}}).encode()
    return by_resend(WEBHOOK, body, seconds(now)), body


def postmark(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    told = {"RecordType": "Delivery", "MessageID": "m", "DeliveredAt": now.isoformat()}
    return basic(f"postmark:{SECRET}"), json.dumps(told | {"Metadata": {"reminder_id": str(reminder_id)}}).encode()


def sendgrid(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    told = {"event": "delivered", "sg_event_id": "e", "timestamp": int(now.timestamp())}
    body = json.dumps([told | {"reminder_id": str(reminder_id)}]).encode()
    return by_sendgrid(CURVE, body, seconds(now)), body


def mailgun(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    told = {"event": "delivered", "user-variables": {"reminder_id": str(reminder_id)}}
    return {}, by_mailgun(SECRET, told, seconds(now))


def vonage(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"message_uuid": "m", "status": "delivered", "client_ref": str(reminder_id)}).encode()
    return by_vonage(SECRET, body, now), body


def whatsapp(reminder_id: UUID, now: datetime) -> tuple[dict[str, str], bytes]:
    status = {"id": "wamid.1", "status": "delivered", "timestamp": seconds(now)}
    body = of_whatsapp(statuses=[status | {"biz_opaque_callback_data": str(reminder_id)}])
    return by_meta(SECRET, body), body


TELL: dict[str, Tells] = {
    "ses": ses,
    "resend": resend,
    "postmark": postmark,
    "sendgrid": sendgrid,
    "mailgun": mailgun,
    "vonage": vonage,
    "whatsapp": whatsapp,
}


@pytest.fixture
async def web(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The web role of a notifier that knows all providers, and an Amazon that hands out certificates."""

    async def get(_url: str) -> bytes:
        return certified(RSA, utc_now() - DAY, utc_now() + DAY)

    monkeypatch.setattr(sns_signatures, "fetch", get)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"NOTIFIER_{name}", value)
    async with opened(world) as client:
        yield client


def opened(world: World) -> httpx.AsyncClient:
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    return httpx.AsyncClient(transport=httpx.ASGITransport(application))


async def sent(world: World, provider: str) -> ReminderRequested:
    await world.knows()
    request = await world.asks(**(low_stock() if provider == "vonage" else {}))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    if provider == "whatsapp":
        await world.pool.execute("UPDATE deliveries SET channel = 'whatsapp'")
    return request


async def heard(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await world.pool.fetch("SELECT provider, answer, times FROM answers")]


def test_every_provider_but_smtp_and_telegram_tells_what_became_of_messages():
    known = {name: provider for channel in CHANNELS.values() for name, provider in channel.providers.items()}
    assert {name for name, provider in known.items() if provider.events is None} == {"smtp", "telegram"}
    assert known.keys() == {*TELL, "twilio", "smtp", "telegram"}


@pytest.mark.parametrize("provider", TELL)
async def test_what_it_tells_reaches_its_message_once(world: World, web: httpx.AsyncClient, provider: str):
    request = await sent(world, provider)
    headers, body = TELL[provider](request.reminder_id, utc_now())
    for _ in range(2):
        answer = await web.post(f"{BASE}/{provider}/events", content=body, headers=headers)
        assert answer.status_code == 204, answer.text
    assert await heard(world) == [(provider, "delivered", 1)]
    assert await world.told() == ["message.sent", "message.delivered"]


@pytest.mark.parametrize("provider", TELL)
async def test_a_forgery_is_refused(world: World, web: httpx.AsyncClient, provider: str):
    request = await sent(world, provider)
    headers, body = TELL[provider](request.reminder_id, utc_now())
    _, other = TELL[provider](UUID(int=1), utc_now())
    forgeries: list[tuple[dict[str, str], bytes]] = [({}, body)] if headers else []
    if provider not in ("postmark", "mailgun"):  # one has a password, the other signs no event
        forgeries.append((headers, other if headers else body.replace(b"Delivery", b"Complaint")))
    if provider == "mailgun":
        forgeries.append(({}, by_mailgun("another key", {"event": "complained"}, seconds(utc_now()))))
    assert forgeries
    for more, content in forgeries:
        answer = await web.post(f"{BASE}/{provider}/events", content=content, headers=more)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert await heard(world) == []


@pytest.mark.usefixtures("web")
async def test_where_a_certificate_can_not_be_had_amazon_has_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    async def down(url: str) -> bytes:
        raise UncheckedCallbackError(url)

    monkeypatch.setattr(sns_signatures, "fetch", down)
    request = await sent(world, "ses")
    _, body = ses(request.reminder_id, utc_now())
    async with opened(world) as without:
        answer = await without.post(f"{BASE}/ses/events", content=body)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")


def test_a_provider_that_is_set_to_send_and_not_to_call_back_has_no_such_address(monkeypatch: pytest.MonkeyPatch):
    for name, value in SETTINGS.items():
        if not name.startswith("MAILGUN_WEBHOOK"):
            monkeypatch.setenv(f"NOTIFIER_{name}", value)
    assert "mailgun" not in event_sources()
    assert event_sources()["vonage"].channel == "sms"


OWN = {"POSTMARK_NORDWIND_SERVER_TOKEN": SECRET, "POSTMARK_NORDWIND_WEBHOOK_PASSWORD": "o" * 64}


async def test_a_further_account_tells_of_the_stores_that_name_it_alone(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    request = await sent(world, "smtp")
    told, body = postmark(request.reminder_id, utc_now())
    own = basic(f"postmark:{'o' * 64}")
    place = f"{BASE}/postmark_nordwind/events"
    assert (await web.post(place, content=body, headers=own)).status_code == 404
    for name, value in OWN.items():
        monkeypatch.setenv(f"NOTIFIER_{name}", value)
    assert (await web.post(place, content=body, headers=own)).status_code == 404
    world.shop["email_fail_over"] = ["postmark_nordwind"]
    assert world.stores  # the process has heard of it
    assert (await web.post(place, content=body, headers=told)).status_code == 403
    assert (await web.post(place, content=body, headers=own)).status_code == 204
    assert await heard(world) == [("postmark_nordwind", "delivered", 1)]
    for name in ("owl_nordwind", "smtp_nordwind", "postmark_", "postmark_x"):
        assert (await web.post(f"{BASE}/{name}/events", content=body, headers=own)).status_code == 404
        assert (await web.get(f"{BASE}/{name}/events")).status_code == 404
    assert From("postmark_nordwind", "email", stores=frozenset({"demo"})).speaks_of("demo")
    assert not From("postmark_nordwind", "email", stores=frozenset({"demo"})).speaks_of("other")
    assert not From("smtp", "email", "demo").speaks_of("other")


WRONG = (b"", b"{", b"[]", b"null", b"\xff", b"[" * 20_000, b'{"a":' * 20_000, b'"\\ud800"', b"9" * 400)


def written(provider: str) -> list[tuple[dict[str, str], bytes]]:
    """What is wrong in a body, genuinely signed where the signature is beside the body."""
    now = utc_now()
    sign: dict[str, Callable[[bytes], dict[str, str]]] = {
        "resend": lambda body: by_resend(WEBHOOK, body, seconds(now)),
        "postmark": lambda _: basic(f"postmark:{SECRET}"),
        "sendgrid": lambda body: by_sendgrid(CURVE, body, seconds(now)),
        "vonage": lambda body: by_vonage(SECRET, body, now),
        "whatsapp": lambda body: by_meta(SECRET, body),
    }
    _, right = TELL[provider](UUID(int=1), now)
    values = [b'"a\\u0000b"', b'"\\ud800"', b"9" * 400, b"1e400", b"[]", b"{}", b"null"]
    broken = [right.replace(b'"delivered"', one) for one in values]
    return [(sign.get(provider, lambda _: {})(body), body) for body in (*WRONG, *broken)]


@pytest.mark.parametrize("provider", TELL)
async def test_no_signed_event_breaks_the_door_and_none_that_is_too_long_is_read(
    world: World, web: httpx.AsyncClient, provider: str
):
    request = await sent(world, provider)
    for headers, body in written(provider):
        answer = await web.post(f"{BASE}/{provider}/events", content=body, headers=headers)
        assert answer.status_code in (204, 403, 422), body[:80]
    long = await web.post(f"{BASE}/{provider}/events", content=b" " * (1024 * 1024 + 1))
    assert (long.status_code, long.json()["type"]) == (413, "urn:evercart:problem:body-too-large")
    assert await heard(world) == []
    assert await world.ended(request) == ("sent", None)


@pytest.mark.parametrize("provider", sorted(set(TELL) - {"postmark", "whatsapp"}))
async def test_what_was_signed_days_ago_is_a_replay(world: World, web: httpx.AsyncClient, provider: str):
    request = await sent(world, provider)
    headers, body = TELL[provider](request.reminder_id, utc_now() - timedelta(days=40))
    assert (await web.post(f"{BASE}/{provider}/events", content=body, headers=headers)).status_code == 403
    assert await heard(world) == []


@pytest.mark.parametrize("provider", TELL)
async def test_a_message_of_another_channel_is_none_of_the_provider_s(
    world: World, web: httpx.AsyncClient, provider: str
):
    request = await sent(world, provider)
    await world.pool.execute("UPDATE deliveries SET channel = 'telegram'")
    headers, body = TELL[provider](request.reminder_id, utc_now())
    assert (await web.post(f"{BASE}/{provider}/events", content=body, headers=headers)).status_code == 204
    assert await heard(world) == []
