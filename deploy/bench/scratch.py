"""What a benchmark runs on: databases and topics of its own on a stack's servers, the cart's API, the notifier's
delivery, two load generators.
"""

import asyncio
import json
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

from deploy.bench.message_load import CONNECTIONS
from deploy.bench.pgbench import load_schema
from deploy.bench.shoppers import CURRENCY, JWT_KEY, LOOK_KEY, SERVER_KEY, STORE, TOKEN_SECRET
from deploy.kafka.topics import create_topics, delete_topics
from deploy.local.databases import create_databases
from deploy.local.folders import ROOT
from deploy.local.health import READY, healthy
from deploy.local.program import Program, free_ports
from deploy.local.servers import dsn_of
from deploy.local.stack import Stack
from libs.postgres.migrate import migrate
from libs.runtime.logging import configure_logging

_SERVICES, _REFERENCES = ("cart", "trigger", "notifier"), ("cart", "trigger")
_READY_S = 60
_LINE = 2**20


class BenchError(Exception):
    """The benchmark can't go on; one sentence."""


class Worker:
    """A load generator in a process of its own."""

    def __init__(self, process: Process) -> None:
        self._process, self.pid = process, process.pid

    async def ask(self, job: str, *arguments: object) -> Any:  # noqa: ANN401 - each job has an answer of its own
        """The answer to a job. Raises `BenchError` when the process has ended over it."""
        await self.tell({"do": job, "with": arguments})
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise BenchError(f"The load generator failed at {job}; what it said stands above.")
        return json.loads(line)

    async def tell(self, what: object) -> None:
        """Writes one line to the process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()


_STORE = "INSERT INTO stores (store_id, version, description) VALUES ($1, 1, $2::jsonb)"


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything is up: `ours` drives our code, `bare` does the same work without it."""

    ours: Worker
    bare: Worker


@asynccontextmanager
async def scratch(stack: Stack, api_processes: int = 1) -> AsyncIterator[Bench]:
    """A bench on a stack's PostgreSQL and Kafka, with so many processes of the cart's API; nothing of it is left
    afterwards. Raises `BenchError`.
    """
    configure_logging("bench", "warning", "console")
    name = f"bench_{secrets.token_hex(4)}"
    async with AsyncExitStack() as parts:
        place: dict[str, Any] = dict(await parts.enter_async_context(_databases(dsn_of(stack)(""), name)))
        await create_topics(stack.cluster, f"{name}.")
        parts.push_async_callback(delete_topics, stack.cluster, f"{name}.")
        api_port, notifier_port, smtp_port = free_ports([0, 0, 0])
        place |= {"url": f"http://127.0.0.1:{api_port}", "smtp_port": smtp_port}
        place |= {"kafka": stack.kafka_env, "prefix": f"{name}."}
        await _describe_store(place["notifier"])
        api, notifier = _cart_api(place, api_port, api_processes), _notifier(place, notifier_port)
        place["api_pid"] = await parts.enter_async_context(
            started(api, api_port) if api_processes == 1 else _listening(api, api_port, api_processes)
        )
        place["notifier_pid"] = await parts.enter_async_context(started(notifier, notifier_port))
        workers = [await parts.enter_async_context(_worker(place)) for _ in range(2)]
        yield Bench(*workers)


@asynccontextmanager
async def _databases(admin: str, name: str) -> AsyncIterator[dict[str, str]]:
    """`cart`, `trigger`, `notifier`, `reference_cart` and `reference_trigger`: their DSNs."""
    keys = [*_SERVICES, *(f"reference_{service}" for service in _REFERENCES)]
    dsns = {key: urlunsplit(urlsplit(admin)._replace(path=f"/{name}_{key}")) for key in keys}
    await create_databases(admin, [f"{name}_{key}" for key in keys])
    try:
        for service in _SERVICES:
            await migrate(dsns[service], ROOT / "services" / service / "migrations")
        for service in _REFERENCES:
            await load_schema(dsns[f"reference_{service}"], service)
        yield dsns
    finally:
        connection = await asyncpg.connect(admin)
        for key in keys:
            await connection.execute(f'DROP DATABASE "{name}_{key}" WITH (FORCE)')
        await connection.close()


async def _describe_store(dsn: str) -> None:
    """What the cart's relay would tell the notifier, which does not consume here."""
    described = {"name": STORE, "messages": {"email_from": "shop@bench.example"}}
    connection = await asyncpg.connect(dsn)
    await connection.execute(_STORE, STORE, json.dumps(described))
    await connection.close()


def _cart_api(place: dict[str, Any], port: int, workers: int) -> Program:
    store = {
        "name": STORE,
        "currency": CURRENCY,
        "jwt_key": JWT_KEY,
        "secret_keys": [SERVER_KEY],
        "recovery_url": "http://127.0.0.1/{token}",
    }
    settings = {
        "CART_MODE": "local",
        "CART_DATABASE_URL": place["cart"],
        "CART_PORT": str(port),
        "CART_STORES": json.dumps({STORE: store}),
        "CART_TOKEN_SECRET": TOKEN_SECRET,
        "CART_LOOK_KEYS": json.dumps([LOOK_KEY]),
        "CART_LOG_LEVEL": "warning",
        "CART_POOL_SIZE": "16",
        "CART_RATE_LIMITS": "false",  # a few shoppers here call as often as thousands would
    }
    command = [sys.executable, "-m", "services.cart.main", "api"]
    return Program("cart-api", (*command, *(("--workers", str(workers)) if workers > 1 else ())), settings, cwd=ROOT)


def _notifier(place: dict[str, Any], port: int) -> Program:
    settings = {
        "NOTIFIER_MODE": "local",
        "NOTIFIER_DATABASE_URL": place["notifier"],
        "NOTIFIER_HEALTH_PORT": str(port),
        "NOTIFIER_CART_URL": place["url"],
        "NOTIFIER_CART_KEY": LOOK_KEY,
        "NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NOTIFIER_SMTP_PORT": str(place["smtp_port"]),
        "NOTIFIER_SMTP_STARTTLS": "false",
        "NOTIFIER_TWILIO_BASE_URL": "http://127.0.0.1:9",  # no text is sent
        "NOTIFIER_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "NOTIFIER_TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "NOTIFIER_PUBLIC_URL": "http://127.0.0.1:9",
        "NOTIFIER_LINK_SECRET": secrets.token_hex(32),
        "NOTIFIER_LOG_LEVEL": "warning",
        "NOTIFIER_SMTP_CONNECTIONS": str(CONNECTIONS),
    }
    return Program("notifier", (sys.executable, "-m", "services.notifier.main", "delivery"), settings, cwd=ROOT)


@asynccontextmanager
async def started(program: Program, port: int, path: str = READY) -> AsyncIterator[int]:
    """A server's process, from when it answers 200 to `path`: its pid. Raises `BenchError`."""
    async with _running(program, lambda _: healthy(port, path)) as pid:
        yield pid


@asynccontextmanager
async def _listening(program: Program, port: int, workers: int) -> AsyncIterator[int]:
    """A server's process, from when so many processes that it has started listen at one port: its pid. Raises as
    `started` does.
    """

    def ready(pid: int) -> bool:
        with suppress(psutil.Error):
            return sum(_listens(child, port) for child in psutil.Process(pid).children()) == workers
        return False

    async with _running(program, ready) as pid:
        yield pid


def _listens(process: psutil.Process, port: int) -> bool:
    return any(one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections())


@asynccontextmanager
async def _running(program: Program, ready: Callable[[int], bool]) -> AsyncIterator[int]:
    process = program.popen(sys.stderr.fileno())
    try:
        for _ in range(_READY_S * 10):
            if await asyncio.to_thread(ready, process.pid):
                break
            if process.poll() is not None:
                raise BenchError(f"The {program.name} ended with {process.returncode} while it started.")
            await asyncio.sleep(0.1)
        else:
            raise BenchError(f"The {program.name} was not ready within {_READY_S} s.")
        yield process.pid
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


@asynccontextmanager
async def _worker(place: dict[str, Any]) -> AsyncIterator[Worker]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.bench.worker", stdin=PIPE, stdout=PIPE, limit=_LINE, cwd=ROOT
    )
    try:
        worker = Worker(process)
        await worker.tell(place)
        yield worker
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
