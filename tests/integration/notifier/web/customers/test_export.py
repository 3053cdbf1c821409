"""What is held on a customer, for whoever has the store's key."""

import httpx

from libs.runtime.clock import utc_now
from services.notifier.db import replies, suppressions
from services.notifier.main import web
from services.notifier.web.customers.export_schemas import Export
from tests.integration.notifier.conftest import World, profile
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE
from tests.support.answers import as_documented


async def ask(world: World, customer_id: str, key: str = SERVERS_KEY, store: str = STORE) -> httpx.Response:
    app = web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://notifier.test") as client:
        path = f"/v1/stores/{store}/customers/{customer_id}/export"
        return await client.get(path, headers={"Authorization": f"Bearer {key}"})


async def test_an_export_holds_contact_messages_closed_channels_and_replies(world: World):
    await world.receive(profile(), profile("ben", phone="+4915187654321"))
    await world.asks()
    await world.deliver()
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
        await replies.note(connection, "SM1", STORE, "help", "+4915112345678")
    answer = await ask(world, "anna")
    found = answer.json()
    assert found["contacts"][0]["email"] == "anna@mail.example"
    assert [one["state"] for one in found["messages"]] == ["sent"]
    assert sorted((one["of"], one["reason"]) for one in found["suppressions"]) == [
        ("address", "unsubscribed"),
        ("customer", "unsubscribed"),
    ]
    assert [one["meaning"] for one in found["replies"]] == ["help"]
    assert "ben" not in answer.text
    assert as_documented(answer.content, Export)


async def test_nobody_asks_without_the_key_of_this_store(world: World):
    for key, store in (("sk_other", STORE), (SERVERS_KEY, "other"), (KEY, STORE), ("", STORE), ("", "other")):
        assert (await ask(world, "anna", key, store)).status_code == 401
