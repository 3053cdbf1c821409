"""The hot queries keep to their indexes, however much history there is."""

import json
from collections.abc import Iterator
from datetime import timedelta
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


async def scans(world: World, query: str, *arguments: object) -> set[tuple[str, str]]:
    """How each relation is read: (node type, index or relation)."""
    found = await world.pool.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *arguments)
    return set(walk(json.loads(found)[0]["Plan"]))


def walk(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "Scan" in node["Node Type"] and node.get("Relation Name", "deliveries") == "deliveries":
        yield node["Node Type"], node.get("Index Name", "")
    for child in node.get("Plans", []):
        yield from walk(child)


@pytest.fixture
async def old(world: World) -> World:
    await world.pool.execute(HISTORY)
    await world.pool.execute("ANALYZE deliveries")
    return world


async def test_claiming_reads_only_what_is_under_way(old: World):
    found = await scans(old, deliveries.CLAIM, 16, uuid4(), timedelta(seconds=30), profiles_read.PARTITIONS)
    assert ("Index Scan", "deliveries_next") in found
    assert ("Seq Scan", "") not in found


async def test_asking_whether_something_waits_reads_only_what_is_under_way(old: World):
    found = await scans(old, profiles_read.WAITING_SINCE, profiles_read.PARTITIONS)
    assert {index for _, index in found} == {"deliveries_next"}


async def test_what_is_known_of_a_person_is_found_by_index(old: World):
    who, episode = ("demo", "c7", "email", uuid4()), (UUID(int=1), 1, "abandoned_cart")
    found = await scans(old, recipient_state.READ, *who, *episode)
    assert {index for _, index in found} <= {"deliveries_customer", "deliveries_cart"}
