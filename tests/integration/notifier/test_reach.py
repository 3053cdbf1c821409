"""What others are told of how customers can be reached: yes or no by channel, whatever changes it, in order."""

import json
from datetime import timedelta

import httpx
import pytest

from libs.contracts.codec import decode
from libs.contracts.events import Event, ReachErased, ReachSet
from libs.outbox.waker import Waker
from services.notifier.db import suppressions
from services.notifier.jobs.reach import ReachJob
from tests.integration.notifier.conftest import World, erased, profile, unsubscribe_token
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_erasure import request


async def events_told(world: World) -> list[Event]:
    """What tells of reach. The outbox is empty after that."""
    rows = await world.pool.fetch("DELETE FROM outbox RETURNING id, topic, key, headers, value")
    return [
        decode(row["key"], json.loads(row["headers"]), row["value"])
        for row in sorted(rows, key=lambda row: row["id"])
        if row["topic"] == "customer.reach"
    ]


async def told(world: World) -> list[tuple[str, bool | None, bool | None]]:
    """Customer, e-mail, text; None where they were erased. The outbox is empty after that."""
    found = []
    for event in await events_told(world):
        assert isinstance(event, ReachSet | ReachErased)
        how = (event.email, event.sms) if isinstance(event, ReachSet) else (None, None)
        found.append((event.customer_id, *how))
    return found


async def test_contact_and_consent_of_a_profile_make_it(world: World):
    await world.knows("anna")
    await world.knows("bert", phone=None)
    await world.knows("cleo", email_consent=False)
    assert await told(world) == [("anna", True, True), ("bert", True, False), ("cleo", False, True)]


async def test_the_same_again_is_not_told(world: World):
    await world.knows()
    await told(world)
    await world.knows(version=2, name="Anna Maria")
    assert await told(world) == []
    await world.knows(version=3, timezone="Europe/Warsaw")
    assert await told(world) == [("anna", True, True)]


async def test_an_unsubscription_is_told_of_all_who_have_the_address(world: World, web: httpx.AsyncClient):
    await world.knows("anna", email="home@mail.example")
    await world.knows("bert", email="Home@mail.example")
    asked = await world.asks()
    await told(world)
    assert (await web.post(f"/u/{unsubscribe_token(world, asked)}")).status_code == 200
    assert sorted(await told(world)) == [("anna", False, True), ("bert", False, True)]


async def test_consent_that_lifts_an_unsubscription_is_told(world: World):
    await world.knows()
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
    await world.knows(version=2)
    assert (await told(world))[-1] == ("anna", False, True)
    await world.knows(version=3, email_consent_at=world.now + timedelta(minutes=1))
    assert await told(world) == [("anna", True, True)]


async def test_an_erased_profile_is_told_and_so_is_an_erasure_of_somebody_unknown(world: World):
    await world.knows()
    await told(world)
    await world.receive(erased())
    assert await told(world) == [("anna", None, None)]
    await world.receive(request(world, "anna", "card-7"))
    assert await told(world) == [("anna", None, None), ("card-7", None, None)]


async def test_who_came_back_before_a_late_erasure_is_told_again(world: World):
    await world.knows(version=10)
    await world.receive(request(world))
    assert await told(world) == [("anna", True, True), ("anna", None, None), ("anna", True, True)]


async def test_versions_grow_over_an_erasure(world: World):
    await world.receive(profile())
    first = await world.pool.fetchval("SELECT version FROM reach")
    await world.receive(erased())
    await world.receive(profile(version=2))
    assert await world.pool.fetchval("SELECT version FROM reach") > first > 1_700_000_000_000_000


@pytest.mark.parametrize("left", ["DELETE FROM reach", "UPDATE reach SET sms = false"])
async def test_what_an_older_release_did_not_tell_is_told_by_a_walk(world: World, left: str):
    for name in ("anna", "bert"):
        await world.knows(name)
    await told(world)
    await world.pool.execute(left)
    job = ReachJob(world.pool, Waker(world.pool), world.clock)
    assert (await job.round(), await job.round()) == (2, 0)
    assert await told(world) == [("anna", True, True), ("bert", True, True)]
