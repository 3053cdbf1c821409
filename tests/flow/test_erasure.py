"""A customer lives, is erased, and is nowhere: in no table, and in no topic but where the receipt says until when."""

import asyncio
import json
import re
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.commands.export import gathered
from deploy.commands.installation import of_stack
from libs.contracts.topics import CUSTOMER_PROFILES, TOPICS, dlq
from libs.kafka.clients import producer
from tests.flow.crashing import DIED
from tests.flow.stack import PATIENCE_S, FlowStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_ONCE = {"segment.ms": "100", "max.compaction.lag.ms": "1", "min.cleanable.dirty.ratio": "0.001"}
"""What a day does to a compacted topic, in a moment."""


async def erased(flow: FlowStack, customer_id: str) -> str:
    """Asks for an erasure; its id."""
    answer = await flow.http.post(f"{flow.base}/customers/{customer_id}/erasure", headers=flow.server)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["erasure_id"])


async def done(flow: FlowStack, erasure_id: str) -> dict[str, Any]:
    """The receipt, once every service has answered."""

    async def receipt() -> dict[str, Any]:
        answer = await flow.http.get(f"{flow.base}/erasures/{erasure_id}", headers=flow.server)
        found: dict[str, Any] = answer.json()
        return found if found["status"] == "done" else {}

    return await eventually(receipt)


async def naming(flow: FlowStack, secrets: list[str]) -> list[str]:
    """The tables of the four databases with a row that holds one of the secrets, once all outboxes are empty."""
    found = []
    for process, variable in (
        ("cart-api", "CART_DATABASE_URL"),
        ("trigger", "TRIGGER_DATABASE_URL"),
        ("notifier", "NOTIFIER_DATABASE_URL"),
        ("console", "CONSOLE_DATABASE_URL"),
    ):
        connection = await asyncpg.connect(flow._members[process].program.env[variable])
        await eventually(partial(connection.fetchval, "SELECT NOT EXISTS (SELECT FROM outbox)"))
        for (table,) in await connection.fetch("SELECT relname FROM pg_stat_user_tables"):
            query = f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE ANY ($1)'
            if await connection.fetchval(query, [f"%{secret}%" for secret in secrets]):
                found.append(f"{process} {table}")
        await connection.close()
    return found


async def records(flow: FlowStack, topic: str) -> list[Any]:
    """Everything that stands in a topic."""
    name = flow.stack.topic_prefix + topic
    reader = AIOKafkaConsumer(bootstrap_servers=flow.stack.bootstrap, auto_offset_reset="earliest")
    await reader.start()
    try:
        (known,) = [one for one in TOPICS if one.name == topic]
        places = [TopicPartition(name, number) for number in range(known.partitions)]
        reader.assign(places)
        await reader.seek_to_beginning(*places)
        ends, found = await reader.end_offsets(places), []
        async with asyncio.timeout(PATIENCE_S):
            while any([await reader.position(place) < ends[place] for place in places]):
                batches = await reader.getmany(timeout_ms=200)
                found += [record for batch in batches.values() for record in batch]
        return found
    finally:
        await reader.stop()


def names(record: Any, secrets: list[str]) -> bool:
    """Whether a record's value or headers hold one of the secrets. A tombstone's subject says what its key says."""
    headers = [value or b"" for name, value in record.headers if record.value or name != "ce_subject"]
    text = b"\0".join([record.value or b"", *headers])
    return any(secret.encode() in text for secret in secrets)


async def a_life(flow: FlowStack, customer_id: str, name: str) -> list[str]:
    """Gathers as a guest, logs in, is reminded, orders, gathers again; what must not be found afterwards."""
    to, number = await flow.reachable(customer_id, name=name)
    headers = flow.customer(customer_id)
    token = (await flow.http.post(f"{flow.base}/cart/token")).json()["cart_token"]
    await flow.add({"X-Cart-Token": token, "Idempotency-Key": f"guest-{customer_id}"}, "lamp")
    claimed = await flow.http.post(f"{flow.base}/cart/claim", json={"cart_token": token}, headers=headers)
    assert claimed.json()["merge"]["claimed"]
    await flow.add({**headers, "Idempotency-Key": "add"}, options={"engraving": name})
    await flow.ends(customer_id)
    assert await flow.received(to)
    await flow.order(customer_id, f"order-of-{hash(customer_id)}")
    await flow.add(headers)
    return [customer_id, to, number, name]


async def poisoned(flow: FlowStack, customer_id: str, secret: str) -> None:
    """A profile that can't be read ends among the dead letters, with all that stands in it."""
    sender = producer(flow.stack.bootstrap)
    await sender.start()
    name = flow.stack.topic_prefix + CUSTOMER_PROFILES.name
    headers = [("ce_type", b"customer.profile_set")]
    value, key = f'{{"email": "{secret}"'.encode(), f"demo:{customer_id}".encode()
    await sender.send_and_wait(name, value, key=key, headers=headers)
    await sender.stop()

    async def put_aside() -> bool:
        return any(names(record, [secret]) for record in await records(flow, dlq(CUSTOMER_PROFILES.name)))

    await eventually(put_aside)


async def test_an_erased_customer_is_nowhere_but_where_the_receipt_says_until_when(flow):
    secrets = await a_life(flow, "greta-the-one", "Greta Einzigartig")
    await poisoned(flow, "greta-the-one", secrets[1])
    assert len(await naming(flow, secrets)) >= 8, "or else this test looks in the wrong places"
    exported = await gathered(of_stack(flow.stack, "demo"), "demo", "greta-the-one")
    assert all(secret in json.dumps(exported["cart"], ensure_ascii=False) for secret in secrets)
    assert (exported["trigger"][0]["decisions"], exported["notifier"][0]["messages"]) != ([], [])
    receipt = await done(flow, await erased(flow, "greta-the-one"))
    assert await naming(flow, secrets) == []
    assert not any(secret in json.dumps(receipt) for secret in secrets)
    told = {one["place"].removeprefix("topic "): one for one in receipt["places"] if one["place"].startswith("topic ")}
    named = {topic.name for topic in TOPICS if any(names(r, secrets) for r in await records(flow, topic.name))}
    assert named - set(told) == set(), "a topic holds what the receipt does not tell of"
    await no_longer_than_told(flow, told)
    assert {one["service"] for one in receipt["places"]} == {"cart", "trigger", "notifier", "console"}
    left = await gathered(of_stack(flow.stack, "demo"), "demo", "greta-the-one")
    assert not any(left["cart"][kind] for kind in ("carts", "orders", "profiles", "identities"))
    assert not any(left["trigger"][0][kind] for kind in ("carts", "holdings", "decisions"))
    assert not any(left["notifier"][0][kind] for kind in ("contacts", "messages", "suppressions", "replies"))


async def no_longer_than_told(flow: FlowStack, told: dict[str, Any]) -> None:
    """The brokers keep each topic no longer than the receipt says, and compact where it speaks of tombstones."""
    admin = AIOKafkaAdminClient(bootstrap_servers=flow.stack.bootstrap)
    await admin.start()
    names_of = {flow.stack.topic_prefix + name: name for name in told}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names_of]
    answers = await admin.describe_configs(asked)
    await admin.close()
    for answer in answers:
        for _, _, _, name, configs in answer.resources:
            place, config = told[names_of[name]], {one[0]: one[1] for one in configs}
            left = (datetime.fromisoformat(place["gone_by"]) - datetime.now(UTC)).total_seconds() * 1000
            if place["done"] == "expires":
                assert int(config["retention.ms"]) < left + 3_600_000 < int(config["retention.ms"]) + 2 * 86_400_000
            else:
                assert "compact" in config["cleanup.policy"]
                assert int(config["max.compaction.lag.ms"]) <= 86_400_000


async def test_kafka_forgets_an_erased_profile_also_among_the_dead_letters(flow):
    """With settings that let a day pass at once, the log is compacted and read again."""
    to, number = await flow.reachable("hilde-the-one", name="Hilde Einzigartig")
    await poisoned(flow, "hilde-the-one", to)
    await done(flow, await erased(flow, "hilde-the-one"))
    topics = (CUSTOMER_PROFILES.name, dlq(CUSTOMER_PROFILES.name), "customer.erasures")
    await compacting(flow, topics)

    async with asyncio.timeout(2.5 * PATIENCE_S):
        while any([any(names(r, [to, number, "hilde-the-one"]) for r in await records(flow, t)) for t in topics]):
            await written_to(flow, topics)
            await asyncio.sleep(1)  # each writing opens segments, and the cleaner has to come to its end between them
    last = defaultdict[str, Any](lambda: None)
    for record in await records(flow, CUSTOMER_PROFILES.name):
        last[(record.key or b"").decode()] = record.value
    assert last["demo:hilde-the-one"] is None


async def compacting(flow: FlowStack, topics: tuple[str, ...]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=flow.stack.bootstrap)
    await admin.start()
    changed = [
        ConfigResource(ConfigResourceType.TOPIC, flow.stack.topic_prefix + one.name, configs=dict(one.config) | AT_ONCE)
        for one in TOPICS
        if one.name in topics
    ]
    await admin.alter_configs(changed)
    await admin.close()


async def written_to(flow: FlowStack, topics: tuple[str, ...]) -> None:
    """Something else comes into every partition: only then a segment is closed."""
    sender = producer(flow.stack.bootstrap)
    await sender.start()
    for topic in TOPICS:
        for partition in range(topic.partitions if topic.name in topics else 0):
            name, headers = flow.stack.topic_prefix + topic.name, [("ce_type", b"of.the.future")]
            await sender.send_and_wait(name, b"{}", key=b"-", headers=headers, partition=partition)
    await sender.stop()


WORST_MOMENTS = [
    # Kafka has the request, the outbox does not know it yet
    ("cart-relay", "after", "libs.outbox.relay:Relay._acknowledged"),
    # forgotten here and the report written, Kafka's offset is not committed
    ("trigger", "after", "services.trigger.consumer:Consumer.handle"),
    ("notifier", "after", "services.notifier.consumer:Consumer.handle"),
    # on the receipt, Kafka's offset is not committed
    ("cart-relay", "after", "services.cart.handlers.erasure:ErasureHandlers.collect"),
]


@pytest.mark.parametrize(("process", "when", "place"), WORST_MOMENTS, ids=lambda v: str(v).rpartition(":")[2])
async def test_a_crash_forgets_no_erasure(flow, process, when, place):
    customer = "ida" + re.sub(r"\W|_", "", f"{process}{when}{place}").lower()
    to, number = await flow.reachable(customer)
    await flow.add(flow.customer(customer))
    await flow.ends(customer)
    await flow.stop(process)
    await flow.start(process, crash=(when, place, 1))
    erasure_id = await erased(flow, customer)
    assert await flow.died(process) == DIED, flow.log(process)
    await flow.start(process)
    receipt = await done(flow, erasure_id)
    assert await naming(flow, [customer, to, number]) == []
    rows = {(one["service"], one["place"]): one["rows"] for one in receipt["places"]}
    # what closes the cart, or the tombstone, may be read before the request: then there is nothing left to find
    assert rows["trigger", "table carts"] <= 1, "counted once, however often it was done"
    assert rows["notifier", "table contacts"] <= 1


async def test_a_crash_before_the_commit_erases_nothing_and_the_same_call_again_does(flow):
    to, number = await flow.reachable("jutta-the-one")
    headers = {**flow.server, "Idempotency-Key": "erase-jutta"}
    url = f"{flow.base}/customers/jutta-the-one/erasure"
    await flow.stop("cart-api")
    await flow.start("cart-api", crash=("after", "services.cart.handlers.erasure:ErasureHandlers._begin", 1))
    await eventually(partial(flow.is_ready, "cart-api"))
    with pytest.raises(httpx.TransportError):
        await flow.http.post(url, headers=headers)
    assert await flow.died("cart-api") == DIED
    await flow.start("cart-api")
    assert (await flow.http.get(f"{flow.base}/customers/jutta-the-one/profile", headers=flow.server)).status_code == 200
    answer = await flow.http.post(url, headers=headers)
    await done(flow, answer.json()["erasure_id"])
    assert await naming(flow, ["jutta-the-one", to, number]) == []
