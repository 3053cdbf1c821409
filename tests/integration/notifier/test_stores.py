"""What the cart service tells of stores counts here without a restart."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from services.notifier.db import stores
from services.notifier.jobs.retention import RetentionJob
from services.notifier.stores import StoreRegistry
from tests.integration.notifier.conftest import World, described, low_stock
from tests.integration.notifier.stand_ins import STORE


def closed() -> StoreClosed:
    return StoreClosed(event_id=uuid7(), occurred_at=utc_now(), store_id=STORE)


def renamed(name: str, version: int) -> StoreDescribed:
    return described(version).model_copy(update={"name": name})


@pytest.fixture
def registry(world: World) -> StoreRegistry:
    return StoreRegistry(world.pool, world.settings.rules)


async def test_a_store_is_known_as_soon_as_it_was_told_of_and_follows_what_is_told(
    world: World, registry: StoreRegistry
):
    await registry.refresh()
    assert STORE not in registry
    await world.receive(described(quiet_hours="22:00-08:00", email_provider="ses"))
    await registry.refresh()
    store = registry[STORE]
    assert (store.name, store.quiet_hours, store.email_provider) == ("Nordwind", "22:00-08:00", "ses")
    await world.receive(renamed("Südwind", 2))
    await registry.refresh()
    assert registry[STORE].name == "Südwind"
    assert (len(registry), list(registry)) == (1, [STORE])


async def test_its_own_hosts_are_heard_of_and_bound_where_messages_lead(world: World, registry: StoreRegistry):
    await world.receive(described())
    await registry.refresh()
    assert registry[STORE].link("https://elsewhere.example/mug") == "https://elsewhere.example/mug"
    await world.receive(described(2).model_copy(update={"hosts": ("shop.example",)}))
    await registry.refresh()
    assert registry[STORE].link("https://elsewhere.example/mug") is None
    assert registry[STORE].link("https://www.shop.example/mug") == "https://www.shop.example/mug"


async def test_what_was_told_before_does_not_come_back(world: World, registry: StoreRegistry):
    await world.receive(renamed("New", 3))
    await world.receive(renamed("Old", 2))
    await registry.refresh()
    assert registry[STORE].name == "New"


async def test_the_same_records_again_leave_the_newest_state(world: World, registry: StoreRegistry):
    story: list[Any] = [renamed("First", 1), closed(), renamed("Reopened", 3)]
    await world.receive(*story)
    for one in story:
        await world.receive(one)
    await registry.refresh()
    assert (registry[STORE].name, registry[STORE].closed) == ("Reopened", False)


async def test_a_closed_store_sends_nothing_but_is_not_forgotten(world: World, registry: StoreRegistry):
    world.registry = registry
    await world.receive(described())
    await registry.refresh()
    await world.knows()
    sent, stopped = await world.asks(), await world.asks(**low_stock(channel="email"))
    await world.pool.execute("UPDATE deliveries SET next_at = 'infinity' WHERE reminder_id = $1", stopped.reminder_id)
    await world.deliver()
    assert await world.ended(sent) == ("sent", None)
    await world.receive(closed())
    await registry.refresh()
    await world.pool.execute("UPDATE deliveries SET next_at = now() WHERE reminder_id = $1", stopped.reminder_id)
    await world.deliver()
    assert await world.ended(stopped) == ("cancelled", "store_closed")
    assert await RetentionJob(world.pool, registry, lambda: world.now + timedelta(days=500)).round() == 2


async def test_a_description_from_the_future_leaves_the_one_that_is_understood(world: World, registry: StoreRegistry):
    await world.receive(described())
    await registry.refresh()
    await world.receive(described(2, delivery="exactly_once"))
    await registry.refresh()
    assert registry[STORE].delivery == "at_most_once"
    await world.receive(renamed("Mended", 3))
    await registry.refresh()
    assert registry[STORE].name == "Mended"


async def test_a_description_of_another_shape_leaves_all_other_stores_alone(world: World, registry: StoreRegistry):
    await world.receive(described())
    await registry.refresh()
    await world.receive(renamed("Südwind", 2))
    await world.pool.execute("UPDATE stores SET description = '{\"messages\": [5]}'")
    await world.receive(described().model_copy(update={"store_id": "second"}))
    await registry.refresh()
    assert registry[STORE].name == "Nordwind"
    assert set(registry) == {STORE, "second"}


async def test_a_store_without_messages_has_no_voice(world: World, registry: StoreRegistry):
    await world.receive(described().model_copy(update={"messages": None}))
    await registry.refresh()
    assert [registry[STORE].silent(channel) for channel in ("email", "sms")] == ["no_sender"] * 2


async def test_what_a_slow_transaction_writes_is_not_missed(world: World, registry: StoreRegistry):
    async with world.pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await stores.keep(slow, described().model_copy(update={"store_id": "slow"}))
        await world.receive(described())
        await registry.refresh()
        assert list(registry) == [STORE]
        await transaction.commit()
    await registry.refresh()
    assert set(registry) == {STORE, "slow"}


async def test_what_a_restore_has_written_anew_is_read_once_more_and_then_left_alone(world: World):
    await world.receive(described(), described().model_copy(update={"store_id": "other"}))

    async def read(marks: dict[str, str]) -> dict[str, str]:
        async with world.pool.acquire() as connection:
            return {kept.store_id: kept.mark for kept in await stores.changed(connection, marks)}

    known = await read({})
    assert set(known) == {STORE, "other"}
    assert await read(known) == {}
    await world.pool.execute("CREATE TABLE dumped AS TABLE stores")
    await world.pool.execute("DELETE FROM stores")
    await world.pool.execute("INSERT INTO stores SELECT * FROM dumped")
    again = await read(known)
    assert set(again) == {STORE, "other"}
    assert await read(again) == {}
