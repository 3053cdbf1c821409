"""What a store keeps no longer goes, a little in each round, and nothing else does."""

from datetime import timedelta

import pytest

from services.cart.domain.erasure import OTHERS
from services.cart.jobs import retention as retention_module
from services.cart.jobs.retention import RetentionJob
from tests.integration.cart.handlers.test_erasure import answer, erase
from tests.integration.cart.shop import Shop, done, settings


def job(shop: Shop) -> RetentionJob:
    spans = {store_id: store.retention.spans() for store_id, store in settings().stores.items()}
    return RetentionJob(shop.pool, shop.clock, lambda: spans)


async def counts(shop: Shop) -> dict[str, int]:
    tables = ("orders", "order_events", "audit_log", "erasures", "erasure_places")
    return {name: await shop.pool.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


async def test_each_kind_goes_when_its_time_is_over_and_not_before(shop: Shop):
    server = shop.server()
    await server.order("o-1", customer_id="anna")
    done(await server.ask("POST", "/orders/o-1/events", {"type": "shipped"}), 201)
    finished, pending = await erase(server, "ben"), await erase(server, "clara")
    await answer(shop, finished, *OTHERS)
    before = await counts(shop)
    shop.clock.forward(timedelta(days=399))
    assert await job(shop).round() == 0
    assert await counts(shop) == before
    shop.clock.forward(timedelta(days=2))
    assert await job(shop).round() == 1
    assert await counts(shop) == before | {"orders": 0, "order_events": 0}
    shop.clock.forward(timedelta(days=330))
    assert await job(shop).round() == before["audit_log"] > 0
    shop.clock.forward(timedelta(days=365))
    assert await job(shop).round() == 1
    left = await shop.pool.fetch("SELECT erasure_id::text FROM erasures")
    assert [row["erasure_id"] for row in left] == [pending], "one that is not done is no receipt yet"


async def test_a_round_takes_a_batch_and_passes_over_what_somebody_holds(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(retention_module, "BATCH", 2)
    for number in range(4):
        await shop.server().order(f"o-{number}")
    shop.clock.forward(timedelta(days=401))
    async with shop.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM orders WHERE order_id = 'o-0' FOR UPDATE")
        assert [await job(shop).round() for _ in range(3)] == [2, 1, 0]
    assert await job(shop).round() == 1
