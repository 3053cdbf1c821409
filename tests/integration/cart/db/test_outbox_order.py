"""The order on the wire is the cart's order, whatever else is written meanwhile, and nothing waits for anybody."""

import asyncio
import json
import random
from collections import defaultdict
from contextlib import asynccontextmanager
from itertools import groupby

import asyncpg
import pytest

from libs.outbox.floor import Floor
from libs.outbox.store import DELETE, READ
from services.cart.db import carts, identities
from tests.integration.cart.shop import LINE, done
from tests.support.eventually import eventually

WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


class Tape:
    """What the relay would have sent, in its order."""

    def __init__(self, pool):
        self._pool, self.rows, self._floor = pool, [], Floor()

    async def round(self):
        await self._floor.note(self._pool)
        batch = await self._pool.fetch(READ, 7, self._floor.id)
        self._floor.saw(batch[0]["id"] if batch else None)
        await self._pool.execute(DELETE, [row["id"] for row in batch])
        self.rows += batch
        return len(batch)

    def versions(self, topic, field):
        """By key: the versions that were told, 0 for what has none: a tombstone, an order."""
        told = defaultdict(list)
        for row in self.rows:
            if row["topic"] == topic:
                told[row["key"]].append(json.loads(row["value"] or "{}").get(field, 0))
        return told


@pytest.fixture
def tape(shop):
    return Tape(shop.pool)


@asynccontextmanager
async def written_and_left_open(dsn):
    """A write transaction that somebody has begun and does not end."""
    connection = await asyncpg.connect(dsn)
    transaction = connection.transaction()
    await transaction.start()
    await connection.fetchval("SELECT pg_current_xact_id()")
    try:
        yield
    finally:
        await transaction.rollback()
        await connection.close()


async def test_an_open_transaction_holds_nothing_up_wherever_it_is(shop, dsn, tape, postgres_server):
    async with written_and_left_open(dsn), written_and_left_open(postgres_server):
        await shop.customer("anna").add("tea")
        await tape.round()
    assert list(tape.versions("cart.events", "cart_version").values()) == [[1]]


async def test_an_undo_that_was_overtaken_comes_after_what_overtook_it(shop, dsn, tape, monkeypatch):
    anna, guest = shop.customer("anna"), await shop.guest()
    await anna.add("tea")
    await guest.add("jam")
    receipt = (await anna.claim(guest))["merge"]
    await tape.round()
    began, go = asyncio.Event(), asyncio.Event()
    original = carts.lock_active

    async def late(*arguments):
        began.set()
        await go.wait()
        return await original(*arguments)

    monkeypatch.setattr(carts, "lock_active", late)
    undoing = asyncio.create_task(anna.undo(receipt))
    await began.wait()  # it has written already, and holds no cart
    async with written_and_left_open(dsn):
        await shop.elsewhere(anna, 1).add("milk")
        go.set()
        done(await undoing)
        await tape.round()
    cart_id = await shop.pool.fetchval("SELECT cart_id FROM carts WHERE customer_id = 'anna'")
    assert tape.versions("cart.events", "cart_version")[str(cart_id)] == [1, 2, 3, 4]


async def shops(shop, number, dice):
    """One person's devices, each of which ignores what the others do."""
    anna, guest = shop.customer(f"customer-{number}"), await shop.guest()
    for step in range(10):
        at, key = shop.elsewhere(anna, dice.randrange(2)), {"Idempotency_Key": f"{number}-{dice.random()}"}
        match dice.randrange(5):
            case 0 | 1:
                await at.ask("POST", "/cart/lines", LINE | {"sku": dice.choice(("tea", "jam"))}, **key)
            case 2:
                await guest.ask("POST", "/cart/lines", LINE | {"sku": "milk"}, **key)
            case 3:
                merged = await at.ask("POST", "/cart/claim", {"cart_token": guest.headers["X-Cart-Token"]})
                if merged.status_code == 200 and merged.json()["merge"].get("merge_id"):
                    await asyncio.gather(at.undo(merged.json()["merge"], **key), at.ask("POST", "/cart/lines", LINE))
            case 4:
                order = {"order_id": f"o-{number}-{step}", "customer_id": f"customer-{number}"}
                await shop.server(replica=1).ask("POST", "/orders", order)


async def tells(shop, dice):
    """Profiles and levels of a few keys, that several servers write at once; customers are merged and erased."""
    server = shop.server(replica=dice.randrange(2))
    for _ in range(8):
        name = f"customer-{dice.randrange(3)}"
        match dice.randrange(6):
            case 0 | 1 | 2:
                await server.ask("PUT", f"/customers/{name}/profile", {"email": f"a{dice.randrange(99)}@shop.test"})
            case 3:
                await server.ask("DELETE", f"/customers/{name}/profile")
            case _:
                await server.ask("PUT", f"/inventory/{dice.choice(('tea', 'jam'))}", {"available": dice.randrange(50)})


@pytest.mark.parametrize("seed", range(3))
async def test_every_key_s_versions_are_told_in_their_order_while_all_write_at_once(
    shop, dsn, tape, postgres_server, seed
):
    dice, over = random.Random(seed), asyncio.Event()

    async def relays():
        while not over.is_set() or await tape.round():
            await tape.round()
            await asyncio.sleep(0)

    async def leaves_open():
        while not over.is_set():
            async with written_and_left_open(dsn), written_and_left_open(postgres_server):
                await asyncio.sleep(dice.random() / 50)

    beside = [asyncio.create_task(relays()), *(asyncio.create_task(leaves_open()) for _ in range(3))]
    people = [shops(shop, n, random.Random(dice.random())) for n in range(3) for _ in range(3)]
    servers = [tells(shop, random.Random(dice.random())) for _ in range(4)]
    await asyncio.gather(*people, *servers)
    over.set()
    await asyncio.gather(*beside)
    kept_carts = {
        str(row["cart_id"]): row["version"] for row in await shop.pool.fetch("SELECT cart_id, version FROM carts")
    }
    # an order silences a cart without giving it a version: what comes twice has to come together
    told = {
        key: [version for version, _ in groupby(found)]
        for key, found in tape.versions("cart.events", "cart_version").items()
    }
    assert {key: list(range(1, version + 1)) for key, version in kept_carts.items()} == {
        key: [version for version in versions if version] for key, versions in told.items() if key in kept_carts
    }
    for topic, field in (("customer.profiles", "profile_version"), ("inventory.levels", "level_version")):
        for versions in tape.versions(topic, field).values():
            grown = [version for version in versions if version]
            assert grown == sorted(set(grown))
    kept = {
        f"{row['store_id']}:{row['customer_id']}": row["version"]
        for row in await shop.pool.fetch("SELECT * FROM profiles")
    }
    last = {key: versions[-1] for key, versions in tape.versions("customer.profiles", "profile_version").items()}
    assert {key: version for key, version in last.items() if version} == kept


async def test_a_profile_that_is_set_while_its_customer_is_merged_stays_under_no_name_that_leads_elsewhere(
    shop, tape, monkeypatch
):
    server = shop.server()
    resolved, go = asyncio.Event(), asyncio.Event()
    original = identities.resolve

    async def late(connection, store_id, name):
        owner = await original(connection, store_id, name)
        if name == "old" and not resolved.is_set():
            resolved.set()
            await go.wait()
        return owner

    monkeypatch.setattr(identities, "resolve", late)
    setting = asyncio.create_task(server.ask("PUT", "/customers/old/profile", {"email": "old@shop.test"}))
    await resolved.wait()
    merging = asyncio.create_task(shop.server(replica=1).ask("POST", "/customers/old/merge", {"into": "anna"}))

    async def waits():
        return merging.done() or await shop.pool.fetchval(WAITING)

    await eventually(waits)
    go.set()
    done(await setting)
    done(await merging)
    assert [row["customer_id"] for row in await shop.pool.fetch("SELECT customer_id FROM profiles")] == ["anna"]
    await tape.round()
    told = tape.versions("customer.profiles", "profile_version")
    assert told["shop:old"][-1] == 0
    assert told["shop:anna"][-1] > 0
