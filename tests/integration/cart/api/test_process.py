"""The real process, from the first migration to the signal that ends it, and the road of an event to Kafka."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer

from libs.contracts.codec import decode
from libs.contracts.events import CartEvent, Event, LevelSet, ProfileErased
from libs.contracts.topics import CART_EVENTS, CUSTOMER_PROFILES, INVENTORY_LEVELS
from libs.outbox.relay import Relay
from tests.integration.cart.shop import (
    JWT_KEY,
    LINE,
    SECRET_KEY,
    TOKEN_SECRET,
    Shop,
    Visitor,
    customer_token,
    done,
    held,
)
from tests.support.eventually import eventually
from tests.support.forks import Forks, Started
from tests.support.serving import free_port, ready

STORE = {
    "name": "Shop",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "secret_keys": [SECRET_KEY],
    "recovery_url": "https://shop.test/cart/{token}",
}


@pytest.fixture
def port() -> int:
    return free_port()


def served(dsn: str, port: int) -> dict[str, str]:
    return os.environ | {
        "CART_MODE": "production",
        "CART_DATABASE_URL": dsn,
        "CART_PORT": str(port),
        "CART_TOKEN_SECRET": TOKEN_SECRET,
        "CART_STORES": json.dumps({"shop": STORE}),
        "CART_LAME_DUCK_SECONDS": "0.2",
    }


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def process(forks: Forks, dsn: str, port: int, log: Path) -> Iterator[Started]:
    with forks.run("services.cart.main", "migrate", "api", env=served(dsn, port), log=log) as process:
        yield process


async def test_the_process_serves_and_ends_on_a_signal(process: Started, port: int, log: Path):
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        await ready(http, process)
        anna = Visitor(http, {"Authorization": f"Bearer {customer_token('anna')}"})
        await anna.add("tea", 2)
        assert held(await anna.cart()) == {"tea": 2}
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait) == 0, log.read_text()
    printed = log.read_text()
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {line["service"] for line in lines} == {"cart"}
    assert "anna" not in printed


async def test_a_stream_ends_whole_with_its_process(process: Started, port: int, log: Path):
    """Story: at a deployment every open shop page saw its stream break off, and told of a lost connection."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        await ready(http, process)
        anna = Visitor(http, {"Authorization": f"Bearer {customer_token('anna')}"})
        async with http.stream("GET", anna.path + "/cart/stream", headers=anna.headers) as stream:
            parts = stream.aiter_text()
            assert (await anext(parts)).startswith("retry:")
            process.send_signal(signal.SIGTERM)
            assert "event: cart" in "".join([part async for part in parts]), "read to its end, which is no error"
        assert await asyncio.to_thread(process.wait) == 0, log.read_text()


async def test_two_workers_answer_at_one_port_as_one_service_would(forks: Forks, dsn: str, port: int, log: Path):
    asked = ("migrate", "api", "--workers", "2")
    with forks.run("services.cart.main", *asked, env=served(dsn, port), log=log) as process:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            await ready(http, process)

        async def both_listen() -> bool:
            listening = (child.net_connections("inet") for child in psutil.Process(process.pid).children())
            return sum(any(one.laddr.port == port and not one.raddr for one in each) for each in listening) == 2

        await eventually(both_listen)
        names = [f"c-{number}" for number in range(12)]
        for _ in range(3):  # a connection of its own each time: the kernel chooses who answers it
            await asyncio.gather(*(add_on_a_new_connection(port, name) for name in names))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            for name in names:
                anna = Visitor(http, {"Authorization": f"Bearer {customer_token(name)}"})
                assert held(await anna.cart()) == {"tea": 3}
            assert (await http.get("/metrics")).status_code == 404, "each has figures of its own, elsewhere"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait) == 0, log.read_text()


async def add_on_a_new_connection(port: int, name: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
        await Visitor(http, {"Authorization": f"Bearer {customer_token(name)}"}).add("tea")


@pytest.mark.parametrize(
    "wrong", [["api", "--workers", "0"], ["api", "relay", "--workers", "2"], ["migrate", "--workers", "2"]]
)
def test_workers_are_for_the_api_alone(forks: Forks, wrong: list[str], log: Path):
    with forks.run("services.cart.main", *wrong, env=os.environ, log=log) as answer:
        assert answer.wait() == 2
    assert "--workers is 1 or more, and for the role api alone" in log.read_text()


@pytest.fixture
async def reader(kafka: str, topic_prefix: str) -> AsyncIterator[Any]:
    topics = [topic_prefix + topic.name for topic in (CART_EVENTS, CUSTOMER_PROFILES, INVENTORY_LEVELS)]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    yield consumer
    await consumer.stop()


async def read(reader: Any, count: int) -> list[Event]:
    """The next events of all topics, in the order in which they come."""
    found = []
    async for record in reader:
        headers = {name: value.decode() for name, value in record.headers}
        found.append(decode(record.key.decode(), headers, record.value))
        if len(found) == count:
            break
    return found


async def test_what_is_committed_arrives_in_order(shop: Shop, dsn: str, kafka: str, topic_prefix: str, reader: Any):
    anna, server = shop.customer(), shop.server()
    relaying = asyncio.create_task(Relay(dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05).run())
    for number in range(10):
        await shop.elsewhere(anna, number % 2).add("tea")
    await server.order("o-1", customer_id="anna")
    await server.level("tea", 3)
    done(await server.ask("PUT", "/customers/anna/profile", {"email": "anna@shop.test"}))
    done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    events = await read(reader, 15)
    story = [event for event in events if isinstance(event, CartEvent)]
    assert [event.cart_version for event in story] == list(range(1, 12))
    assert [event.holds for event in story] == [{"tea": n} for n in range(1, 11)] + [{}]
    assert [type(event) for event in events if isinstance(event, (LevelSet, ProfileErased))].count(ProfileErased) == 1
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)


async def test_a_refused_call_tells_nobody(shop: Shop, dsn: str, kafka: str, topic_prefix: str, reader: Any):
    anna = shop.customer()
    assert (await anna.ask("POST", "/cart/lines", LINE | {"quantity": -1})).status_code == 422
    relaying = asyncio.create_task(Relay(dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05).run())
    await anna.add("jam")
    [event] = await read(reader, 1)
    assert isinstance(event, CartEvent)
    assert event.holds == {"jam": 1}
    relaying.cancel()
    await asyncio.gather(relaying, return_exceptions=True)
