"""The other services are told what the stores are, once for each change, whoever made it."""

from typing import Any

import pytest

from libs.contracts.events import Event, StoreClosed, StoreDescribed
from libs.postgres.pool import Pool
from services.cart.jobs.describe_stores import StoreDescriptions
from tests.integration.cart.shop import Shop, done, settings
from tests.integration.cart.stores.making import NEW, ops, shop
from tests.integration.cart.stores.making import made as made_in

__all__ = ["shop"]
MESSAGES = {"email_from": "hello@new.test", "quiet_hours": "22:00-08:00", "templates": "new"}


async def describing(shop: Shop, replica: int = 0) -> StoreDescriptions:
    """The job of a relay's process that has just started."""
    job = StoreDescriptions(shop.pool, shop.callers[replica].stores, shop.clock, lambda: None)
    await job.open()
    return job


async def told(shop: Shop) -> list[Event]:
    """What was told of stores, oldest first; the topic is empty afterwards."""
    events: list[Event] = [one for one in await shop.events() if isinstance(one, StoreDescribed | StoreClosed)]
    await shop.pool.execute("DELETE FROM outbox")
    return events


async def test_every_store_is_described_once_however_often_and_wherever_it_is_looked_at(shop: Shop):
    first, second = await describing(shop), await describing(shop, replica=1)
    assert await first.round() == 2
    assert await first.round() == 0
    await second.round()
    events = await told(shop)
    assert [type(event) for event in events] == [StoreDescribed] * 2
    assert {event.store_id for event in events if isinstance(event, StoreDescribed)} == {"shop", "other"}
    assert await (await describing(shop)).round() == 0
    assert await told(shop) == []


async def test_a_store_made_by_the_api_is_told_of_with_its_voice_then_as_changed_then_as_closed(shop: Shop):
    job = await describing(shop)
    await job.round()
    await told(shop)
    await made_in(shop, messages=MESSAGES)
    await job.round()
    done(await ops(shop).ask("PUT", "", NEW | {"messages": MESSAGES | {"email_from": "shop@new.test"}}))
    await job.round()
    done(await ops(shop).ask("DELETE", ""), 204)
    await job.round()
    done(await ops(shop).ask("PUT", "", NEW | {"jwt_key": "k" * 32}), 201)
    await job.round()
    described, changed, closed, again = await told(shop)
    assert isinstance(described, StoreDescribed)
    assert isinstance(changed, StoreDescribed)
    assert isinstance(again, StoreDescribed)
    assert closed == StoreClosed(event_id=closed.event_id, occurred_at=closed.occurred_at, store_id="new")
    assert described.messages is not None
    assert changed.messages is not None
    assert (described.time_zone, described.messages.templates) == ("Europe/Warsaw", "new")
    assert (described.messages.email_from, changed.messages.email_from) == ("hello@new.test", "shop@new.test")
    assert (again.messages, again.store_version) == (None, 4)
    assert (described.store_version, changed.store_version) == (1, 2)


async def test_a_price_of_a_segment_is_told_as_it_is_said(shop: Shop):
    refused = await ops(shop).ask("PUT", "", NEW | {"messages": MESSAGES | {"segment_price": "-0.045"}})
    assert refused.status_code == 422
    await made_in(shop, messages=MESSAGES | {"segment_price": "0.045"})
    await (await describing(shop)).round()
    events = [event for event in await told(shop) if isinstance(event, StoreDescribed) and event.store_id == "new"]
    assert [event.messages.segment_price for event in events if event.messages] == ["0.045"]


async def test_what_others_need_not_know_is_nothing_to_tell(shop: Shop):
    await made_in(shop, messages=MESSAGES)
    job = await describing(shop)
    await job.round()
    await told(shop)
    done(await ops(shop).ask("PUT", "", NEW | {"messages": MESSAGES, "merge": "sum"}))
    assert await job.round() == 0


async def test_a_store_that_can_not_be_read_here_is_not_told_to_be_closed(shop: Shop):
    await made_in(shop)
    await (await describing(shop)).round()
    stores = shop.callers[1].stores
    job = await describing(shop, replica=1)
    stores.unusable.add("new")
    assert "new" not in stores.ids()
    assert await job.round() == 0
    stores.unusable.discard("new")
    assert await job.round() == 1


@pytest.mark.parametrize("changed", [{"name": "Other name"}, {"locale": "de"}, {"messages": MESSAGES}])
async def test_a_new_file_or_environment_is_told_at_the_start(pool: Pool, changed: dict[str, Any]):
    before = Shop.open(pool)
    await (await describing(before)).round()
    await told(before)
    stores = before.callers[0].stores
    stores.put("environment", dict(settings(changed).stores))
    assert await (await describing(before)).round() == 1
    (event,) = await told(before)
    assert isinstance(event, StoreDescribed)
    assert (event.store_id, event.store_version) == ("shop", 2)
    await before.close()
