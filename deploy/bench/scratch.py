"""What a benchmark runs on: databases and topics of its own on a stack's servers, one cart API, two load generators."""

import asyncio
import json
import secrets
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.bench.shoppers import CURRENCY, JWT_KEY, STORE, TOKEN_SECRET
from deploy.kafka.topics import create_topics, delete_topics
from deploy.local.databases import create_databases
from deploy.local.program import Program, free_ports
from deploy.local.servers import dsn_of
from deploy.local.services import ROOT, healthy
from deploy.local.stack import Stack
from libs.postgres.migrate import migrate
from libs.runtime.logging import configure_logging

_SERVICES = ("cart", "trigger")
_READY_S = 30
_LINE = 2**20


class BenchError(Exception):
    """The benchmark can't go on; one sentence."""


class Worker:
    """A load generator in a process of its own."""

    def __init__(self, process: Process) -> None:
        self._process = process

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


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything is up: `http` loads the API, `bare` does the same without it."""

    http: Worker
    bare: Worker


@asynccontextmanager
async def scratch(stack: Stack) -> AsyncIterator[Bench]:
    """A bench on a stack's PostgreSQL and Kafka; nothing of it is left afterwards. Raises `BenchError`."""
    configure_logging("bench", "warning", "console")
    name = f"bench_{secrets.token_hex(4)}"
    async with AsyncExitStack() as parts:
        dsns = await parts.enter_async_context(_databases(dsn_of(stack)(""), name))
        await create_topics(stack.bootstrap, f"{name}.")
        parts.push_async_callback(delete_topics, stack.bootstrap, f"{name}.")
        url = await parts.enter_async_context(_cart_api(dsns["cart"]))
        place = {"url": url, "cart_dsn": dsns["cart"], "trigger_dsn": dsns["trigger"]}
        place |= {"bootstrap": stack.bootstrap, "prefix": f"{name}."}
        workers = [await parts.enter_async_context(_worker(place)) for _ in range(2)]
        yield Bench(*workers)


@asynccontextmanager
async def _databases(admin: str, name: str) -> AsyncIterator[dict[str, str]]:
    dsns = {service: urlunsplit(urlsplit(admin)._replace(path=f"/{name}_{service}")) for service in _SERVICES}
    await create_databases(admin, [f"{name}_{service}" for service in _SERVICES])
    try:
        for service, dsn in dsns.items():
            await migrate(dsn, ROOT / "services" / service / "migrations")
        yield dsns
    finally:
        connection = await asyncpg.connect(admin)
        for service in _SERVICES:
            await connection.execute(f'DROP DATABASE "{name}_{service}" WITH (FORCE)')
        await connection.close()


@asynccontextmanager
async def _cart_api(dsn: str) -> AsyncIterator[str]:
    (port,) = free_ports([0])
    recovery = "http://127.0.0.1/{token}"
    store = {"name": STORE, "currency": CURRENCY, "jwt_key": JWT_KEY, "recovery_url": recovery}
    settings = {
        "CART_MODE": "local",
        "CART_DATABASE_URL": dsn,
        "CART_PORT": str(port),
        "CART_STORES": json.dumps({STORE: store}),
        "CART_TOKEN_SECRET": TOKEN_SECRET,
        "CART_LOG_LEVEL": "warning",
        "CART_POOL_SIZE": "16",
        "CART_RATE_LIMITS": "false",  # a few shoppers here call as often as thousands would
    }
    program = Program("cart-api", (sys.executable, "-m", "services.cart.main", "api"), settings, cwd=ROOT)
    process = program.popen(sys.stderr.fileno())
    try:
        for _ in range(_READY_S * 10):
            if await asyncio.to_thread(healthy, port):
                break
            if process.poll() is not None:
                raise BenchError(f"The cart API ended with {process.returncode} while it started.")
            await asyncio.sleep(0.1)
        else:
            raise BenchError(f"The cart API was not ready within {_READY_S} s.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


@asynccontextmanager
async def _worker(place: dict[str, str]) -> AsyncIterator[Worker]:
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
