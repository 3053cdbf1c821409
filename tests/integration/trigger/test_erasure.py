"""A customer is erased: nothing here says whose anything was, nobody is reminded, late events bring nothing back."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from libs.contracts.codec import decode
from libs.contracts.events import CartClaimed, CartErased, CustomerErased, ErasureRequested
from libs.erasure import store as erasure
from libs.runtime.ids import uuid7
from services.trigger.timers import KEEP_CLOSED, Timers
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.support.eventually import eventually
from tests.unit.trigger.making import added, cart_id, level

ANNA = "customer-a"


def request(*names: str, at: datetime | None = None) -> ErasureRequested:
    return ErasureRequested(
        event_id=uuid7(),
        occurred_at=at or now(),
        erasure_id=uuid7(),
        store_id="shop",
        customer_ids=names or (ANNA,),
        profile_version=9,
    )


async def reports(trigger: Trigger) -> list[CustomerErased]:
    rows = await trigger.pool.fetch("SELECT key, headers, value FROM outbox ORDER BY id")
    told = [decode(row["key"], json.loads(row["headers"]), row["value"]) for row in rows]
    return [event for event in told if isinstance(event, CustomerErased)]


async def everything(trigger: Trigger) -> str:
    """Every row of every table but the outbox, as text."""
    tables = await trigger.pool.fetch("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'outbox'")
    found = [await trigger.pool.fetch(f'SELECT t::text AS row FROM "{one["relname"]}" AS t') for one in tables]
    return "\n".join(row["row"] for table in found for row in table)


def rows(report: CustomerErased) -> dict[str, Any]:
    return {place.place: (place.done, place.rows) for place in report.places if place.rows is not None}


async def test_nothing_here_names_an_erased_customer(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), added("b", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert ANNA in await everything(trigger)
    asked = request()
    await trigger.receive(asked)
    assert ANNA not in await everything(trigger)
    (report,) = await reports(trigger)
    assert (report.erasure_id, report.service, report.key()) == (
        asked.erasure_id,
        "trigger",
        f"{asked.erasure_id}:trigger",
    )
    assert rows(report) == {
        "table carts": ("anonymised", 1),
        "table holdings": ("deleted", 1),
        "table decisions": ("deleted", 1),
        "table participants": ("deleted", 0),
        "table occasions": ("deleted", 0),
        "table customer_orders": ("deleted", 0),
        "table reach": ("deleted", 0),
        "table watches": ("deleted", 0),
        "table clicks": ("deleted", 0),
    }
    expiring = {place.place: place.gone_by for place in report.places if place.done == "expires"}
    assert set(expiring) == {
        "topic reminder.requests",
        "topic reminder.decisions",
        "topic cart.events.dlq",
        "topic customer.reach.dlq",
        "topic message.events.dlq",
    }
    assert all(gone_by is not None and gone_by > now() + timedelta(days=14) for gone_by in expiring.values())
    assert "customer-b" in await everything(trigger)


async def test_nobody_is_reminded_after_an_erasure(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=61)))
    await trigger.receive(request())
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert await trigger.pool.fetchval("SELECT count(*) FROM decisions") == 0


async def test_late_events_bring_nothing_back(trigger: Trigger) -> None:
    """The request was read before events that it is about: Kafka keeps no order between topics."""
    await trigger.receive(request("a-card", ANNA))
    await trigger.receive(added("a", 1, ago(hours=3)), added("a", 2, ago(hours=2)))
    await trigger.receive(added("till", 1, ago(hours=2), customer="a-card"))
    gone = CartErased(
        event_id=uuid7(), occurred_at=ago(seconds=1), cart_id=cart_id("a"), store_id="shop", cart_version=3
    )
    await trigger.receive(gone)
    await trigger.receive(added("a", 4, ago(seconds=1)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    left = await everything(trigger)
    assert ANNA not in left
    assert "a-card" not in left
    assert await trigger.pool.fetchval("SELECT count(*) FROM decisions") == 0
    assert await trigger.pool.fetchval("SELECT closed_at IS NOT NULL FROM carts") is True


async def test_whoever_comes_back_under_the_same_id_is_new_however_late_the_request_is_read(trigger: Trigger) -> None:
    erased_at = ago(hours=3)
    old, new = added("a", 1, ago(hours=4)), added("new", 1, ago(hours=2), customer=ANNA)
    claimed = CartClaimed(**added("guest", 2, ago(hours=2), customer=ANNA).model_dump())
    await trigger.receive(old, added("guest", 1, ago(hours=5), customer=None), new, claimed)
    await trigger.receive(request(at=erased_at))
    await trigger.read_until(now())
    await trigger.timers.fire()
    reminded = {row["cart_id"] for row in await trigger.pool.fetch("SELECT cart_id FROM decisions")}
    assert reminded == {cart_id("new"), cart_id("guest")}


async def test_the_same_request_again_changes_nothing(trigger: Trigger) -> None:
    """Killed between the commit and the offset's: Kafka hands the batch over again."""
    await trigger.receive(added("a", 1, ago(hours=2)))
    asked = request()
    await trigger.receive(asked)
    await trigger.receive(asked)
    first, second = await reports(trigger)
    assert rows(first)["table carts"] == ("anonymised", 1)
    assert rows(second)["table carts"] == ("anonymised", 0)


async def test_a_fan_out_under_way_is_waited_for_and_erased_as_well(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)))
    await trigger.receive(level(10, 1, ago(minutes=4)), level(5, 2, ago(minutes=3)))
    await trigger.read_until(now(), *range(12))
    async with trigger.pool.acquire() as connection, connection.transaction():
        await erasure.hold(connection, alone=False)
        erasing = asyncio.create_task(trigger.receive(request()))
        await waiting_for_the_lock(trigger)
        assert not erasing.done()
    await erasing
    assert await trigger.timers.fan_out()
    assert ANNA not in await everything(trigger)
    assert await trigger.pool.fetchval("SELECT count(*) FROM decisions") == 0


async def waiting_for_the_lock(trigger: Trigger) -> None:
    """Returns once somebody waits for an advisory lock of this database."""
    query = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    await eventually(lambda: trigger.pool.fetchval(query))


async def test_hashes_of_the_erased_are_forgotten_when_no_late_event_can_come(trigger: Trigger) -> None:
    await trigger.receive(request())
    await trigger.timers._forget()
    assert await trigger.pool.fetchval("SELECT count(*) FROM erased_customers") == 1
    await trigger.pool.execute("UPDATE erased_customers SET noted_at = noted_at - $1::interval", KEEP_CLOSED)
    await Timers(trigger.settings, trigger.pool, trigger.campaigns)._forget()
    assert await trigger.pool.fetchval("SELECT count(*) FROM erased_customers") == 0
