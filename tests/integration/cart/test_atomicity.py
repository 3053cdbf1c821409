"""A change, its event and its answer commit together or not at all; and hot paths find their rows by index."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from libs.postgres.pool import Pool
from services.cart.store import answers, carts, looking, swap
from tests.integration.cart.shop import LINE, Shop, done, held, refused


async def test_without_its_event_a_change_is_not_made(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    await shop.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    for replica in (0, 1):
        answer = await shop.elsewhere(anna, replica).ask("POST", "/cart/lines", LINE, Idempotency_Key="k-1")
        refused(answer, 500, "internal-error")
    refused(
        await shop.server().ask("POST", "/orders", {"order_id": "o-1", "customer_id": "anna"}), 500, "internal-error"
    )
    refused(await shop.customer("ben").ask("POST", "/cart/lines", LINE), 500, "internal-error")
    assert (await anna.cart())["version"] == 1
    assert [await shop.count(table) for table in ("carts", "outbox", "keys", "orders")] == [1, 1, 0, 0]
    await shop.pool.execute("ALTER TABLE outbox DROP CONSTRAINT full_disk")
    answer = await anna.ask("POST", "/cart/lines", LINE, Idempotency_Key="k-1")
    assert held(done(answer)) == {"tea": 2}


async def test_what_goes_wrong_is_logged_without_what_was_in_the_request(shop: Shop, caplog: pytest.LogCaptureFixture):
    await shop.pool.execute("ALTER TABLE profiles ADD CONSTRAINT none CHECK (false) NOT VALID")
    body = {"email": "anna@shop.test", "name": "Anna Karenina"}
    answer = await shop.server().ask("PUT", "/customers/anna/profile", body)
    refused(answer, 500, "internal-error")
    for text in (answer.text, caplog.text):
        assert "anna@" not in text
        assert "Karenina" not in text


async def test_an_event_is_there_the_moment_that_the_change_is_answered(shop: Shop):
    anna = shop.customer()
    for number in range(1, 4):
        await anna.add()
        assert await shop.count("outbox") == number
        assert len(shop.touched) == number


async def test_a_swap_of_another_version_writes_nothing(shop: Shop):
    anna = shop.customer()
    cart = await anna.add()
    await shop.customer(replica=1).add("milk")
    row = await shop.pool.fetchrow(swap.SWAP, *_swap_arguments(UUID(cart["id"]), version=2, key="k-1"))
    assert row is not None
    assert (row["free"], row["saved"]) == (True, False)
    assert await shop.count("outbox") == 2
    assert await shop.count("keys") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE carts SET customer_id = NULL",
        "UPDATE carts SET guest_token_hash = decode(repeat('00', 32), 'hex')",
        "UPDATE carts SET units = 0",
        "UPDATE carts SET lines = '{}'",
        "UPDATE carts SET status = 'merged'",
        "UPDATE carts SET status = 'ordered'",
        "UPDATE carts SET status = 'lost'",
        "UPDATE carts SET currency = NULL",
        "UPDATE carts SET version = 0",
        "UPDATE carts SET total = -1",
    ],
)
async def test_bad_rows_are_impossible(shop: Shop, wrong: str):
    await shop.customer().add()
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InvalidParameterValueError)):
        await shop.pool.execute(wrong)


async def test_a_second_active_cart_of_a_customer_is_impossible(shop: Shop):
    await shop.customer("anna").add()
    await shop.customer("ben").add()
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.pool.execute("UPDATE carts SET customer_id = 'ben'")


def _swap_arguments(cart_id: UUID, version: int, key: str | None = None) -> tuple[Any, ...]:
    return (
        None,
        "shop",
        "c:customer-7",
        key,
        b"f" * 32,
        '"1"',
        b"{}",
        "cart.events",
        "k",
        b"{}",
        "{}",
        cart_id,
        version,
        "EUR",
        1,
        500,
        json.dumps([LINE]),
        datetime.now(UTC),
        "[]",
        "{}",
        "customer-7",
    )


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
    await pool.execute(
        "INSERT INTO prices SELECT 'shop', 'sku-' || n, 'EUR', 1, 1, now() FROM generate_series(1, 20000) AS n"
    )
    await pool.execute("""
        INSERT INTO notice_acks SELECT cart_id, 'phone', gen_random_uuid(), now() FROM carts
    """)
    await pool.execute("""
        INSERT INTO merges (merge_id, cart_id, receipt, undoing, undo_until)
        SELECT gen_random_uuid(), cart_id, '{}', '{}', now() FROM carts
    """)
    await pool.execute("VACUUM ANALYZE")
    return pool


def _nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for child in plan.get("Plans", []) for node in _nodes(child))]


HOT: list[tuple[str, tuple[Any, ...], set[str]]] = [
    (carts.READ_OF_CUSTOMER, ("shop", "customer-7"), {"carts_active_customer", "identities_pkey"}),
    (carts.READ_OF_GUEST, ("shop", b"h" * 32), {"carts_active_guest"}),
    (carts.LOCK_OF_CUSTOMER, ("shop", "customer-7"), {"carts_active_customer"}),
    (carts.READ_PAGE_OF_CUSTOMER, ("shop", "customer-7", 50), {"carts_of_customer"}),
    (carts.LOCK_BROUGHT, ("shop", "customer-7", b"h" * 32, [uuid4()]), {"carts_active_customer", "carts_active_guest"}),
    (carts.LAST_LOOK, ("shop", uuid4()), {"carts_pkey", "inventory_pkey"}),
    (
        looking.LOOK_OF_CUSTOMER,
        ("shop", "customer-7", "phone"),
        {"carts_active_customer", "inventory_pkey", "prices_pkey", "notice_acks_pkey", "merges_of_cart"},
    ),
    (looking.LOOK_OF_GUEST, ("shop", b"h" * 32, "phone"), {"carts_active_guest", "inventory_pkey", "prices_pkey"}),
    (
        looking.GLANCE_OF_CUSTOMER,
        ("shop", "customer-7"),
        {"carts_active_customer", "identities_pkey", "inventory_pkey", "prices_pkey", "merges_of_cart"},
    ),
    (looking.GLANCE_OF_CUSTOMER, ("other", "customer-7"), {"inventory_pkey", "prices_pkey"}),
    (looking.GLANCE_OF_GUEST, ("shop", b"h" * 32), {"carts_active_guest", "inventory_pkey", "prices_pkey"}),
    (answers.READ, ("shop", "c:customer-7", "k"), {"idempotency_keys_pkey"}),
    (swap.SWAP, _swap_arguments(uuid4(), 2, "k"), {"carts_pkey", "idempotency_keys_pkey", "identities_pkey"}),
]


@pytest.mark.parametrize("generic", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("query", "arguments", "indexes"),
    HOT,
    ids=[
        "read customer",
        "read guest",
        "lock",
        "page",
        "brought",
        "last look",
        "look",
        "guest looks",
        "glance",
        "glance in another store",
        "guest glances",
        "answer",
        "swap",
    ],
)
async def test_hot_paths_find_their_rows_by_index(
    full: Pool, query: str, arguments: tuple[Any, ...], indexes: set[str], generic: str
):
    async with full.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('plan_cache_mode', $1, true)", generic)
        text = await connection.fetchval("EXPLAIN (FORMAT JSON) " + query, *arguments)
    nodes = _nodes(json.loads(text)[0]["Plan"])
    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert not scanned, text
    assert indexes <= {node["Index Name"] for node in nodes if "Index Name" in node}, text


async def test_changes_of_lines_touch_no_index(full: Pool):
    cart_id = await full.fetchval("SELECT cart_id FROM carts WHERE customer_id = 'customer-7' AND status = 'active'")
    async with full.acquire() as connection:
        for version in range(2, 30):
            row = await connection.fetchrow(swap.SWAP, *_swap_arguments(cart_id, version))
            assert row is not None
            assert row["saved"]
        await connection.execute("SELECT pg_stat_force_next_flush()")
        seen = await connection.fetchrow(
            "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'carts'"
        )
    assert seen is not None
    assert seen["n_tup_hot_upd"] >= seen["n_tup_upd"] - 2
