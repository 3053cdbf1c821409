"""What is told of costs is what was spent, also by processes that have ended meanwhile."""

import subprocess
import sys

import asyncpg
import psutil
import pytest

from deploy.bench.meter import OWN, POSTGRES, clock_of, metering

WORK = "SELECT sum(sqrt(n)) FROM generate_series(1, 500000) AS n"


@pytest.fixture
async def session(postgres_server):
    """A session that writes nothing but what the test asks for."""
    connection = await asyncpg.connect(postgres_server)
    yield connection
    await connection.close()


async def test_a_session_that_has_ended_is_counted_with_its_server(postgres_server):
    async with metering(postgres_server, {"test": OWN}) as meter:
        before = await meter.read()
        connection = await asyncpg.connect(postgres_server)
        await connection.execute(WORK)
        await connection.close()
        running = (await meter.read()).since(before)
        again = (await meter.read()).since(before)
    assert 0 < running.cpu_s[POSTGRES] <= again.cpu_s[POSTGRES]
    assert 0 < running.cpu_s["test"] < running.cpu_s[POSTGRES] * 100


def test_what_a_process_has_started_is_counted_with_it():
    spinning = "import time\nwhile time.process_time() < 0.4: pass\nprint(flush=True)\nimport sys; sys.stdin.read()"
    starts = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    command = [sys.executable, "-c", starts, spinning]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        own = psutil.Process(process.pid).cpu_times()
        assert clock_of(process.pid)() >= own.user + own.system + 0.3
        process.communicate()


async def test_wal_is_at_least_what_was_written(postgres_server, session):
    async with metering(postgres_server, {}) as meter:
        before = await meter.read()
        await session.execute("SELECT pg_logical_emit_message(true, 'bench', repeat('x', 100000))")
        spent = (await meter.read()).since(before)
    assert spent.wal_bytes >= 100_000
