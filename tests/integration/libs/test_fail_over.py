"""Stories of a leader that does not die but goes quiet: another takes over, and what wakes writes nothing any more."""

import asyncio
import json
import signal
import sys
from contextlib import suppress

import pytest
from aiokafka.errors import ProducerFenced
from prometheus_client import REGISTRY

from libs.kafka.clients import producer
from libs.outbox import relay as relay_module
from libs.outbox.fencing import abandon, claim, under
from libs.outbox.relay import LOCK, Relay
from libs.outbox.store import append
from tests.integration.libs.conftest import level
from tests.integration.libs.silent_proxy import silent_proxy
from tests.integration.libs.test_relay import SOURCE, emptied, refuses, running
from tests.support.eventually import eventually

LAPSE_S = 1.0
HELD = """
SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
WHERE datname = current_database() AND locktype = 'advisory' AND objid = $1 AND granted
"""


async def started(kafka, name):
    leader = under(producer(kafka), await claim(kafka, name))
    await leader.start()
    return leader


@pytest.mark.parametrize("heedful", ["0", "1"], ids=["asks too late", "asks"])
async def test_a_frozen_leader_is_replaced_and_writes_nothing_when_it_wakes(
    outbox_dsn, connection, kafka, topic_prefix, read_all, heedful
):
    await append(connection, [level(n) for n in range(5)], SOURCE)
    frozen = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.libs.frozen_relay"),
        *(outbox_dsn, kafka, topic_prefix, str(LAPSE_S), heedful),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await eventually(lambda: connection.fetchval(HELD, LOCK))
        async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)):
            await emptied(connection)
            await append(connection, [level(5)], SOURCE)
            await emptied(connection)
            frozen.send_signal(signal.SIGCONT)
            async with asyncio.timeout(60):
                assert frozen.stdout is not None
                fault = (await frozen.stdout.readline()).decode().strip()
            await append(connection, [level(6)], SOURCE)
            await emptied(connection)
    finally:
        frozen.kill()
        await frozen.wait()
    assert [json.loads(record.value)["available"] for record in await read_all("inventory.levels")] == list(range(7))
    assert fault


async def test_a_leader_whose_connection_went_silent_is_replaced(
    outbox_dsn, connection, kafka, topic_prefix, read_all, monkeypatch
):
    monkeypatch.setattr(relay_module, "COMMAND_S", LAPSE_S)
    async with silent_proxy(outbox_dsn) as (proxy, by_proxy):
        cut_off = Relay(by_proxy, kafka, topic_prefix=topic_prefix, poll_s=0.05, lapse_s=LAPSE_S)
        async with running(cut_off):
            await append(connection, [level(0)], SOURCE)
            await emptied(connection)
            proxy.go_silent()
            async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)):
                await append(connection, [level(1)], SOURCE)
                await emptied(connection)
                await eventually(lambda: not cut_off.leading)
                assert await refuses(cut_off)
    assert [json.loads(record.value)["available"] for record in await read_all("inventory.levels")] == [0, 1]


async def test_whoever_led_before_is_refused_by_kafka(kafka, topic_prefix, read_all):
    topic = topic_prefix + "inventory.levels"
    old = await started(kafka, topic_prefix)
    await old.send_and_wait(topic, b"1", key=b"k")
    new = await started(kafka, topic_prefix)
    await new.send_and_wait(topic, b"2", key=b"k")
    with pytest.raises(ProducerFenced):
        await old.send_and_wait(topic, b"late", key=b"k")
    await new.send_and_wait(topic, b"3", key=b"k")
    await asyncio.gather(abandon(old), abandon(new))
    records = await read_all("inventory.levels")
    assert [record.value for record in records] == [b"1", b"2", b"3"]
    assert [record.offset for record in records] == [0, 1, 2]  # no marker of a transaction stands between them


async def test_a_claim_made_again_is_the_same_producer_one_epoch_later(kafka, topic_prefix):
    first, second = await claim(kafka, topic_prefix), await claim(kafka, topic_prefix)
    assert (second.producer_id, second.epoch) == (first.producer_id, first.epoch + 1)


async def test_a_leader_claims_anew_before_kafka_forgets_its_name(
    outbox_dsn, connection, kafka, topic_prefix, monkeypatch
):
    monkeypatch.setattr(relay_module, "TENURE_S", 0.0)
    claims = []

    async def counted(bootstrap, name):
        claims.append(await claim(bootstrap, name))
        return claims[-1]

    monkeypatch.setattr(relay_module, "claim", counted)
    async with running(Relay(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05)):
        await eventually(lambda: len(claims) > 1)
    assert claims[0].epoch < claims[1].epoch


async def test_a_leader_that_waits_for_kafka_for_longer_than_the_lapse_keeps_its_lock(
    outbox_dsn, connection, kafka, topic_prefix, monkeypatch
):
    slow, began = asyncio.Event(), asyncio.Event()
    beats = set[object]()

    class Slow(Relay):
        async def _acknowledged(self, sends):
            began.set()
            await slow.wait()
            await super()._acknowledged(sends)

    monkeypatch.setattr(relay_module, "ALIVE", "SELECT 1 /* alive */")
    relay = Slow(outbox_dsn, kafka, topic_prefix=topic_prefix, poll_s=0.05, lapse_s=1.5)
    async with running(relay):
        await append(connection, [level(0)], SOURCE)
        await began.wait()
        state = "SELECT state_change FROM pg_stat_activity WHERE query LIKE '%/* alive */' AND pid <> pg_backend_pid()"

        async def for_two_lapses():
            beats.update(row["state_change"] for row in await connection.fetch(state))
            return len(beats) >= 6

        await eventually(for_two_lapses)
        assert relay.leading
        slow.set()
        await emptied(connection)


@pytest.mark.parametrize("reachable", [True, False], ids=["kafka", "no kafka"])
async def test_a_standby_tells_how_long_events_wait_while_whoever_leads_is_stuck(
    outbox_dsn, connection, kafka, topic_prefix, reachable
):
    assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK)  # somebody leads and does nothing
    await append(connection, [level(1)], SOURCE)
    await connection.execute("UPDATE outbox SET occurred_at = clock_timestamp() - interval '5 minutes'")
    database = await connection.fetchval("SELECT current_database()")

    def told():
        return REGISTRY.get_sample_value("evercart_outbox_behind_seconds", {"database": database}) or 0.0

    bootstrap = kafka if reachable else "127.0.0.1:1"
    standby = Relay(outbox_dsn, bootstrap, topic_prefix=topic_prefix, poll_s=0.05)
    async with running(standby):
        await eventually(lambda: told() >= 300)
        assert await refuses(standby)
        await connection.fetchval("SELECT pg_advisory_unlock($1)", LOCK)
        if not reachable:
            await eventually(lambda: told() > 300)
            return
        await emptied(connection)
        await eventually(lambda: told() == 0)
        await standby.check()


async def test_a_process_without_a_relay_tells_no_age_that_could_hide_another_s():
    code = "import libs.outbox.relay, prometheus_client as p; print(p.generate_latest().decode())"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert b"evercart_outbox_relay_leader 0.0" in told
    assert b"evercart_outbox_behind_seconds{" not in told
    assert b"evercart_outbox_behind_seconds 0" not in told


async def test_a_relay_ends_while_kafka_is_away_with_a_batch_in_its_hands(outbox_dsn, connection, kafka, topic_prefix):
    """Ending waits for nothing that Kafka might still take: the next leader sends it."""
    held = await claim(kafka, topic_prefix)
    cut_off = under(producer(kafka), held)
    await cut_off.start()
    await cut_off.client.close()
    sending = asyncio.create_task(cut_off.send_and_wait(topic_prefix + "inventory.levels", b"1", key=b"k"))
    await asyncio.sleep(0)
    await abandon(cut_off)
    sending.cancel()
    with suppress(Exception, asyncio.CancelledError):
        await sending
