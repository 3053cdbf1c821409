"""What connections to PostgreSQL meet besides PostgreSQL: a pooler, TLS, hosts that are gone or only read."""

import asyncio
import dataclasses
import os
import ssl
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.local.postgres import Postgres
from deploy.local.program import free_ports
from libs.postgres import hosts
from libs.postgres import migrate as migrations
from libs.postgres.errors import OUTAGES
from libs.postgres.migrate import MigrationError, migrate, waiting
from libs.postgres.pool import connect, open_pool
from tests.support.certificates import Authority
from tests.support.eventually import eventually

ROOT = Path(__file__).resolve().parents[3]
SSL_REQUEST = 80877103
OF_A_POOLER = {"user", "database", "client_encoding", "application_name", "datestyle", "timezone"}
"""What PgBouncer takes at the start of a session; other settings it refuses unless it was told to ignore them."""


def at(dsn: str, place: str) -> str:
    """The same, by another way."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{place}"))


def place_of(dsn: str) -> str:
    return urlsplit(dsn).netloc.rpartition("@")[2]


@asynccontextmanager
async def pooler(dsn: str, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """What PgBouncer does with the first words of a session in session mode, and nothing else of it.

    It stands for a server with TLS, too: the one of a wheel speaks none.
    """

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packet = await _start_up(reader, writer, tls)
        names = set(packet[8:].split(b"\0")[:-2:2])
        if unknown := {name.decode() for name in names} - OF_A_POOLER:
            said = f"SFATAL\0C08P01\0Munsupported startup parameter: {min(unknown)}\0\0".encode()
            writer.write(b"E" + struct.pack("!i", len(said) + 4) + said)
            writer.close()
            return
        server = await asyncio.open_connection(urlsplit(dsn).hostname, urlsplit(dsn).port)
        server[1].write(packet)
        await asyncio.gather(_pass_on(reader, server[1]), _pass_on(server[0], writer))

    listening = await asyncio.start_server(session, "127.0.0.1", port)
    async with listening:
        yield at(dsn, f"127.0.0.1:{listening.sockets[0].getsockname()[1]}")


async def _start_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tls: ssl.SSLContext | None) -> bytes:
    while True:
        head = await reader.readexactly(8)
        length, code = struct.unpack("!ii", head)
        if code != SSL_REQUEST:
            return head + await reader.readexactly(length - 8)
        writer.write(b"S" if tls else b"N")
        if tls:
            await writer.start_tls(tls)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


async def test_a_pooler_in_session_mode_lets_us_in_and_our_settings_hold(postgres_server: str) -> None:
    """`statement_timeout` and others went along with the start of a session, which PgBouncer refuses."""
    async with pooler(postgres_server) as dsn:
        pool = await open_pool(dsn, size=2, name="cart 0001")
        async with pool.acquire(timeout=20) as connection:
            names = ("statement_timeout", "idle_in_transaction_session_timeout", "jit", "application_name")
            assert [await connection.fetchval(f"SHOW {name}") for name in names] == ["30s", "1min", "off", "cart 0001"]
        await pool.close()
        session = await connect(dsn, name="cart relay")
        assert await session.fetchval("SELECT 1") == 1
        await session.close()


async def test_the_stand_in_for_a_pooler_refuses_what_a_pooler_refuses(postgres_server: str) -> None:
    async with pooler(postgres_server) as dsn:
        with pytest.raises(asyncpg.PostgresError, match="unsupported startup parameter: statement_timeout"):
            await asyncpg.connect(dsn, server_settings={"statement_timeout": "1"})


async def test_tls_is_a_matter_of_the_address(postgres_server: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("server"))
    async with pooler(postgres_server, tls=context) as dsn:
        pool = await open_pool(f"{dsn}?sslmode=verify-full&sslrootcert={authority.file}", size=1)
        async with pool.acquire(timeout=20) as connection:
            assert await connection.fetchval("SELECT 1") == 1
        await pool.close()
        with pytest.raises(OUTAGES):
            await connect(f"{dsn}?sslmode=verify-full")  # the system knows nothing of that authority
    async with pooler(postgres_server) as dsn:
        with pytest.raises(OUTAGES, match="SSL"):
            await connect(f"{dsn}?sslmode=verify-full&sslrootcert={authority.file}")


@pytest.fixture(scope="module")
def reading(postgres_server: str) -> Iterator[str]:
    """A server that only reads, as one does that stands by."""
    password = urlsplit(postgres_server).password
    assert password
    with TemporaryDirectory(prefix="evercart-tests-") as folder:  # pytest's own shut an unprivileged server out
        Path(folder).chmod(0o711)
        node = Postgres(Path(folder) / "cluster", free_ports([0])[0], password, durable=False)
        yield from _serving_reads(node)


def _serving_reads(node: Postgres) -> Iterator[str]:
    program = node.prepare()
    argv = (*program.argv, "-c", "default_transaction_read_only=on")
    process = dataclasses.replace(program, argv=argv).popen(sys.stdout.fileno())
    while not node.ready():
        assert process.poll() is None, "the server ended at its start"
    yield node.dsn()
    process.terminate()
    process.wait()


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """A host that takes connections and never says a word."""
    held = []

    async def hold(*streams) -> None:
        held.append(streams)

    listening = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    for _, writer in held:
        writer.close()
    listening.close()


async def writes(dsn: str) -> bool:
    pool = await open_pool(dsn, size=1)
    async with pool.acquire(timeout=20) as connection:
        await connection.execute("CREATE TEMP TABLE written (id int)")
    await pool.close()
    return True


async def test_of_several_hosts_the_one_that_takes_writes_is_found(
    reading: str, postgres_server: str, silent: str, monkeypatch
) -> None:
    monkeypatch.setattr(hosts, "HOST_S", 2)  # the one that answers has to do so in that time
    gone, here = "127.0.0.1:1", place_of(postgres_server)
    assert await writes(at(postgres_server, f"{place_of(reading)},{here}"))
    assert await writes(at(postgres_server, f"{gone},{silent},{here}"))
    session = await connect(at(postgres_server, f"{silent},{gone},{here}"))
    assert await session.fetchval("SELECT 1") == 1
    await session.close()
    with pytest.raises(OUTAGES):
        await connect(at(postgres_server, f"{gone},{place_of(reading)}"))


async def test_migrations_find_it_too(make_database, tmp_path: Path) -> None:
    for release in ("now", "later"):
        (tmp_path / release).mkdir()
        (tmp_path / release / "0001_initial.sql").write_text("CREATE TABLE thing (id int PRIMARY KEY);")
    dsn = make_database(tmp_path / "now")
    assert await migrate(at(dsn, f"127.0.0.1:1,{place_of(dsn)}"), tmp_path / "later") == []


async def test_migrations_wait_for_a_database_that_is_started_beside_them(make_database, tmp_path: Path) -> None:
    """A Job that came before its database ended with a traceback."""
    (tmp_path / "0001_initial.sql").write_text("CREATE TABLE thing (id int PRIMARY KEY);")
    dsn, (port,) = make_database(tmp_path), free_ports([0])
    with capture_logs() as logs:
        migrating = asyncio.create_task(migrate(at(dsn, f"127.0.0.1:{port}"), tmp_path))
        await eventually(lambda: [log for log in logs if log["event"] == "migration.waiting"])
    async with pooler(dsn, port):
        assert await migrating == []


async def test_migrations_end_with_a_sentence_where_no_database_comes(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(migrations, "PATIENCE_S", 0.2)
    (tmp_path / "0001_initial.sql").write_text("CREATE TABLE thing (id int PRIMARY KEY);")
    for work in (migrate, waiting):
        with pytest.raises(MigrationError, match=r"the database can.t be used: .*127\.0\.0\.1"):
            await work("postgresql://cart:hush@127.0.0.1:1/cart", tmp_path)


@pytest.mark.parametrize(("change", "told"), [("/nowhere", "does not exist"), ("?sslmode=maybe", "sslmode")])
def test_a_migration_that_nothing_can_help_ends_at_once_and_with_a_sentence(
    postgres_server: str, change: str, told: str
) -> None:
    env = {"CART_DATABASE_URL": postgres_server.rpartition("/")[0] + change, "CART_OPS_KEYS": '["sk_' + "k" * 30 + '"]'}
    env |= {"CART_TOKEN_SECRET": "s" * 32, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "services.cart.main", "migrate"]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("cart: the database can't be used: ")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("dsn", "each"),
    [
        ("postgresql://a/d", ["postgresql://a/d"]),
        ("postgresql://u:p%2Cw@a:1,b:2/d?x=y", ["postgresql://u:p%2Cw@a:1/d?x=y", "postgresql://u:p%2Cw@b:2/d?x=y"]),
        ("postgresql://u@[::1]:1,b/d", ["postgresql://u@[::1]:1/d", "postgresql://u@b/d"]),
        ("postgresql:///d?host=/run/postgresql", ["postgresql:///d?host=/run/postgresql"]),
    ],
)
def test_an_address_is_cut_by_hosts(dsn: str, each: list[str]) -> None:
    assert hosts.each_host(dsn) == each
