"""Every client of Kafka works with a list of brokers, and with a cluster that lets nobody in unasked."""

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from deploy.kafka.topics import create_topics, delete_topics
from deploy.traffic.watch import Watch
from libs.contracts.codec import encode
from libs.contracts.topics import TOPICS, dlq
from libs.inbox.consumer import Inbox
from libs.kafka.clients import admin, consumer, producer
from libs.kafka.tokens import ClientCredentials
from libs.outbox.relay import Relay
from libs.outbox.store import append
from tests.integration.libs.conftest import level
from tests.support.eventually import eventually
from tests.support.secure_kafka import PASSWORD, USER, SecureKafka, secure_kafka

ROOT = Path(__file__).resolve().parents[3]
TOPIC = "inventory.levels"
NOBODY = "127.0.0.1:1"
MECHANISMS = ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN", "OAUTHBEARER", "certificate"]


async def goes_round(servers, prefix, dsn, connection) -> None:
    """From the outbox to a consumer and on to the dead letters, with every client that there is."""
    handled, seen = asyncio.Event(), list[int]()

    async def handle(batch):
        seen.extend(one.event.available for one in batch)
        handled.set()

    async with Watch(servers, prefix, "s", "nobody"):
        inbox = Inbox(servers, "g", [TOPIC], handle, topic_prefix=prefix)
        work = [
            asyncio.create_task(one.run()) for one in (inbox, Relay(dsn, servers, topic_prefix=prefix, poll_s=0.05))
        ]
        sender = producer(servers)
        try:
            await sender.start()
            junk = encode(level(1), "/test")
            headers = [(name, value.encode()) for name, value in junk.headers.items()]
            await sender.send_and_wait(prefix + TOPIC, b"junk", key=b"s:mug", headers=headers)
            await append(connection, [level(7)], "/test")
            async with asyncio.timeout(60):
                await handled.wait()
            await eventually(inbox_is_well(inbox))
        finally:
            for one in work:
                one.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            await sender.stop()
    assert seen == [7]
    reader = consumer(servers, prefix + dlq(TOPIC), auto_offset_reset="earliest")
    await reader.start()
    async with asyncio.timeout(30):
        assert (await reader.getone()).value == b"junk"
    await reader.stop()


def inbox_is_well(inbox):
    """Whether the health check passes."""

    async def well() -> bool:
        await inbox.check()
        return True

    return well


async def test_every_client_takes_a_list_of_which_the_first_is_dead(
    kafka, topic_prefix, outbox_dsn, connection
) -> None:
    """`a:9092,b:9092,c:9092` was taken for one host's name, and every consumer waited for it for ever."""
    servers = f"{NOBODY},{kafka}"
    await create_topics(servers, topic_prefix)
    await goes_round(servers, topic_prefix, outbox_dsn, connection)


@pytest.fixture(scope="module")
def secure(tmp_path_factory):
    with secure_kafka(tmp_path_factory.mktemp("secure")) as node:
        yield node


def cluster_for(secure: SecureKafka, mechanism: str, monkeypatch):
    if mechanism == "certificate":
        return secure.trusting()
    if mechanism != "OAUTHBEARER":
        return secure.cluster(mechanism)

    def unsigned(_) -> bytes:
        return json.dumps({"access_token": unsecured_token(), "expires_in": 300}).encode()

    monkeypatch.setattr(ClientCredentials, "_ask", unsigned)
    return secure.cluster("OAUTHBEARER", token_url="https://id.example/token")


def unsecured_token() -> str:
    """What the broker of a test takes for a token (RFC 7519, section 6)."""
    claims = {"sub": USER, "iat": time.time() - 5, "exp": time.time() + 600}
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "none"}, claims)
    )
    return ".".join(parts) + "."


@pytest.mark.parametrize("mechanism", MECHANISMS)
async def test_every_client_is_let_in(secure, mechanism, outbox_dsn, connection, monkeypatch) -> None:
    servers, prefix = cluster_for(secure, mechanism, monkeypatch), f"{mechanism.lower()}."
    await create_topics(servers, prefix)
    await goes_round(servers, prefix, outbox_dsn, connection)
    await delete_topics(servers, prefix)


@pytest.mark.parametrize("wrong", ["no TLS", "another password", "no certificate"])
async def test_nobody_else_is(secure, wrong) -> None:
    servers = {
        "no TLS": secure.by_password,
        "another password": secure.cluster("SCRAM-SHA-512", password="guessed"),
        "no certificate": type(secure.trusting()).of(secure.by_certificate, secure.cluster("PLAIN").tls),
    }[wrong]
    client = admin(servers, request_timeout_ms=3000)
    with pytest.raises((KafkaError, OSError)):
        await client.start()
    with suppress(KafkaError):
        await client.close()


def topics(secure: SecureKafka, **told: str) -> "subprocess.CompletedProcess[str]":
    access = {"KAFKA_TLS": "true", "KAFKA_CA_FILE": str(secure.ca), "KAFKA_SASL": "SCRAM-SHA-512"}
    access |= {"KAFKA_USERNAME": USER, "KAFKA_PASSWORD": PASSWORD} | told
    command = [sys.executable, "-m", "deploy.kafka.topics", "--bootstrap", secure.by_password, "--prefix", "tool."]
    return subprocess.run(command, env={**os.environ, **access}, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_topics_are_made_with_what_the_environment_says(secure) -> None:
    done = topics(secure)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(TOPICS)
    refused = topics(secure, KAFKA_PASSWORD="guessed")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Could not create the topics on {secure.by_password}: ")
    assert "Traceback" not in refused.stderr
    assert "guessed" not in refused.stderr
    untold = topics(secure, KAFKA_SASL="PLAIN", KAFKA_PASSWORD="")
    assert untold.returncode == 1
    assert "KAFKA_PASSWORD" in untold.stderr
