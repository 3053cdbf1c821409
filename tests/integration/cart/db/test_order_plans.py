"""What orders ask of the database finds its rows by index, however many orders there are."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.postgres.pool import Pool
from services.cart.db import merges
from services.cart.db.orders import order_carts, order_events, orders

CARTS = """
INSERT INTO carts (cart_id, store_id, customer_id, status, version, currency, units, total, lines, order_id, created_at,
    updated_at)
SELECT gen_random_uuid(), 'shop', 'customer-' || n, 'ordered', 1, 'EUR', 1, 500, '[{"sku": "tea"}]', 'o-' || n, now(),
    now()
FROM generate_series(1, 20000) AS n
"""
ORDERS = """
INSERT INTO orders (store_id, order_id, fingerprint, customer_id, closed_carts, placed_at, awaited)
SELECT 'shop', order_id, sha256('x'), customer_id, ARRAY[cart_id], now(),
    CASE WHEN right(order_id, 1) = '0' THEN '{"tea": 1}'::jsonb ELSE '{}' END FROM carts
"""
MERGES = """
INSERT INTO merges (merge_id, cart_id, guest_token_hash, receipt, undoing, undo_until)
SELECT gen_random_uuid(), cart_id, sha256(cart_id::text::bytea), '{}', '{}', now() FROM carts
"""
EVENTS = """
INSERT INTO order_events (store_id, order_id, type, occurred_at, sequence, units, received_at, told_at)
SELECT 'shop', order_id, 'shipped', now(), 0, '{}', now(), CASE WHEN right(order_id, 2) = '00' THEN NULL ELSE now() END
FROM orders
"""
NAMES = "INSERT INTO identities SELECT 'shop', 'card-' || n, 'c-' || n, now() FROM generate_series(1, 20000) AS n"
PROFILES = """
INSERT INTO profiles (store_id, customer_id, version, email, phone, locale, email_consent, sms_consent, updated_at,
    handles)
SELECT 'shop', 'customer-' || n, n, n || '@Shop.test', '+1202' || 5550000 + n, 'en', true, true, now(),
    jsonb_build_object('telegram', jsonb_build_object('handle', '47110' || n, 'consent', true, 'consent_at', now()))
FROM generate_series(1, 20000) AS n
"""
ASKED: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "order": (orders.LOCK, ("shop", "o-7"), "orders_pkey"),
    "awaiting": (orders.LOCK_AWAITING, ("shop", "customer-10", datetime(2026, 1, 1, tzinfo=UTC)), "orders_awaiting"),
    "of a cart": (orders.LOCK_OF_CART, ("shop", uuid4(), "customer-7", None), "carts_pkey"),
    "history": (order_events.READ, ("shop", "o-7"), "order_events_pkey"),
    "forgetting": (order_events.FORGET, (datetime(2026, 1, 1, tzinfo=UTC), 500), "order_events_waiting"),
    "same e-mail": (order_carts.SHARING_CONTACT, ("shop", ["customer-7"], 500), "profiles_email"),
    "same phone": (order_carts.SHARING_CONTACT, ("shop", ["customer-7"], 500), "profiles_phone"),
    "same chat": (order_carts.SHARING_CONTACT, ("shop", ["customer-7"], 500), "profiles_handles"),
    "of a guest": (merges.OF_GUEST, (UUID(int=7).bytes * 2,), "merges_of_guest"),
}


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from walk(child)


@pytest.mark.parametrize("asked", ASKED)
async def test_an_order_finds_its_rows_by_index(pool: Pool, asked: str):
    for statement in (CARTS, ORDERS, MERGES, EVENTS, NAMES, PROFILES):
        await pool.execute(statement)
    await pool.execute("VACUUM ANALYZE")
    query, arguments, index = ASKED[asked]
    plan = json.loads(await pool.fetchval("EXPLAIN (FORMAT JSON) " + query, *arguments))[0]["Plan"]
    nodes = list(walk(plan))
    assert index in {node.get("Index Name") for node in nodes}
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
