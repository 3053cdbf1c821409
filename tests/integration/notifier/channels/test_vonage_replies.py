"""STOP and START as Vonage delivers them, at the address at which it tells what became of texts.

Story: a store's numbers were Vonage's, and whoever answered STOP was texted on, for nobody had read it.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from libs.runtime.clock import utc_now
from services.notifier import main
from tests.integration.notifier.conftest import World
from tests.integration.notifier.http_stand_ins import SECRET as LOG_IN
from tests.integration.notifier.http_stand_ins import Vonage
from tests.unit.notifier.channels.telling import by_vonage

SECRET = "s" * 64
URL = "https://n.nordwind.example/vonage/events"
NUMBER, OURS = "4915112345678", "15005550006"


@dataclass
class Phone:
    """Writes to the store's number at Vonage; each message has an id of its own."""

    client: httpx.AsyncClient
    count: int = 0

    async def writes(self, text: str, name: str = "", secret: str = SECRET, to: str = OURS) -> int:
        self.count += 1
        said = {"channel": "sms", "message_type": "text", "from": NUMBER, "to": to, "text": text}
        body = json.dumps(said | {"message_uuid": name or f"in-{self.count}"}).encode()
        answer = await self.client.post(URL, content=body, headers=by_vonage(secret, body, utc_now()))
        return answer.status_code


@pytest.fixture
async def phone(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Phone]:
    vonage = Vonage()
    settings = {"BASE_URL": vonage.server.url, "API_KEY": Vonage.ACCOUNT, "API_SECRET": LOG_IN}
    settings |= {"SIGNATURE_SECRET": SECRET}
    for name, value in settings.items():
        monkeypatch.setenv(f"NOTIFIER_VONAGE_{name}", value)
    world.shop["sms_provider"] = "vonage"
    await world.knows()
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        yield Phone(client)
    await vonage.stop()


@pytest.mark.parametrize("words", ["STOP", "Stop. Thank you", "отпишите меня"])
async def test_a_stop_to_a_number_of_vonage_s_ends_texts_and_start_brings_them_back(
    world: World, phone: Phone, words: str
):
    assert await phone.writes(words) == 204
    assert not await world.texted()
    await phone.writes("START")
    assert await world.texted()


async def test_a_stop_that_vonage_delivers_again_does_not_undo_a_start(world: World, phone: Phone):
    await phone.writes("STOP", "in-first")
    await phone.writes("START")
    await phone.writes("STOP", "in-first")
    assert await world.texted()


async def test_what_vonage_has_not_signed_or_went_to_another_number_stops_nobody(world: World, phone: Phone):
    assert await phone.writes("STOP", secret="t" * 64) == 403
    assert await phone.writes("STOP", to="15005550999") == 204
    assert await world.texted()


async def test_what_may_mean_stop_is_listed_for_a_person(world: World, phone: Phone):
    await phone.writes("We have got to STOP this bill", "in-odd")
    assert await world.pool.fetchval("SELECT meaning FROM replies WHERE message_sid = 'in-odd'") == "unclear"
    assert await world.texted()
