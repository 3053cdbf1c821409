"""A peer's process: fetched by npm into the user's cache, filled with five items, started, and ended."""

import json
import secrets
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.bench.peers.peer import Peer
from deploy.bench.scratch import BenchError, started
from deploy.local.cache import cache_folder, exclusive
from deploy.local.databases import create_databases
from deploy.local.program import Program, free_ports

Say = Callable[[str], None]
BEFORE = "2026-12-01"
"""npm takes the versions of that day for what the packages themselves need, so that every run has the same."""
_INSTALL = ("npm", "install", f"--before={BEFORE}", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")
_POPULATE_S = 600


@asynccontextmanager
async def running(peer: Peer, admin: str, say: Say) -> AsyncIterator[dict[str, Any]]:
    """A peer on a database of its own, of the server of `admin`: `url`, `pid`, `dsn`, `shop`. Nothing is left of it.

    Raises `BenchError` where there is no node, or where it does not start.
    """
    name, (port,) = f"bench_{secrets.token_hex(4)}_{peer.folder.name}", free_ports([0])
    dsn = urlunsplit(urlsplit(admin)._replace(path=f"/{name}"))
    env = {"PEER_DATABASE_URL": dsn, "PEER_PORT": str(port), "PORT": str(port), "NODE_ENV": "production", **peer.env}
    folder = cache_folder() / "peers" / peer.folder.name
    folder.mkdir(parents=True, exist_ok=True)
    with exclusive(folder.with_suffix(".lock")):
        say(f"fetching {peer.name}")
        _install(peer, folder)
        await create_databases(admin, [name])
        try:
            say(f"filling {peer.name}")
            for command in peer.populate:
                _run(Program(peer.name, command, env, cwd=folder))
            kept = folder / "shop.json"
            shop = json.loads(kept.read_text()) if kept.exists() else {}
            say(f"starting {peer.name}")
            async with started(Program(peer.name, peer.start, env, cwd=folder), port, peer.health) as pid:
                yield {"url": f"http://127.0.0.1:{port}", "pid": pid, "dsn": dsn, "shop": shop}
        finally:
            connection = await asyncpg.connect(admin)
            await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            await connection.close()


def _install(peer: Peer, folder: Path) -> None:
    """Brings the peer's files, and its packages where they are not there yet."""
    if missing := [tool for tool in ("node", "npm") if shutil.which(tool) is None]:
        raise BenchError(f"{peer.name} needs Node.js 20 or newer; there is no {' and no '.join(missing)} on the PATH.")
    wanted, fetched = (peer.folder / "package.json").read_text(), folder / "fetched.json"
    shutil.copytree(peer.folder, folder, dirs_exist_ok=True)
    if not fetched.exists() or fetched.read_text() != wanted:
        _run(Program("npm", _INSTALL, cwd=folder))
        fetched.write_text(wanted)


def _run(program: Program) -> None:
    """One command to its end. Raises `BenchError` with the last that it said."""
    options = program.options() | {"stdout": subprocess.PIPE, "timeout": _POPULATE_S, "text": True}
    try:
        ended = subprocess.run(program.argv, check=False, **options)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{' '.join(program.argv)} did not end within {_POPULATE_S} s.") from None
    if ended.returncode:
        raise BenchError(f"{' '.join(program.argv)} failed: …{ended.stdout[-2000:]}")
