"""The hot queries keep finding their rows by index, and a change of lines writes to none."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from libs.postgres.pool import Pool
from services.cart.db import (
    cart_batches,
    cart_pages,
    cart_views,
    carts,
    expired_carts,
    idempotency_keys,
    identities,
    links,
    merges,
    prices,
    reservations,
    save_cart,
    save_carts,
    stream_states,
)
from services.cart.db.orders import orders
from tests.integration.cart.swapping import swap_arguments


@pytest.fixture
async def full(pool: Pool) -> Pool:
    """Enough rows for the planner to take the tables seriously."""
    await pool.execute("""
        INSERT INTO carts (cart_id, store_id, customer_id, guest_token_hash, status, version, currency, units, total,
            lines, order_id, created_at, updated_at)
        SELECT gen_random_uuid(), 'shop', CASE WHEN n % 2 = 0 THEN 'customer-' || n / 8 END,
            CASE WHEN n % 2 = 1 THEN sha256(n::text::bytea) END, CASE WHEN n % 8 < 2 THEN 'active' ELSE 'ordered' END,
            1, 'EUR', 1, 500, '[{"sku": "tea"}]', CASE WHEN n % 8 < 2 THEN NULL ELSE 'o' END, now(), now()
        FROM generate_series(1, 20000) AS n
    """)
    await pool.execute("""
        INSERT INTO idempotency_keys (store_id, caller, key, fingerprint, status, answer, expires_at)
        SELECT 'shop', 'c:customer-' || n, 'k', sha256('x'), 200, '{}', now() + interval '1 day'
        FROM generate_series(1, 20000) AS n
    """)
    await pool.execute(
        "INSERT INTO inventory SELECT 'shop', 'sku-' || n, 1, 1, now() FROM generate_series(1, 20000) AS n"
    )
    await pool.execute(
        """INSERT INTO identities SELECT 'shop', 'card-' || n, 'customer-' || n, now()
        FROM generate_series(1, 20000) AS n"""
    )
    await pool.execute("""
        INSERT INTO profiles (store_id, customer_id, version, locale, email_consent, sms_consent, updated_at)
        SELECT 'shop', 'customer-' || n, n, 'en', true, true, now() FROM generate_series(1, 20000) AS n
    """)
    await pool.execute(
        "INSERT INTO prices SELECT 'shop', 'sku-' || n, 'EUR', 1, 1, now() FROM generate_series(1, 20000) AS n"
    )
    await pool.execute("""
        INSERT INTO option_prices (store_id, sku, currency, options, price, version, updated_at)
        SELECT 'shop', 'sku-' || n, 'EUR', '{"size": "M"}', 1, 1, now() FROM generate_series(1, 20000) AS n
    """)
    await pool.execute("""
        INSERT INTO reservations (store_id, sku, cart_id, units, expires_at)
        SELECT 'shop', 'sku-' || row_number() OVER (), cart_id, 1, now() + interval '9 minutes' FROM carts
    """)
    await pool.execute("""
        INSERT INTO notice_acks SELECT cart_id, 'phone', gen_random_uuid(), now() FROM carts
    """)
    await pool.execute("""
        INSERT INTO merges (merge_id, cart_id, receipt, undoing, undo_until)
        SELECT gen_random_uuid(), cart_id, '{}', '{}', now() FROM carts
    """)
    await pool.execute("""
        INSERT INTO orders (store_id, order_id, fingerprint, closed_carts, placed_at)
        SELECT 'shop', 'o-' || n, sha256('x'), '{}', now() FROM generate_series(1, 20000) AS n
    """)
    await pool.execute("VACUUM ANALYZE")
    return pool


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


HOT: dict[str, tuple[str, tuple[Any, ...], set[str]]] = {
    "read customer": (carts.READ_OF_CUSTOMER, ("shop", "customer-7"), {"carts_active_customer", "identities_pkey"}),
    "read guest": (carts.READ_OF_GUEST, ("shop", b"h" * 32), {"carts_active_guest"}),
    "lock": (carts.LOCK_OF_CUSTOMER, ("shop", "customer-7"), {"carts_active_customer"}),
    "page": (cart_pages.PAGE, ("shop", "customer-7", uuid4(), 50), {"carts_of_customer"}),
    "brought": (
        carts.LOCK_ACTIVE,
        ("shop", "customer-7", b"h" * 32, [uuid4()]),
        {"carts_active_customer", "carts_active_guest"},
    ),
    "last look": (cart_views.LAST_LOOKS, ("shop", [uuid4()]), {"carts_pkey", "inventory_pkey", "reservations_pkey"}),
    "last looks": (
        cart_views.LAST_LOOKS,
        ("shop", [uuid4() for _ in range(100)]),
        {"carts_pkey", "inventory_pkey", "reservations_pkey"},
    ),
    "read_with_notices": (
        cart_views.READ_WITH_NOTICES_OF_CUSTOMER,
        ("shop", "customer-7", "phone"),
        {
            "carts_active_customer",
            "inventory_pkey",
            "prices_pkey",
            "option_prices_pkey",
            "notice_acks_pkey",
            "merges_of_cart",
        }
        | {"reservations_pkey"},
    ),
    "guest looks": (
        cart_views.READ_WITH_NOTICES_OF_GUEST,
        ("shop", b"h" * 32, "phone"),
        {"carts_active_guest", "inventory_pkey", "prices_pkey", "option_prices_pkey", "reservations_pkey"},
    ),
    "read": (
        cart_views.READ_OF_CUSTOMER,
        ("shop", "customer-7"),
        {
            "carts_active_customer",
            "identities_pkey",
            "inventory_pkey",
            "prices_pkey",
            "option_prices_pkey",
            "merges_of_cart",
        },
    ),
    "read in another store": (
        cart_views.READ_OF_CUSTOMER,
        ("other", "customer-7"),
        {"inventory_pkey", "prices_pkey", "option_prices_pkey"},
    ),
    "many read": (
        cart_batches.READ_OF_CUSTOMERS,
        (["shop"] * 64, [f"customer-{n}" for n in range(64)]),
        {
            "carts_active_customer",
            "identities_pkey",
            "inventory_pkey",
            "prices_pkey",
            "option_prices_pkey",
            "merges_of_cart",
        },
    ),
    "many guests read": (
        cart_batches.READ_OF_GUESTS,
        (["shop"] * 64, [b"h" * 32] * 64),
        {"carts_active_guest", "inventory_pkey", "prices_pkey", "option_prices_pkey"},
    ),
    "many look": (
        cart_batches.LOOK_OF_CUSTOMERS,
        (["shop"] * 64, [f"customer-{n}" for n in range(64)], ["phone"] * 64),
        {
            "carts_active_customer",
            "identities_pkey",
            "inventory_pkey",
            "prices_pkey",
            "option_prices_pkey",
            "notice_acks_pkey",
            "merges_of_cart",
            "reservations_pkey",
        },
    ),
    "many guests look": (
        cart_batches.LOOK_OF_GUESTS,
        (["shop"] * 64, [b"h" * 32] * 64, ["phone"] * 64),
        {"carts_active_guest", "inventory_pkey", "prices_pkey", "option_prices_pkey", "reservations_pkey"},
    ),
    "guest glances": (
        cart_views.READ_OF_GUEST,
        ("shop", b"h" * 32),
        {"carts_active_guest", "inventory_pkey", "prices_pkey", "option_prices_pkey"},
    ),
    "streams' states": (
        stream_states.STATES,
        (["shop", "shop"], ["customer-7", None], [None, b"h" * 32]),
        {
            "carts_active_customer",
            "carts_active_guest",
            "identities_pkey",
            "inventory_pkey",
            "prices_pkey",
            "option_prices_pkey",
            "reservations_pkey",
        },
    ),
    "told price": (prices.TOLD, ("shop", "sku-7", "EUR", "{}"), {"prices_pkey", "option_prices_pkey"}),
    "told prices": (
        prices.TOLD_OF_LINES,
        ("shop", "EUR", [uuid4()], ["sku-7"], ["{}"]),
        {"prices_pkey", "option_prices_pkey"},
    ),
    "told prices of many": (
        prices.TOLD_OF_MANY,
        (["shop"] * 64, [f"sku-{n}" for n in range(64)], ["EUR"] * 64, ["{}"] * 64),
        {"prices_pkey", "option_prices_pkey"},
    ),
    "page of active carts": (expired_carts.PAGE, ("shop", uuid4(), 100), {"carts_active"}),
    "forgotten carts": (expired_carts.LOCK, ([uuid4()],), {"carts_pkey"}),
    "carts closed long ago": (expired_carts.REMOVE, ("shop", UUID(int=2**118), datetime.now(UTC), 100), {"carts_pkey"}),
    "name": (identities.RESOLVE, ("shop", "card-7"), {"identities_pkey"}),
    "receipts of a customer": (
        merges.READ_OF_CUSTOMER,
        ("shop", "customer-7", uuid4(), 10),
        {"carts_of_customer", "merges_of_cart"},
    ),
    "receipts": (merges.READ_OF_CART, (uuid4(), uuid4(), 10), {"merges_of_cart"}),
    "order": (orders.READ, ("shop", "o-7"), {"orders_pkey"}),
    "shared cart": (links.READ_BY_ID, (uuid4(),), {"carts_pkey"}),
    "levels": (reservations.FREE, ("shop", ["sku-7"], [uuid4()]), {"inventory_pkey", "reservations_pkey"}),
    "answers to forget": (idempotency_keys.PURGE, (100,), {"idempotency_keys_expiry"}),
    "answer": (idempotency_keys.READ, ("shop", "c:customer-7", "k"), {"idempotency_keys_pkey"}),
    "swap": (
        save_cart.SWAP,
        swap_arguments(uuid4(), 2, "k"),
        {"carts_pkey", "idempotency_keys_pkey", "identities_pkey"},
    ),
    "many swap": (
        save_carts.SWAP,
        tuple([one] * 64 for one in swap_arguments(uuid4(), 2, "k")),
        {"carts_pkey", "idempotency_keys_pkey", "identities_pkey"},
    ),
    "many create": (
        save_carts.CREATE,
        tuple([one] * 64 for one in (*swap_arguments(uuid4(), 1, "k")[:-2], None, datetime.now(UTC))),
        {"carts_active_customer", "carts_active_guest", "idempotency_keys_pkey", "identities_pkey"},
    ),
    "create": (
        save_cart.CREATE,
        (*swap_arguments(uuid4(), 1, "k")[:-2], None, datetime.now(UTC)),
        {"idempotency_keys_pkey", "identities_pkey"},
    ),
}


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_hot_paths_find_their_rows_by_index(full: Pool, mode: str):
    async with full.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('plan_cache_mode', $1, true)", mode)
        for name, (query, arguments, indexes) in HOT.items():
            text = await connection.fetchval("EXPLAIN (FORMAT JSON) " + query, *arguments)
            nodes = _nodes(json.loads(text)[0]["Plan"])
            scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
            assert not scanned, f"{name}: {text}"
            assert indexes <= {node["Index Name"] for node in nodes if "Index Name" in node}, f"{name}: {text}"


async def test_changes_of_lines_touch_no_index(full: Pool):
    cart_id = await full.fetchval("SELECT cart_id FROM carts WHERE customer_id = 'customer-7' AND status = 'active'")
    async with full.acquire() as connection:
        for version in range(2, 30):
            row = await connection.fetchrow(save_cart.SWAP, *swap_arguments(cart_id, version))
            assert row is not None
            assert row["saved"]
        await connection.execute("SELECT pg_stat_force_next_flush()")
        seen = await connection.fetchrow(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'carts'"
        )
    assert seen is not None
    assert seen["n_tup_hot_upd"] >= seen["n_tup_upd"] - 2
