"""The yardstick does what it claims to do: its schema loads, and its statements change what ours change."""

import asyncpg
import pytest

from deploy.bench.pgbench import PgbenchError, Work, load_schema, run, script
from tests.support.databases import drop_database, with_database


@pytest.fixture
async def database(postgres_server, request):
    """An empty database with the reference's tables of a service."""
    name = f"reference_{request.param}_{request.node.name[:20].strip('_')}"
    admin = await asyncpg.connect(postgres_server)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    dsn = with_database(postgres_server, name)
    await load_schema(dsn, request.param)
    connection = await asyncpg.connect(dsn)
    yield dsn, connection
    await connection.close()
    await drop_database(postgres_server, dsn)


cart = pytest.mark.parametrize("database", ["cart"], indirect=True)
trigger = pytest.mark.parametrize("database", ["trigger"], indirect=True)


@cart
async def test_adds_leave_carts_of_five_lines_an_event_and_an_answer_each(database):
    dsn, connection = database
    turn = await run(dsn, Work("add_to_cart", callers=3, each=10))
    assert turn.calls == 30
    found = await connection.fetch("SELECT version, units, jsonb_array_length(lines) AS lines, total FROM carts")
    assert [tuple(one) for one in found] == [(5, 5, 5, 9950)] * 6
    events = await connection.fetch("SELECT key, count(*) FROM outbox GROUP BY key")
    assert [one["count"] for one in events] == [5] * 6
    assert await connection.fetchval("SELECT count(DISTINCT (caller, key)) FROM idempotency_keys") == 30
    assert turn.wal_bytes > 0
    assert set(turn.cpu_s) == {"pgbench", "PostgreSQL"}


@cart
async def test_adds_for_a_time_are_counted_from_when_all_are_connected(database):
    dsn, connection = database
    turn = await run(dsn, Work("add_to_cart", callers=8, seconds=0.3, variables={"first": 10**9}))
    made = await connection.fetchval("SELECT sum(version) FROM carts")
    assert 0 < turn.calls <= made
    assert 0 < turn.p50_ms <= turn.p99_ms


@cart
async def test_a_read_finds_a_whole_cart(database):
    dsn, connection = database
    await run(dsn, Work("fill_carts"))
    assert await connection.fetchval("SELECT count(*) FROM carts") == 200
    statement = script("read_cart").partition("\n")[2].replace(":cart", "'199'")
    (found,) = await connection.fetch(statement)
    assert (found["customer_id"], found["units"], found["supplied"], found["merged"]) == ("read-199", 5, False, False)
    assert (await run(dsn, Work("read_cart", callers=2, each=50))).calls == 100


@trigger
async def test_timers_are_armed_by_batches_and_fire_once(database):
    dsn, connection = database
    armed = await run(dsn, Work("arm_timers", each=10, calls=500))
    assert armed.calls == 5000
    assert await connection.fetchval("SELECT count(*) FROM carts WHERE due_at < now() AND version = 5") == 1000
    assert await connection.fetchval("SELECT count(*) FROM holdings") == 5000
    await run(dsn, Work("read_through"))
    await run(dsn, Work("fire_timers", each=2, calls=500))
    assert await connection.fetchval("SELECT count(*) FROM carts WHERE due_at < now()") == 0
    assert await connection.fetchval("SELECT count(DISTINCT cart_id) FROM decisions") == 1000
    assert await connection.fetchval("SELECT count(DISTINCT key) FROM outbox") == 1000


@trigger
async def test_batches_with_which_it_plans_are_done_and_not_counted(database):
    dsn, connection = database
    turn = await run(dsn, Work("arm_timers", each=3, warm=2, calls=500))
    assert turn.calls == 1500
    assert await connection.fetchval("SELECT count(*) FROM carts") == 500


@trigger
async def test_events_again_change_nothing(database):
    dsn, connection = database
    for _ in range(2):
        await run(dsn, Work("arm_timers", each=1))
    assert await connection.fetchval("SELECT count(*) FROM carts") == 100
    assert await connection.fetchval("SELECT count(DISTINCT xmin::text) FROM carts") == 1


@trigger
async def test_every_holder_is_told_once(database):
    dsn, connection = database
    await run(dsn, Work("fill_holders", variables={"holders": 1500}))
    told = await run(dsn, Work("fan_out", each=3, calls=500))
    assert told.calls == 1500
    assert await connection.fetchval("SELECT count(DISTINCT cart_id) FROM decisions WHERE sku = 'sku-0'") == 1500
    job = await connection.fetchrow("SELECT told, remaining FROM fan_outs")
    assert (job["told"], job["remaining"]) == (1500, 0)


@trigger
async def test_a_statement_that_fails_is_told_of(database):
    dsn, _ = database
    with pytest.raises(PgbenchError, match="idempotency_keys"):
        await run(dsn, Work("add_to_cart", each=1))
