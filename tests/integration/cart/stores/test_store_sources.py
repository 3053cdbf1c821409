"""The real process with its stores in files and in the database: at its start, while it runs, and after a restart."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.integration.cart.shop import JWT_KEY, TOKEN_SECRET, Visitor, customer_token, done, refused
from tests.support.eventually import eventually
from tests.support.forks import Forks, Started
from tests.support.serving import free_port

OPS_KEY = "sk_ops_0123456789abcdef0123"
STORE = {
    "name": "Written",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "recovery_url": "https://shop.test/cart/{token}",
}


def started(forks: Forks, dsn: str, folder: Path, port: int, log: Path = Path(os.devnull)) -> Started:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CART_")} | {
        "CART_DATABASE_URL": dsn,
        "CART_PORT": str(port),
        "CART_TOKEN_SECRET": TOKEN_SECRET,
        "CART_STORES_DIR": str(folder),
        "CART_OPS_KEYS": f'["{OPS_KEY}"]',
    }
    return forks.run("services.cart.main", "api", env=environment, log=log)


@contextlib.asynccontextmanager
async def running(forks: Forks, dsn: str, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A process of its own, killed without a word at the end."""
    port = free_port()
    with started(forks, dsn, folder, port):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            await answered(http, "/health/ready", 200)
            yield http


async def answered(http: httpx.AsyncClient, path: str, status: int, **headers: str) -> None:
    """Asks until that is the answer."""

    async def so_far() -> bool:
        return (await http.get(path, headers=headers)).status_code == status

    await eventually(so_far, despite=httpx.TransportError)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "written.yaml").write_text(yaml.safe_dump(STORE))
    return tmp_path


async def test_files_count_while_the_process_runs_and_what_the_api_acknowledged_survives_its_death(
    forks: Forks, dsn: str, folder: Path
):
    anna = {"Authorization": f"Bearer {customer_token('anna')}"}
    made = STORE | {"name": "Made", "limits": {"quantity": 3}}
    async with running(forks, dsn, folder) as http:
        await answered(http, "/v1/stores/written/cart", 200, **anna)
        ops = Visitor(http, {"Authorization": f"Bearer {OPS_KEY}"}, "/v1/stores/made")
        (folder / "second.yaml").write_text(yaml.safe_dump(STORE))
        (folder / "written.yaml").unlink()
        await answered(http, "/v1/stores/second/cart", 200, **anna)
        await answered(http, "/v1/stores/written/cart", 404, **anna)
        done(await ops.ask("PUT", "", made), 201)
    async with running(forks, dsn, folder) as http:
        there = Visitor(http, anna, "/v1/stores/made")
        await there.add("tea", 3)
        line = {"sku": "tea", "title": "Tea", "price": 500, "currency": "EUR"}
        refused(await there.ask("POST", "/cart/lines", line), 409, "limit-reached")


async def test_a_broken_file_at_the_start_ends_the_process_with_its_faults_and_no_value(
    forks: Forks, dsn: str, folder: Path
):
    (folder / "broken.yaml").write_text(yaml.safe_dump(STORE | {"currency": "ZZZ", "jwt_key": "hunter2"}))
    log = folder / "log"
    with started(forks, dsn, folder, 0, log) as process:
        assert await asyncio.to_thread(process.wait) == 1
    assert "broken.yaml:1: currency: not a currency code of ISO 4217" in log.read_text()
    assert "hunter2" not in log.read_text()
