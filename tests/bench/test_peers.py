"""Adds to a peer's carts, with a made-up peer: a server that puts units into a table, or only says so."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from deploy.bench.peers import process
from deploy.bench.peers.load import add
from deploy.bench.peers.peer import Peer
from deploy.bench.peers.registry import PEERS
from deploy.bench.scratch import BenchError
from libs.http.client import HttpClient
from tests.support.databases import drop_database, with_database

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
ADD = b"POST /add HTTP/1.1\r\n\r\n"
SERVER = """\
import http.server, os

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" and os.path.exists("filled") else 503)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", int(os.environ["PEER_PORT"])), Ready).serve_forever()
"""


async def five_adds(http: HttpClient, shop) -> list[bytes]:
    assert shop == {"key": "of the shop"}
    assert http.base_url.startswith("http://127.0.0.1:")
    return [ADD] * 5


def made_up(folder: Path) -> Peer:
    fill = "import json; json.dump({'key': 'of the shop'}, open('shop.json', 'w')); open('filled', 'w')"
    return Peer(
        name="Made-up 1.0",
        folder=folder,
        beside="Nothing.",
        populate=((sys.executable, "-c", fill),),
        start=(sys.executable, "server.py"),
        units="SELECT count(*) FROM added",
        make_cart=five_adds,
    )


@pytest.fixture
async def carts(postgres_server, request):
    """A database with a table of units."""
    name = f"peer_{request.node.name[:30].strip('_')}"
    admin = await asyncpg.connect(postgres_server)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    dsn = with_database(postgres_server, name)
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE TABLE added ()")
    yield dsn, connection
    await connection.close()
    await drop_database(postgres_server, dsn)


@asynccontextmanager
async def shop(connection, *, lies: bool = False) -> AsyncIterator[str]:
    lock = asyncio.Lock()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readline()
            async with lock:
                if not lies:
                    await connection.execute("INSERT INTO added DEFAULT VALUES")
            writer.write(ANSWER)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def turn(monkeypatch, url: str, dsn: str):
    monkeypatch.setitem(PEERS, "made-up", made_up(Path()))
    place = {"url": url, "pid": os.getpid(), "dsn": dsn, "shop": {"key": "of the shop"}}
    return await add("made-up", place, 2, 0.2)


async def test_adds_of_a_made_up_peer_are_counted_with_what_they_cost(monkeypatch, carts):
    dsn, connection = carts
    async with shop(connection) as url:
        found = await turn(monkeypatch, url, dsn)
    assert found["calls"] == await connection.fetchval("SELECT count(*) FROM added") > 0
    assert set(found["cpu_s"]) == {"Made-up 1.0", "load generator", "PostgreSQL"}
    assert found["wal_bytes"] > 0


async def test_a_peer_that_says_yes_and_adds_nothing_is_found_out(monkeypatch, carts):
    dsn, connection = carts
    async with shop(connection, lies=True) as url:
        with pytest.raises(RuntimeError, match="its carts hold 0 units more"):
            await turn(monkeypatch, url, dsn)


@pytest.fixture
def fetched(tmp_path, monkeypatch):
    """A made-up peer's folder, a cache, and an npm that notes what it was asked."""
    tools, folder = tmp_path / "tools", tmp_path / "made-up"
    for one in (tools, folder):
        one.mkdir()
    for tool in ("node", "npm"):
        (tools / tool).write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
        (tools / tool).chmod(0o755)
    (folder / "package.json").write_text("{}")
    (folder / "server.py").write_text(SERVER)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    return made_up(folder), tmp_path / "asked"


async def test_a_peer_is_fetched_once_filled_started_and_leaves_no_database(fetched, postgres_server):
    peer, asked = fetched
    told: list[str] = []
    for _ in range(2):
        async with process.running(peer, postgres_server, told.append) as place:
            assert place["shop"] == {"key": "of the shop"}
            connection = await asyncpg.connect(place["dsn"])
            await connection.close()
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(place["dsn"])
    assert told == ["fetching Made-up 1.0", "filling Made-up 1.0", "starting Made-up 1.0"] * 2
    (install,) = asked.read_text().splitlines()
    assert "--ignore-scripts" in install
    assert f"--before={process.BEFORE}" in install


async def test_what_a_peers_command_said_last_is_told_when_it_fails(fetched, postgres_server):
    peer = replace(fetched[0], populate=((sys.executable, "-c", "print('no such shop'); raise SystemExit(3)"),))
    with pytest.raises(BenchError, match="no such shop"):
        async with process.running(peer, postgres_server, lambda _: None):
            pass


async def test_without_node_a_sentence_says_what_is_missing(fetched, postgres_server, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BenchError, match=r"needs Node\.js 20 .* no node and no npm on the PATH"):
        async with process.running(fetched[0], postgres_server, lambda _: None):
            pass
