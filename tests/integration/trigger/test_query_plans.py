"""The hot queries keep using their indexes, and a change of a cart touches none."""

import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from services.trigger.db import carts, fan_outs, timers
from services.trigger.domain.fan_outs import ALSO_MOST
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import added, ordered

MANY_CARTS = """
INSERT INTO carts (cart_id, store_id, customer_id, version, quiet_since, units, total, decided_until, due_at, partition)
SELECT gen_random_uuid(), 'shop', 'c' || n, 1, now(), 1, 0, now(),
       CASE WHEN n % 3 > 0 THEN now() + n * interval '1 s' END, n % 12
FROM generate_series(1, $1::int) AS n
"""
MANY_HOLDINGS = """
INSERT INTO holdings SELECT cart_id, 's' || (total + hashtext(customer_id)) % 100, store_id, customer_id, 1, quiet_since
FROM carts
"""
MANY_DECISIONS = """
INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, due_at,
                       outcome, reason)
SELECT gen_random_uuid(), store_id, customer_id, 'abandoned_cart', 1, 'email', cart_id, 1, now(), 'would_send', 'idle'
FROM carts
"""
MANY_REACHED = "INSERT INTO reach SELECT store_id, customer_id, 1, true, true FROM carts"
READ = "INSERT INTO partition_progress SELECT n, now() FROM generate_series(0, 11) AS n"
ENOUGH = 150_000
"""Carts from which on reading in order of the index is worth it at all: before, a sort costs nothing."""


@pytest.fixture
async def full(trigger: Trigger) -> Trigger:
    """A trigger with many carts, of which few are due."""
    await trigger.pool.execute(MANY_CARTS, 20_000)
    await trigger.pool.execute(MANY_REACHED)
    await trigger.pool.execute(MANY_HOLDINGS)
    await trigger.pool.execute(MANY_DECISIONS)
    await trigger.pool.execute("VACUUM ANALYZE")
    return trigger


async def plan(connection: asyncpg.pool.PoolConnectionProxy, query: str, *arguments: object) -> list[dict[str, Any]]:
    """The nodes of a query's generic plan, the one that a prepared statement settles on."""
    async with connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        found = json.loads(await connection.fetchval("EXPLAIN (FORMAT json) " + query, *arguments))
    return list(_nodes(found[0]["Plan"]))


def _nodes(node: dict[str, Any]):
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def scans(nodes: list[dict[str, Any]], table: str) -> set[tuple[str, str | None]]:
    """How a table is read: kind of scan and index."""
    return {(n["Node Type"], n.get("Index Name")) for n in nodes if n.get("Relation Name") == table}


async def test_a_claim_reads_the_due_carts_and_no_others(trigger: Trigger) -> None:
    await trigger.pool.execute(MANY_CARTS, ENOUGH)
    await trigger.pool.execute(READ)
    await trigger.pool.execute("VACUUM ANALYZE")
    async with trigger.pool.acquire() as connection:
        read = await connection.fetch(timers.READ)
        progress = [[row[column] for row in read] for column in ("partition", "read_until")]
        nodes = await plan(connection, timers.CLAIM, 500, *progress)
    assert scans(nodes, "carts") == {("Index Scan", "carts_due")}
    (scan,) = [n for n in nodes if n.get("Index Name") == "carts_due"]
    assert "partition = " in scan["Index Cond"]
    assert "due_at < " in scan["Index Cond"]
    assert not [n for n in nodes if "Sort" in n["Node Type"]]


async def test_holders_come_from_the_index_in_order(full: Trigger) -> None:
    job = ("shop", "s1", ago(minutes=-5), "ffffffff-ffff-ffff-ffff-ffffffffffff", ago(days=30), 500)
    async with full.pool.acquire() as connection:
        other = ("low_stock", now(), 60.0, ALSO_MOST, timedelta(days=1), timedelta(days=30), ["cancelled"])
        nodes = await plan(connection, fan_outs.HOLDERS, *job, *other)
    read = scans(nodes, "holdings")
    assert {kind for kind, _ in read} <= {"Index Scan", "Index Only Scan"}
    assert {index for _, index in read} == {"holdings_of_item", "holdings_pkey"}, "the second: what else is in a cart"
    assert not [n for n in nodes if "touched_at" in str(n.get("Sort Key"))], "only the items of now are sorted"
    assert scans(nodes, "carts") == {("Index Scan", "carts_pkey")}
    assert scans(nodes, "decisions") == {("Index Scan", "decisions_of_customer")}
    of_decisions = [n for n in nodes if n.get("Relation Name") == "decisions"]
    assert len(of_decisions) == 2, "of a holder once, and once of each item that has run low with it"
    assert "CTE together" in {n.get("Subplan Name") for n in nodes}, "what ran low with it is found once a page"


async def test_carts_are_locked_by_their_key(full: Trigger) -> None:
    ids = [r["cart_id"] for r in await full.pool.fetch("SELECT cart_id FROM carts LIMIT 300")]
    async with full.pool.acquire() as connection:
        nodes = await plan(connection, carts.LOCK_CARTS, ids)
    assert {index for _, index in scans(nodes, "carts")} <= {"carts_pkey", None}
    assert not [n for n in nodes if n["Node Type"] == "Seq Scan"]


async def test_a_change_of_a_cart_is_a_heap_only_update(trigger: Trigger) -> None:
    """Armed once and looked at when due: no index is touched by what a shopper does meanwhile."""
    await trigger.receive(added("a", 1, ago(minutes=50)))
    await trigger.pool.execute("VACUUM ANALYZE")
    async with trigger.pool.acquire() as connection:
        before = await connection.fetchrow("SELECT ctid, due_at FROM carts")
    for version in range(2, 20):
        await trigger.receive(added("a", version, ago(minutes=50 - version), {"tea": version}))
    async with trigger.pool.acquire() as connection:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        stats = await connection.fetchrow("SELECT * FROM pg_stat_user_tables WHERE relname = 'carts'")
        after = await connection.fetchrow("SELECT ctid, due_at FROM carts")
    assert before is not None
    assert stats is not None
    assert after is not None
    assert after["due_at"] == before["due_at"]
    assert stats["n_tup_upd"] > 0
    assert stats["n_tup_hot_upd"] == stats["n_tup_upd"]
    await trigger.receive(ordered("a", 20, ago(minutes=1)))


async def test_a_batch_of_changes_reads_no_holdings_but_those_of_its_carts(full: Trigger) -> None:
    """Story: planned for the carts of each batch, it read all that anybody held, until there was so much of it that
    reading by keys was cheaper: four fifths of what a batch cost.
    """
    async with full.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        await connection.execute("PREPARE save_carts AS " + carts.SAVE_CARTS)
        nothing = ", ".join(["NULL"] * 22)
        told = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT json) EXECUTE save_carts({nothing})"))
        await connection.execute("DEALLOCATE save_carts")
    scanned = [
        (node["Node Type"], node["Relation Name"]) for node in _nodes(told[0]["Plan"]) if "Relation Name" in node
    ]
    assert "holdings" in {of for _, of in scanned}
    assert ("Seq Scan", "holdings") not in scanned
