"""What no constraint holds any more is looked for day by day, and told of."""

from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from services.cart.db import row_checks
from services.cart.jobs import row_checks as job
from services.cart.jobs.row_checks import RowChecks
from tests.integration.cart.shop import Shop

WRONG = {
    "UPDATE carts SET attributes = '[]' WHERE cart_id = $1": "attributes",
    "UPDATE carts SET currency = 'eur' WHERE cart_id = $1": "currency",
    "UPDATE carts SET currency = NULL WHERE cart_id = $1": "currency_of_units",
    "UPDATE carts SET updated_at = created_at - interval '1 s' WHERE cart_id = $1": "times",
    "UPDATE carts SET customer_id = '' WHERE cart_id = $1": "customer",
    "UPDATE carts SET customer_id = NULL, guest_token_hash = 'short' WHERE cart_id = $1": "guest",
    "UPDATE carts SET lines = (SELECT jsonb_agg(n) FROM generate_series(1, 501) AS n) WHERE cart_id = $1": "lines",
    "UPDATE carts SET saved = '{}' WHERE cart_id = $1": "saved",
    "UPDATE carts SET saved = (SELECT jsonb_agg(n) FROM generate_series(1, 501) AS n) WHERE cart_id = $1": "saved",
    "UPDATE carts SET recovery_epoch = -1 WHERE cart_id = $1": "epochs",
    "UPDATE carts SET share_epoch = -1 WHERE cart_id = $1": "epochs",
    "UPDATE carts SET store_id = '' WHERE cart_id = $1": "store",
    "UPDATE carts SET version = 0 WHERE cart_id = $1": "version",
}


def told(table: str, rule: str) -> float | None:
    return REGISTRY.get_sample_value("evercart_cart_wrong_rows", {"table": table, "rule": rule})


@pytest.mark.parametrize(("statement", "rule"), WRONG.items())
async def test_a_cart_that_breaks_a_rule_is_found(shop: Shop, statement: str, rule: str):
    await shop.customer("ben").add()
    cart_id = UUID((await shop.customer().add())["id"])
    async with shop.pool.acquire() as connection, connection.transaction():
        await connection.execute(statement, cart_id)
        assert await row_checks.carts(connection, UUID(int=0), None) == [(rule, 1, str(cart_id))]
        await connection.execute("DELETE FROM carts WHERE cart_id = $1", cart_id)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE idempotency_keys SET fingerprint = 'short'", "fingerprint"),
        ("UPDATE idempotency_keys SET answer = 'a cart'", "kept"),
    ],
)
async def test_an_answer_that_breaks_a_rule_is_found(shop: Shop, statement: str, rule: str):
    await shop.customer().add(Idempotency_Key="k")
    await shop.pool.execute(statement)
    async with shop.pool.acquire() as connection:
        assert await row_checks.keys(connection) == [(rule, 1, "shop")]
        await connection.execute("DELETE FROM idempotency_keys")


async def test_all_are_looked_at_once_a_day_in_pages_and_told(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(job, "PAGE", 2)
    monkeypatch.setattr(job, "PAGES_A_ROUND", 1)
    for number in range(5):
        await shop.customer(f"c-{number}").add()
    await shop.pool.execute("UPDATE carts SET version = 0 WHERE customer_id IN ('c-0', 'c-4')")
    checks = RowChecks(shop.pool, shop.clock)
    assert [await checks.round() for _ in range(5)] == [1, 0, 1, 0, 0], "then it rests"
    assert told("carts", "version") == 2
    await shop.pool.execute("UPDATE carts SET version = 1")
    shop.clock.forward(timedelta(hours=23))
    assert await checks.round() == 0
    assert told("carts", "version") == 2
    shop.clock.forward(timedelta(hours=2))
    for _ in range(3):
        await checks.round()
    assert told("carts", "version") == 0
    assert await RowChecks(shop.pool, shop.clock).round() == 0


async def test_what_the_database_itself_holds_stays_impossible(shop: Shop):
    found = await shop.pool.fetch("""
        SELECT conname FROM pg_constraint WHERE conrelid = 'carts'::regclass AND contype = 'c' ORDER BY conname
    """)
    assert [row["conname"] for row in found] == [
        "carts_check",  # a customer's or a guest's
        "carts_check1",  # units and lines
        "carts_check3",  # merged, into which
        "carts_check4",  # ordered, by which
        "carts_status_check",
        "carts_total_check",
        "carts_units_check",
    ]
