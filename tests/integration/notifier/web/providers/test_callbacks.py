"""The addresses at which a store's providers call back, and when they last did."""

from typing import Any

import httpx

from services.notifier.web.providers.callbacks import ProviderCallbacks
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented

BASE = "https://n.nordwind.example"


async def told(web: httpx.AsyncClient, store: str = STORE) -> list[dict[str, Any]]:
    answer = await web.get(f"/v1/stores/{store}/callbacks", headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, ProviderCallbacks)
    found: list[dict[str, Any]] = answer.json()["callbacks"]
    return found


async def test_each_address_is_told_with_whether_it_is_set_and_when_something_came(
    world: World, web: httpx.AsyncClient
):
    world.shop |= {"email_provider": "postmark", "email_fail_over": ["smtp"]}
    assert world.stores
    before = await told(web)
    assert [(one["provider"], one["what"], one["url"], one["ready"], one["heard_at"]) for one in before] == [
        ("postmark", "events", f"{BASE}/postmark/events", False, None),
        ("twilio", "events", f"{BASE}/twilio/events", True, None),
        ("twilio", "replies", f"{BASE}/twilio/inbound", True, None),
    ], "a relay by SMTP calls nobody"
    await world.pool.execute(
        "INSERT INTO provider_events VALUES ('postmark', '1', now() - interval '3 hours'),"
        " ('postmark', '2', now() - interval '2 hours'), ('twilio', '1', now()), ('ses', '1', now())"
    )
    await world.pool.execute(
        "INSERT INTO replies (message_sid, store_id, meaning) VALUES ('SM1', $1, 'stop'), ('SM2', 'other', 'stop')",
        STORE,
    )
    postmark, twilio, replies = [one["heard_at"] for one in await told(web)]
    assert postmark < twilio
    assert replies is not None
    assert await world.pool.fetchval("SELECT max(received_at) FROM provider_events WHERE provider = 'postmark'") == (
        await world.pool.fetchval("SELECT $1::text::timestamptz", postmark)
    )


async def test_a_channel_without_a_sender_and_a_store_that_nobody_knows_have_none(world: World, web: httpx.AsyncClient):
    world.shop["sms_from"] = None
    assert world.stores, "described anew"
    assert await told(web) == []
    world.stores.pop(STORE)  # type: ignore[attr-defined]
    assert await told(web) == []


async def test_it_takes_a_key_of_the_store(web: httpx.AsyncClient):
    for key in ("", "sk_nobody"):
        answer = await web.get(f"/v1/stores/{STORE}/callbacks", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == 401
