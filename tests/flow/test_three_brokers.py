"""One of three brokers is killed and one frozen under load: nothing acknowledged is lost, carts keep their order."""

import asyncio
import itertools
import os
import signal
import time
from collections import defaultdict
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import httpx
import jwt
import pytest
from aiokafka import TopicPartition

from deploy.commands.stack import started
from deploy.local.folders import Running
from deploy.local.servers import dsn_of
from deploy.local.up import Wanted
from libs.contracts.codec import decode
from libs.contracts.events import CartEvent
from libs.contracts.topics import CART_EVENTS, TOPICS
from libs.kafka.clients import admin, consumer
from tests.support.eventually import eventually

SHOPPERS = 6
PAUSE_S = 0.2
PATIENCE_S = 240

pytestmark = pytest.mark.timeout(900)  # three JVMs are started here, on machines that may be busy


class Load:
    """Shoppers who add to their carts one thing after the other, and what they were told."""

    def __init__(self, stack) -> None:
        self._stack, self._url = stack, f"{stack.cart_url}/v1/stores/demo/cart/lines"
        self.acknowledged = defaultdict[str, list[int]](list)
        self.stop = asyncio.Event()

    @property
    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=30) as http:
            await asyncio.gather(*(self._shop(http, f"shopper-{number}") for number in range(SHOPPERS)))

    async def _shop(self, http: httpx.AsyncClient, customer_id: str) -> None:
        claims = {"sub": customer_id, "exp": int(time.time()) + 3600}
        token = jwt.encode(claims, self._stack.stores["demo"].jwt_key, "HS256")
        skus = itertools.cycle(f"mug-{number}" for number in range(50))  # a line holds 999 units at most
        while not self.stop.is_set():
            line = {"sku": next(skus), "title": "Mug", "price": 1250, "currency": "EUR"}
            answer = await http.post(self._url, json=line, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 200, answer.text
            cart = answer.json()
            self.acknowledged[cart["id"]].append(cart["version"])
            await asyncio.sleep(PAUSE_S)


@asynccontextmanager
async def loaded(stack):
    load = Load(stack)
    running = asyncio.create_task(load.run())
    try:
        yield load
    finally:
        load.stop.set()
        await running


def pid(stack, name: str) -> int | None:
    running = Running.load(stack.state)
    assert running
    return next(process.pid for process in running.processes if process.name == name)


@asynccontextmanager
async def asking(stack):
    client = admin(stack.cluster)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def in_sync(stack) -> int:
    """The fewest replicas in sync that a partition of a topic of ours has; 0 where it can't be told."""
    async with asking(stack) as client:
        topics = await client.describe_topics([topic.name for topic in TOPICS])
    return min(len(partition["isr"]) for topic in topics for partition in topic["partitions"])


async def has_in_sync(stack, number: int) -> bool:
    return await in_sync(stack) == number


async def grows(load: Load, by: int) -> None:
    """More is acknowledged."""
    wanted = load.count + by
    await eventually(lambda: load.count >= wanted)


async def versions_on_the_wire(stack) -> dict[str, list[int]]:
    """Of each cart the versions in the order of their first coming."""
    places = [TopicPartition(CART_EVENTS.name, number) for number in range(CART_EVENTS.partitions)]
    reader, found = consumer(stack.cluster), defaultdict[str, list[int]](list)
    await reader.start()
    try:
        reader.assign(places)
        await reader.seek_to_beginning(*places)
        for place, end in (await reader.end_offsets(places)).items():
            while await reader.position(place) < end:
                for record in (await reader.getmany(place, timeout_ms=1000)).get(place, []):
                    headers = {name: value.decode() for name, value in record.headers}
                    event = decode(record.key.decode(), headers, record.value)
                    if isinstance(event, CartEvent) and event.cart_version not in found[str(event.cart_id)]:
                        found[str(event.cart_id)].append(event.cart_version)
    finally:
        await reader.stop()
    return found


async def carts_of_the_trigger(stack) -> dict[str, int]:
    """What the trigger knows: the version of each cart."""
    connection = await asyncpg.connect(dsn_of(stack)("trigger"))
    try:
        return {str(row["cart_id"]): row["version"] for row in await connection.fetch("SELECT * FROM carts")}
    finally:
        await connection.close()


async def goes_on(stack, load: Load) -> None:
    """More is acknowledged, and what was acknowledged until now reaches the trigger with a broker less."""
    await grows(load, 50)
    wanted = {cart_id: versions[-1] for cart_id, versions in load.acknowledged.items()}

    async def reached() -> bool:
        known = await carts_of_the_trigger(stack)
        return all(known.get(cart_id, 0) >= version for cart_id, version in wanted.items())

    await eventually(reached, within_s=PATIENCE_S)


async def test_one_broker_killed_and_one_frozen_under_load_lose_nothing(tmp_path, postgres_server) -> None:
    """A list of brokers never worked; now one of them may be lost at any time."""
    async with started(tmp_path, lambda _: None, Wanted(postgres_server, brokers=3)) as stack:
        assert len(stack.cluster.brokers) == 3
        assert await in_sync(stack) == 3
        async with loaded(stack) as load:
            await grows(load, 50)
            killed = pid(stack, "kafka-2")
            assert killed
            os.kill(killed, signal.SIGKILL)
            await goes_on(stack, load)
            await eventually(lambda: pid(stack, "kafka-2") not in (None, killed), within_s=PATIENCE_S)
            await eventually(partial(has_in_sync, stack, 3), despite=Exception, within_s=PATIENCE_S)
            frozen = pid(stack, "kafka-3")
            assert frozen
            os.kill(frozen, signal.SIGSTOP)
            try:
                await eventually(partial(has_in_sync, stack, 2), despite=Exception, within_s=PATIENCE_S)
                await goes_on(stack, load)
            finally:
                os.kill(frozen, signal.SIGCONT)
            await grows(load, 50)
        acknowledged = dict(load.acknowledged)
        last = {cart_id: versions[-1] for cart_id, versions in acknowledged.items()}

        async def caught_up() -> bool:
            return await carts_of_the_trigger(stack) == last

        await eventually(caught_up, within_s=PATIENCE_S)
        found = await versions_on_the_wire(stack)
    assert len(acknowledged) == SHOPPERS
    assert found == {cart_id: list(range(1, version + 1)) for cart_id, version in last.items()}
    assert acknowledged == found
