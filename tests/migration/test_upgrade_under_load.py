"""A release is exchanged for the next under load: nothing fails, nothing that was acknowledged is lost."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import jwt
import pytest

from libs.postgres.migrate import MigrationError, migrate, waiting
from tests.migration.releases import newest_release, unpack_release
from tests.migration.schema import ROOT, migrations_of
from tests.support.eventually import eventually
from tests.support.serving import free_port, ready

JWT_KEY = "k" * 32
SECRET_KEY = "sk_" + "s" * 32
STORE = {
    "name": "Shop",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "secret_keys": [SECRET_KEY],
    "recovery_url": "https://shop.test/cart/{token}",
}
SHOPPERS = 6
ROUNDS = 12
"""Changes of each shopper in each phase of the exchange."""


@dataclass
class Process:
    """The API of a release. `code` is the folder it runs from."""

    code: Path
    dsn: str
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.port = free_port()
        environment = os.environ | {
            "PYTHONPATH": str(self.code),
            "CART_DATABASE_URL": self.dsn,
            "CART_PORT": str(self.port),
            "CART_TOKEN_SECRET": "t" * 32,
            "CART_STORES": json.dumps({"shop": STORE}),
        }
        command = [sys.executable, "-m", "services.cart.main", "migrate", "api"]
        self.running = subprocess.Popen(command, cwd=self.code, env=environment, stdout=subprocess.DEVNULL)

    async def ready(self) -> None:
        """Returns as soon as it serves."""
        async with httpx.AsyncClient(base_url=self.url, timeout=60) as http:
            await ready(http, self.running)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def end(self) -> None:
        """Ends it as operators do."""
        self.running.terminate()
        assert await asyncio.to_thread(self.running.wait, 30) == 0


class Shopper:
    """Changes, reads and orders a cart through whatever processes serve, and remembers what was acknowledged."""

    def __init__(self, number: int, http: httpx.AsyncClient) -> None:
        self._http, self.customer = http, f"customer-{number}"
        token = jwt.encode({"sub": self.customer, "exp": 4102444800}, JWT_KEY, "HS256")
        self._headers = {"Authorization": f"Bearer {token}"}
        self.rounds = 0
        self.in_cart: Counter[str] = Counter()
        self.orders: list[str] = []

    async def shop(self, urls: list[str]) -> None:
        """One change, one look, now and then an order; each call through the next of the processes."""
        base = f"{urls[self.rounds % len(urls)]}/v1/stores/shop"
        sku = f"sku-{self.rounds % 4}"
        line = {"sku": sku, "title": sku, "price": 500, "currency": "EUR", "quantity": 2}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        added = await self._http.post(f"{base}/cart/lines", json=line, headers=self._headers | key)
        assert added.status_code == 200, added.text
        self.in_cart[sku] += 2
        assert self.held(added) == self.in_cart
        self.rounds += 1
        base = f"{urls[self.rounds % len(urls)]}/v1/stores/shop"
        again = await self._http.post(f"{base}/cart/lines", json=line, headers=self._headers | key)
        assert again.status_code == 200, again.text
        seen = await self._http.get(f"{base}/cart", headers=self._headers)
        assert (seen.status_code, self.held(seen)) == (200, self.in_cart)
        if self.rounds % 7 == 0:
            await self._order(base)

    async def _order(self, base: str) -> None:
        order = {"order_id": uuid.uuid4().hex, "customer_id": self.customer}
        placed = await self._http.post(f"{base}/orders", json=order, headers={"Authorization": f"Bearer {SECRET_KEY}"})
        assert placed.status_code == 201, placed.text
        self.orders.append(order["order_id"])
        self.in_cart.clear()

    @staticmethod
    def held(answer: httpx.Response) -> Counter[str]:
        """What is in a cart."""
        return Counter({line["sku"]: line["quantity"] for line in answer.json()["lines"]})


class Load:
    """Shoppers who go on until told to stop. `urls` is where they go, and may be exchanged at any moment."""

    def __init__(self, http: httpx.AsyncClient, urls: list[str]) -> None:
        self.urls = urls
        self.shoppers = [Shopper(number, http) for number in range(SHOPPERS)]
        self._stop = asyncio.Event()
        self._moved = asyncio.Condition()
        self.tasks = [asyncio.create_task(self._go_on(one)) for one in self.shoppers]

    async def _go_on(self, shopper: Shopper) -> None:
        try:
            while not self._stop.is_set():
                await shopper.shop(self.urls)
                async with self._moved:
                    self._moved.notify_all()
        finally:
            async with self._moved:
                self._moved.notify_all()

    async def rounds(self, more: int = ROUNDS) -> None:
        """Returns when every shopper has gone so many rounds from now; raises what failed."""
        goal = {one: one.rounds + more for one in self.shoppers}
        async with self._moved:
            await self._moved.wait_for(
                lambda: all(one.rounds >= goal[one] for one in goal) or any(task.done() for task in self.tasks)
            )
        for task in self.tasks:
            if task.done():
                task.result()

    async def stop(self) -> None:
        """Lets everybody finish what they are at; raises what failed."""
        self._stop.set()
        await asyncio.gather(*self.tasks)


@pytest.fixture
def old_code(tmp_path: Path) -> Path:
    release = newest_release(ROOT)
    if release is None:
        pytest.skip("this clone has no release in its history (a shallow clone?): there is no old code to run")
    unpack_release(ROOT, release, tmp_path / "old")
    return tmp_path / "old"


@pytest.fixture
def next_migrations(tmp_path: Path) -> Path:
    """Those of the checked-out code, and one that no older release would survive."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_of("cart"), folder)
    (folder / "9999_contract.post.sql").write_text("DROP TABLE IF EXISTS nothing_that_there_is;")
    return folder


@pytest.fixture
def started() -> Iterator[list[Process]]:
    processes: list[Process] = []
    yield processes
    for process in processes:
        process.running.kill()
        process.running.wait()


async def test_old_and_new_processes_serve_side_by_side_while_the_schema_moves_under_them(
    old_code: Path, next_migrations: Path, empty_database: str, started: list[Process]
) -> None:
    started.append(old := Process(old_code, empty_database))
    await old.ready()
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=30, limits=limits) as http:
        load = Load(http, [old.url])
        await load.rounds()
        await migrate(empty_database, next_migrations, "pre")
        await load.rounds()  # old code, new schema
        started.append(new := Process(ROOT, empty_database))
        await new.ready()
        load.urls = [old.url, new.url]
        await load.rounds()  # each shopper through both
        with pytest.raises(MigrationError, match=r"\.post\.sql waits for"):
            await migrate(empty_database, next_migrations, "post")
        load.urls = [new.url]
        await load.rounds(2)  # nobody is on the way to the old one any more
        await old.end()
        await _until_gone(empty_database, "^cart$")
        with pytest.raises(MigrationError, match="9999"):  # the new process does not know this one either
            await migrate(empty_database, next_migrations, "post")
        await load.rounds()
        await load.stop()
        await new.end()
    await _until_gone(empty_database, "^cart")
    assert await migrate(empty_database, next_migrations, "post") == ["9999_contract.post.sql"]
    assert await waiting(empty_database, next_migrations) == []
    await _nothing_is_lost(empty_database, load.shoppers)


async def _until_gone(dsn: str, names: str) -> None:
    """PostgreSQL ends a session a moment after its client has gone."""
    sessions = """SELECT NOT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name ~ $1)"""
    connection = await asyncpg.connect(dsn)
    try:
        await eventually(lambda: connection.fetchval(sessions, names))
    finally:
        await connection.close()


async def _nothing_is_lost(dsn: str, shoppers: list[Shopper]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for one in shoppers:
            lines = await connection.fetchval(
                "SELECT lines FROM carts WHERE customer_id = $1 AND status = 'active'", one.customer
            )
            held = {line["sku"]: line["quantity"] for line in json.loads(lines or "[]")}
            assert held == one.in_cart
            orders = await connection.fetch("SELECT order_id FROM orders WHERE customer_id = $1", one.customer)
            assert {row["order_id"] for row in orders} == set(one.orders)
    finally:
        await connection.close()
