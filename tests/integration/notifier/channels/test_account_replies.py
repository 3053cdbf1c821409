"""STOP to the number, or the bot, of a store's own account, and of no other store.

Story: a store had its texts go by an account of its own, and only the first account's replies were read.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.channels.sms.twilio_signatures import signature
from services.notifier.web.providers.callbacks import ProviderCallbacks
from tests.integration.notifier.conftest import World, low_stock
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE

URL = "https://n.nordwind.example/twilio_nordwind/inbound"
TOKEN = "an-account-s-own-token"
NUMBER, OURS = "+4915112345678", "+15005550006"


@pytest.fixture
async def web(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setenv("NOTIFIER_TWILIO_NORDWIND_ACCOUNT_SID", "AC" + "9" * 32)
    monkeypatch.setenv("NOTIFIER_TWILIO_NORDWIND_AUTH_TOKEN", TOKEN)
    await world.knows()
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        yield client


async def writes(web: httpx.AsyncClient, body: str, token: str = TOKEN, url: str = URL) -> int:
    form = {"From": NUMBER, "To": OURS, "Body": body, "MessageSid": f"SM{len(body):032x}"}
    return (await web.post(url, data=form, headers={"X-Twilio-Signature": signature(url, form, token)})).status_code


async def closed(world: World) -> bool:
    """Whether texts to the number are stopped; whoever carries them."""
    return bool(await world.pool.fetchval("SELECT count(*) FROM suppressions WHERE channel = 'sms'"))


async def test_a_stop_to_a_further_account_is_heard_of_the_stores_that_name_it_alone(
    world: World, web: httpx.AsyncClient
):
    assert await writes(web, "STOP") == 404, "no store names it"
    world.shop["sms_fail_over"] = ["twilio_nordwind"]
    assert world.stores  # the process has heard of it
    assert await writes(web, "STOP", "the first account's token") == 403
    assert not await closed(world)
    assert await writes(web, "STOP") == 200
    assert await closed(world)
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")
    assert await writes(web, "START") == 200
    assert not await closed(world)


@pytest.mark.parametrize("name", ["owl_nordwind", "twilio_", "twilio_x", "vonage_nordwind", "smtp_nordwind", "demo"])
async def test_whatever_else_is_called_so_is_no_address(world: World, web: httpx.AsyncClient, name: str):
    world.shop["sms_fail_over"] = ["twilio_nordwind"]
    assert world.stores
    assert await writes(web, "STOP", url=f"https://n.nordwind.example/{name}/inbound") == 404
    assert not await closed(world)


async def test_the_address_is_told_with_the_others(world: World, web: httpx.AsyncClient):
    world.shop |= {"sms_provider": "twilio_nordwind", "email_from": None}
    assert world.stores
    url = f"https://n.nordwind.example/v1/stores/{STORE}/callbacks"
    answer = await web.get(url, headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    found = ProviderCallbacks.model_validate_json(answer.content).callbacks
    assert [(one.what, one.url, one.ready) for one in found if one.what == "replies"] == [("replies", URL, True)]
