"""What a customer has changed on their page, for whoever has the store's key."""

import httpx

from services.notifier.web.customers.preference_changes import PreferenceChanges
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE
from tests.integration.notifier.web.recipients.choosing import link, save
from tests.support.answers import as_documented


async def ask(web: httpx.AsyncClient, customer_id: str, key: str = SERVERS_KEY) -> httpx.Response:
    path = f"/v1/stores/{STORE}/customers/{customer_id}/preference-changes"
    return await web.get(path, headers={"Authorization": f"Bearer {key}"})


async def test_each_change_is_told_with_what_the_page_said_the_newest_first(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    await web.post(url, data={"do": "pause"})
    answer = await ask(web, "anna")
    assert as_documented(answer.content, PreferenceChanges)
    paused, saved = answer.json()["changes"]
    sent = await world.pool.fetchval("SELECT reminder_id::text FROM deliveries")
    assert paused["reminder_id"] == saved["reminder_id"] == sent
    assert "Pause everything for 30 days" in paused["wording"]
    assert "News and ideas" in saved["wording"]
    assert "mail.example" not in answer.text


async def test_of_who_changed_nothing_there_is_none_and_nobody_asks_without_the_key(
    world: World, web: httpx.AsyncClient
):
    await world.knows()
    assert (await ask(web, "anna")).json() == {"changes": []}
    for key in (KEY, "sk_other", ""):
        assert (await ask(web, "anna", key)).status_code == 401
