"""A provider is a module and a line in the registry: two that are made up here carry a reminder each."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.channels import registry
from services.notifier.channels.outcome import Accepted, Outcome
from services.notifier.channels.ports import Callback, ForgedCallbackError, Limits, ProviderSettings, Reply
from services.notifier.channels.registry import Provider
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.conftest import World, low_stock


class PigeonSettings(ProviderSettings):
    model_config = SettingsConfigDict(env_prefix="NOTIFIER_PIGEON_")

    loft: str
    ring: SecretStr


class PigeonPost:
    """Carries e-mails and text messages alike, and keeps what it took where a test can see it."""

    def __init__(self, settings: PigeonSettings, limits: Limits) -> None:
        self.loft, self.limits = settings.loft, limits
        self.carried: list[tuple[Any, ...]] = []
        FLOCK.append(self)

    async def send(self, *message: Any, **_more: Any) -> Outcome:
        *to, last_word = message
        self.carried.append((*[part for part in to if isinstance(part, str)], await last_word()))
        return Accepted(f"{self.loft}-{len(self.carried)}")

    async def close(self) -> None:
        self.carried.clear()


class PigeonReplies:
    media_type = "text/plain"
    signed_by = "Ring"
    request_body: Mapping[str, Any] = {"content": {"text/plain": {"schema": {"type": "string"}}}}

    def __init__(self, settings: PigeonSettings) -> None:
        self._ring = settings.ring.get_secret_value()

    def read(self, callback: Callback) -> Reply:
        if callback.headers.get("ring") != self._ring:
            raise ForgedCallbackError
        return Reply("feather-1", "+4915112345678", frozenset({"+15005550006"}), callback.body.decode())

    def answer(self, text: str, _reply: Reply | None = None) -> str:
        return text


FLOCK: list[PigeonPost] = []


@pytest.fixture(autouse=True)
def pigeons(monkeypatch: pytest.MonkeyPatch) -> None:
    FLOCK.clear()
    monkeypatch.setitem(registry.EMAIL_PROVIDERS, "pigeon_mail", Provider(PigeonSettings, PigeonPost))
    monkeypatch.setitem(registry.SMS_PROVIDERS, "pigeon", Provider(PigeonSettings, PigeonPost, PigeonReplies))
    monkeypatch.setenv("NOTIFIER_PIGEON_LOFT", "loft")
    monkeypatch.setenv("NOTIFIER_PIGEON_RING", "DE-1")


def carried() -> list[tuple[Any, ...]]:
    return [message for post in FLOCK for message in post.carried]


async def test_a_made_up_e_mail_provider_carries_a_reminder(world: World) -> None:
    world.shop["email_provider"] = "pigeon_mail"
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    [(envelope,)] = carried()
    assert isinstance(envelope, Envelope)
    assert (envelope.reminder_id, envelope.recipient) == (request.reminder_id, "anna@mail.example")
    assert (await world.row(request))["provider_id"] == "loft-1"
    assert world.relay.messages == []


async def test_a_made_up_sms_provider_carries_a_reminder(world: World) -> None:
    world.shop["sms_provider"] = "pigeon"
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    [(sender, recipient, text)] = carried()
    assert (sender, recipient) == ("+15005550006", "+4915112345678")
    assert "Stoneware mug" in text
    assert world.twilio.taken == []


async def test_a_made_up_sms_provider_calls_back_with_replies(world: World) -> None:
    world.shop["sms_provider"] = "pigeon"
    await world.knows()
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        assert (await client.post("/pigeon/inbound", content="STOP", headers={"ring": "forged"})).status_code == 403
        assert (await client.post("/pigeon/inbound", content="STOP", headers={"ring": "DE-1"})).status_code == 200
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")


async def test_a_provider_that_is_not_configured_keeps_its_messages_waiting_and_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFIER_PIGEON_RING")
    world.shop["sms_provider"] = "pigeon"
    await world.knows()
    text, letter = await world.asks(**low_stock()), await world.asks()
    await world.deliver()
    assert await world.ended(text) == ("pending", "provider_not_configured")
    assert await world.ended(letter) == ("sent", None)
    monkeypatch.setenv("NOTIFIER_PIGEON_RING", "DE-1")
    await world.restart()
    await world.passes()
    await world.deliver()
    assert await world.ended(text) == ("sent", None)


async def test_a_provider_that_nobody_knows_fails_the_message_with_its_reason(world: World) -> None:
    world.shop["email_provider"] = "owl"
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("failed", "unknown_provider")
    assert await world.told() == ["message.failed"]
