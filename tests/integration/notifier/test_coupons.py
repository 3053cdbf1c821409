"""Codes of pools: reserved with their message, one for a person, never lost and never doubled, told and let go."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.events import CouponFrom, ReminderRequested
from services.notifier.db import coupon_pools, deliveries
from services.notifier.db.coupon_pools import Filled
from services.notifier.domain.coupons import Coupon, Pool
from tests.integration.notifier.conftest import LEASE, World, erased, profile
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_erasure import request as erasure
from tests.integration.notifier.web.customers.test_export import ask

BACK10 = CouponFrom(pool="back10", valid_seconds=48 * 3600)
TAKEN = "SELECT code, customer_id FROM coupon_codes WHERE taken_at IS NOT NULL ORDER BY code"
HELD = "SELECT coupon_code FROM deliveries WHERE coupon_code IS NOT NULL ORDER BY coupon_code"


@pytest.fixture
async def pool(world: World) -> World:
    """A store with a pool of two codes."""
    await filled(world, "A-1", "A-2")
    await world.knows()
    return world


async def filled(world: World, *codes: str, ends: datetime | None = None, **said: Any) -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        await coupon_pools.put(connection, Pool(STORE, "back10", **({"source": "codes"} | said)))
        await coupon_pools.fill(connection, STORE, "back10", Filled([Coupon(c, ends) for c in codes], instead=False))


async def codes(world: World, query: str = TAKEN) -> list[str]:
    return [row[0] for row in await world.pool.fetch(query)]


async def offers(world: World, customer: str = "anna", **known: Any) -> ReminderRequested:
    said: dict[str, Any] = {"coupon_from": BACK10, "customer_id": customer}
    return await world.asks(**(said | known))


def cart_of(request: ReminderRequested) -> str:
    assert request.cart_id is not None
    return request.cart_id.hex


async def knows(world: World, *names: str) -> None:
    await world.receive(*(profile(name, phone=f"+491511234{number:04}") for number, name in enumerate(names)))


async def test_a_message_offers_a_code_of_its_own_with_its_end_and_a_link_that_carries_it(pool: World):
    request = await offers(pool)
    await pool.deliver()
    assert await pool.ended(request) == ("sent", None)
    text = pool.relay.body()
    assert "Your code for this order: A-1. Valid until " in text
    assert f"recover/r1_{cart_of(request)}?coupon=A-1" in text
    row = await pool.row(request)
    assert row["coupon_code"] == "A-1"
    assert timedelta(hours=47) < row["coupon_until"] - datetime.now(UTC) <= timedelta(hours=48)
    [sent] = await pool.pool.fetch("SELECT value FROM outbox WHERE topic = 'message.events'")
    assert b'"coupon_pool":"back10"' in sent["value"]
    assert b"A-1" not in sent["value"], "a code is told to its customer alone"


async def test_a_text_tells_the_code_and_its_short_link_carries_it(pool: World, web: httpx.AsyncClient):
    request = await offers(pool, channel="sms")
    await pool.deliver()
    text = pool.twilio.taken[0]["body"]
    assert "Code: A-1, until " in text
    short = next(word for word in text.split() if "/c/" in word)
    led = await web.get(short)
    assert led.headers["location"] == f"https://shop.example/recover/r1_{cart_of(request)}?coupon=A-1"
    await pool.pool.execute("UPDATE deliveries SET coupon_until = now() - interval '1 second'")
    assert "coupon" not in (await web.get(short)).headers["location"], "it counts no more"


async def test_two_people_get_two_codes_and_a_third_waits_and_expires_for_want_of_one(pool: World):
    await knows(pool, "anna", "ben", "cleo")
    asked = [await offers(pool, name) for name in ("anna", "ben", "cleo")]
    await pool.deliver()
    ends = [await pool.ended(one) for one in asked]
    assert sorted(ends) == [("pending", "no_coupon"), ("sent", None), ("sent", None)]
    assert await codes(pool) == await codes(pool, HELD) == ["A-1", "A-2"]
    await pool.passes(timedelta(hours=7))
    await pool.deliver()
    late = asked[ends.index(("pending", "no_coupon"))]
    assert await pool.ended(late) == ("expired", "no_coupon")


async def test_what_waits_for_a_code_goes_out_when_there_are_more(pool: World):
    await pool.pool.execute("DELETE FROM coupon_codes")
    request = await offers(pool)
    await pool.deliver()
    assert (await pool.ended(request), pool.relay.messages) == (("pending", "no_coupon"), [])
    await filled(pool, "B-1")
    await pool.passes(timedelta(minutes=10))
    await pool.deliver()
    assert (await pool.row(request))["coupon_code"] == "B-1"


@pytest.mark.parametrize(("why", "name"), [("no_coupon", "back10"), ("unknown_coupon_pool", "gone")])
async def test_a_campaign_may_let_it_go_without_a_code(pool: World, why: str, name: str):
    await pool.pool.execute("DELETE FROM coupon_codes")
    held = await offers(pool, coupon_from=CouponFrom(pool=name))
    await pool.knows("ben")
    free = await offers(pool, "ben", coupon_from=CouponFrom(pool=name, if_empty="send"))
    await pool.deliver()
    assert await pool.ended(held) == ("pending", why)
    assert await pool.ended(free) == ("sent", None)
    assert "Your code" not in pool.relay.body()
    [sent] = await pool.pool.fetch("SELECT value FROM outbox WHERE topic = 'message.events'")
    assert b"coupon_pool" not in sent["value"]


async def test_a_second_message_of_one_person_tells_the_same_code_with_the_same_end(pool: World):
    await knows(pool, "anna", "ben")
    await pool.receive(profile("anna2", email="ANNA@mail.example", phone=None))
    asked = []
    for name in ("anna", "anna", "anna2"):
        asked.append(await offers(pool, name))
        await pool.deliver()
    rows = [await pool.row(one) for one in asked]
    assert {row["coupon_code"] for row in rows} == {"A-1"}
    assert len({row["coupon_until"] for row in rows}) == 1


async def test_who_had_a_code_gets_no_other_in_the_window_and_another_after_it(pool: World):
    await offers(pool)
    await pool.deliver()
    await pool.pool.execute(
        "UPDATE coupon_codes SET valid_until = now() - interval '1 hour' WHERE taken_at IS NOT NULL"
    )
    early = await offers(pool)
    await pool.deliver()
    free = await offers(pool, coupon_from=BACK10.model_copy(update={"if_empty": "send"}))
    await pool.deliver()
    assert await pool.ended(early) == ("cancelled", "had_coupon")
    assert (await pool.ended(free), (await pool.row(free))["coupon_code"]) == (("sent", None), None)
    await pool.pool.execute("UPDATE coupon_codes SET taken_at = now() - interval '31 days' WHERE taken_at IS NOT NULL")
    late = await offers(pool)
    await pool.deliver()
    assert (await pool.row(late))["coupon_code"] == "A-2"


async def test_a_code_that_ends_within_the_hour_is_offered_to_nobody_and_the_one_that_ends_first_goes_first(
    world: World,
):
    await world.knows()
    now = datetime.now(UTC)
    await filled(world, "LATE", ends=now + timedelta(days=9))
    await filled(world, "SOON", ends=now + timedelta(minutes=59))
    await filled(world, "NEXT", ends=now + timedelta(hours=5))
    request = await offers(world)
    await world.deliver()
    row = await world.row(request)
    assert (row["coupon_code"], row["coupon_until"]) == ("NEXT", now + timedelta(hours=5)), (
        "no longer than the shop says"
    )


async def test_a_pattern_draws_codes_and_a_full_one_is_empty(world: World, monkeypatch: pytest.MonkeyPatch):
    await knows(world, "anna", "ben")
    await filled(world, source="pattern", pattern="BACK-######")
    first = await offers(world)
    await world.deliver()
    code = (await world.row(first))["coupon_code"]
    assert len(code.removeprefix("BACK-")) == 6
    monkeypatch.setattr("services.notifier.handlers.coupons.drawn", lambda *_: code)
    second = await offers(world, "ben")
    await world.deliver()
    assert await world.ended(second) == ("pending", "no_coupon"), "never the same twice"


@pytest.mark.parametrize("crash", ["claimed", "before_send", "after_send"])
async def test_a_crash_at_any_line_neither_loses_nor_doubles_a_code(pool: World, crash: str):
    class CrashError(Exception):
        pass

    def at(point: str, _: object) -> None:
        if point == crash:
            raise CrashError

    request = await offers(pool)
    with pytest.raises(CrashError):
        await pool.deliver(at)
    held = await codes(pool, HELD)
    assert await codes(pool) == held == ([] if crash == "claimed" else ["A-1"])
    await pool.passes(LEASE)
    await pool.deliver()
    assert (await pool.ended(request))[0] == ("sent" if crash == "claimed" else "unknown")
    assert await codes(pool) == await codes(pool, HELD) == ["A-1"]


async def test_a_holder_that_lost_its_message_takes_no_code_for_it(pool: World):
    request = await offers(pool)
    delivery = pool.delivery()
    async with pool.pool.acquire() as connection:
        [mine] = await deliveries.claim(connection, 1, uuid4(), LEASE)
    await pool.pool.execute("UPDATE deliveries SET lease_token = $1", uuid4())
    await delivery.deliver(mine)
    assert (await codes(pool), await codes(pool, HELD)) == ([], [])
    assert (await pool.row(request))["state"] == "pending"
    assert pool.relay.messages == []


async def test_what_is_not_sent_gives_its_code_back(pool: World):
    await knows(pool, "anna", "ben")
    request = await offers(pool)
    pool.carts.holds(request.cart_id, status="ordered")
    await pool.pool.execute("UPDATE deliveries SET coupon_code = 'A-1'")
    await pool.pool.execute("UPDATE coupon_codes SET taken_at = now(), customer_id = 'anna' WHERE code = 'A-1'")
    await pool.deliver()
    assert await pool.ended(request) == ("cancelled", "ordered")
    assert (await codes(pool), await codes(pool, HELD)) == ([], [])
    other = await offers(pool, "ben")
    await pool.deliver()
    assert (await pool.row(other))["coupon_code"] == "A-1"


async def test_of_two_messages_that_hold_one_code_the_last_to_end_gives_it_back(pool: World):
    requests = [await offers(pool) for _ in range(2)]
    await pool.pool.execute("UPDATE deliveries SET coupon_code = 'A-1'")
    await pool.pool.execute("UPDATE coupon_codes SET taken_at = now(), customer_id = 'anna' WHERE code = 'A-1'")
    for one in requests:
        pool.carts.holds(one.cart_id, status="ordered")
    delivery = pool.delivery()
    async with pool.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 2, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed))
    assert (await codes(pool), await codes(pool, HELD)) == ([], []), "neither leaves it to the other"


async def test_who_is_erased_leaves_told_codes_taken_and_others_free(pool: World):
    await knows(pool, "anna", "ben")
    await offers(pool)
    await pool.deliver()
    await offers(pool, "ben")
    await pool.pool.execute("UPDATE deliveries SET coupon_code = 'A-2' WHERE customer_id = 'ben'")
    await pool.pool.execute("UPDATE coupon_codes SET taken_at = now(), customer_id = 'ben' WHERE code = 'A-2'")
    [told] = (await ask(pool, "anna")).json()["coupons"]
    assert told["code"] == "A-1"
    for name in ("anna", "ben"):
        await pool.receive(erasure(pool, name))
    rows = await pool.pool.fetch("SELECT code, customer_id, recipient, taken_at FROM coupon_codes ORDER BY code")
    assert [(row["code"], row["customer_id"], row["recipient"]) for row in rows] == [
        ("A-1", None, None),
        ("A-2", None, None),
    ]
    assert [row["taken_at"] is None for row in rows] == [False, True]


async def test_what_a_vanished_profile_cancels_gives_its_code_back(pool: World):
    await offers(pool)
    await pool.pool.execute("UPDATE deliveries SET coupon_code = 'A-1'")
    await pool.pool.execute("UPDATE coupon_codes SET taken_at = now(), customer_id = 'anna' WHERE code = 'A-1'")
    await pool.receive(erased())
    assert (await codes(pool), await codes(pool, HELD)) == ([], [])


async def test_twelve_at_once_get_twelve_codes(world: World):
    names = [f"c{number}" for number in range(12)]
    await knows(world, *names)
    await filled(world, *(f"N-{number:02}" for number in range(12)))
    for name in names:
        await offers(world, name)
    delivery = world.delivery()
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 20, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed))
    assert len(set(await codes(world, HELD))) == len(await codes(world)) == 12
