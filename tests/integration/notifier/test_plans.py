"""The hot queries keep to their indexes, however much history there is."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifier.db import deliveries, profiles_read, recipient_state
from tests.integration.notifier.conftest import World

HISTORY = """
INSERT INTO deliveries (reminder_id, store_id, customer_id, campaign, kind, step, channel, template, cart_id,
                        cart_version, due_at, expires_at, state, finished_at, sending_at, next_at)
SELECT gen_random_uuid(), 'demo', 'c' || n % 5000, 'a', 'abandoned_cart', 1, 'email', 't', gen_random_uuid(), 1, now(),
       now(), CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'sent' END, CASE WHEN n % 100 = 0 THEN NULL ELSE now() END,
       CASE WHEN n % 100 = 0 THEN NULL ELSE now() END, now() - interval '1 second' * n
FROM generate_series(1, 40000) AS n
"""


CONTACTS = """
INSERT INTO contacts (store_id, customer_id, version, email, phone, locale, email_consent, sms_consent, handles)
SELECT 'demo', 'c' || n, n, 'c' || n / 3 || '@mail.example', '+49151' || 1000000 + n / 3, 'en', true, true,
       jsonb_build_object('telegram', jsonb_build_object('handle', (4711 + n / 3)::text, 'consent', true))
FROM generate_series(1, 20000) AS n
"""
SUPPRESSIONS = """
INSERT INTO suppressions (store_id, channel, subject, reason)
SELECT 'demo', CASE n % 2 WHEN 0 THEN 'email' ELSE 'sms' END, 'customer:c' || n, 'unsubscribed'
FROM generate_series(1, 20000) AS n
"""
BACKLOG = """
INSERT INTO deliveries (reminder_id, store_id, customer_id, campaign, kind, step, channel, template, cart_id,
                        cart_version, due_at, expires_at)
SELECT gen_random_uuid(), 'another', 'c' || n, 'a', 'abandoned_cart', 1, 'email', 't', gen_random_uuid(), 1, now(),
       now()
FROM generate_series(1, 60000) AS n
"""
TABLES = {"deliveries", "contacts", "suppressions"}


async def scans(world: World, query: str, *arguments: object) -> set[tuple[str, str]]:
    """How each relation is read: (node type, index or relation)."""
    found = await world.pool.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
    return set(walk(json.loads(found)[0]["Plan"]))


def walk(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "Scan" in node["Node Type"] and node.get("Relation Name", "deliveries") in TABLES:
        yield node["Node Type"], node.get("Index Name", "")
    for child in node.get("Plans", []):
        yield from walk(child)


@pytest.fixture
async def old(world: World) -> World:
    for rows in (HISTORY, CONTACTS, SUPPRESSIONS):
        await world.pool.execute(rows)
    await world.pool.execute("ANALYZE deliveries, contacts, suppressions")
    return world


MODES = pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])


@MODES
async def test_claiming_reads_of_each_lane_as_many_as_it_has_places_however_many_wait(old: World, mode: str):
    """Not those of another store, and no whole table: not to sort what waits, nor to find what was chosen."""
    await old.pool.execute(BACKLOG)
    await old.pool.execute("ANALYZE deliveries")
    token = f"'{uuid4()}', '30 s', {profiles_read.PARTITIONS}"
    async with old.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('plan_cache_mode', $1, true)", mode)
        await connection.execute(f"PREPARE claim AS {deliveries.CLAIM}")
        plan = await connection.fetchval(
            f"EXPLAIN (FORMAT JSON) EXECUTE claim (64, {token}, '{{demo}}', '{{email}}', '{{4}}', 8)"
        )
        await connection.execute("DEALLOCATE claim")
    found = list(walk(json.loads(plan)[0]["Plan"]))
    assert {index for _, index in found if index} == {"deliveries_next_of_lane", "deliveries_pkey"}, plan
    assert all(
        index or node in ("CTE Scan", "Function Scan", "Subquery Scan", "WorkTable Scan", "Bitmap Heap Scan")
        for node, index in found
    ), plan


async def test_asking_whether_something_waits_reads_only_what_is_under_way(old: World):
    found = await scans(old, profiles_read.WAITING_SINCE, profiles_read.PARTITIONS)
    assert {index for _, index in found} == {"deliveries_next"}


INDEXES = {"deliveries_customer", "deliveries_cart", "deliveries_recipient"} | {
    *("contacts_pkey", "contacts_email", "contacts_phone", "contacts_handles", "suppressions_pkey")
}


@MODES
@pytest.mark.parametrize("channel", ["email", "sms", "telegram"])
async def test_what_is_known_of_a_person_is_found_by_index(old: World, channel: str, mode: str):
    kinds = "'{abandoned_cart}'"
    asked = json.dumps(
        [
            {
                "place": place,
                "store_id": "demo",
                "customer_id": f"c{place}",
                "channel": channel,
                "reminder_id": str(UUID(int=1)),
                "cart_id": str(UUID(int=2)),
                "cart_version": 1,
                "kind": "abandoned_cart",
                "received_at": "2026-11-22T10:15:00Z",
                "quiet_at": "2026-11-22T10:15:00Z",
                "campaign": "cart",
                "step": 1,
                "purpose": "cart_reminders",
            }
            for place in range(64)
        ]
    )
    async with old.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('plan_cache_mode', $1, true)", mode)
        await connection.execute(f"PREPARE person AS {recipient_state.READ}")
        plan = await connection.fetchval(
            f"EXPLAIN (FORMAT JSON) EXECUTE person ('{asked}', {kinds}, '{{}}', {kinds}, 'confirmation', '30 days')"
        )
        await connection.execute("DEALLOCATE person")
    found = list(walk(json.loads(plan)[0]["Plan"]))
    assert {index for _, index in found if index} <= INDEXES, plan
    assert all(index or node in ("Bitmap Heap Scan", "CTE Scan", "Function Scan") for node, index in found), plan
