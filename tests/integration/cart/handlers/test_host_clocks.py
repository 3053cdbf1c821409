"""The clock of an API's host decides nothing: what is told occurred when the database says so."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from libs.contracts.codec import stamped
from libs.postgres.clock import CorrectedClock
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock, utc_now
from services.cart.main import application
from tests.integration.cart.shop import SECRET_KEY, Visitor, customer_token, done, settings

OFF = (timedelta(hours=2), timedelta(hours=-2))


def visitors(pool: Pool, clock: Clock) -> tuple[Visitor, Visitor]:
    """A shopper and the store's server, at an API with that clock."""
    app = application(settings(), pool, clock, lambda *_: None)
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test")
    anna = Visitor(http, {"Authorization": f"Bearer {customer_token('anna')}"})
    return anna, Visitor(http, {"Authorization": f"Bearer {SECRET_KEY}"})


async def telling(anna: Visitor, server: Visitor) -> str:
    """Something of each kind, told; gives what the cart says of its time."""
    await anna.add("tea")
    cart = await anna.add("tea")
    await server.level("tea", 3)
    done(await server.ask("PUT", "/customers/anna/profile", {"locale": "de"}))
    await server.order("o-1", cart_id=cart["id"])
    updated: str = cart["updated_at"]
    return updated


async def told_at(pool: Pool) -> list[datetime]:
    """When each event occurred, as the relay will write it."""
    rows = await pool.fetch("SELECT headers, value, occurred_at FROM outbox ORDER BY id")
    relayed = [stamped(json.loads(row["headers"]), row["value"], row["occurred_at"]) for row in rows]
    times = [datetime.fromisoformat(headers["ce_time"]) for headers, _ in relayed]
    assert times == [datetime.fromisoformat(json.loads(value or b"")["occurred_at"]) for _, value in relayed]
    return times


async def database(pool: Pool) -> datetime:
    now: datetime = await pool.fetchval("SELECT clock_timestamp()")
    return now


@pytest.mark.parametrize("off", OFF)
async def test_an_api_host_two_hours_off_changes_no_time_that_is_told(pool: Pool, off: timedelta) -> None:
    """Story: one API host was two hours slow, and its shoppers were reminded while they were still choosing."""
    clock = CorrectedClock(lambda: utc_now() + off)
    await clock.measure(pool)
    before = await database(pool)
    said = datetime.fromisoformat(await telling(*visitors(pool, clock)))
    after = await database(pool)
    times = await told_at(pool)
    assert len(times) >= 5
    assert times == sorted(times)
    assert before <= times[0]
    assert times[-1] <= after + timedelta(minutes=1), "a measured clock is off by what asking took"
    assert abs(said - before) < timedelta(minutes=5), "what the cart says of itself is corrected, too"


async def test_a_slow_host_that_has_not_measured_tells_no_older_times(pool: Pool) -> None:
    before = await database(pool)
    await telling(*visitors(pool, lambda: utc_now() - timedelta(hours=2)))
    assert min(await told_at(pool)) >= before


async def test_no_event_is_older_than_what_its_row_says(pool: Pool) -> None:
    """A cart whose row is ahead (of a host that was fast) goes on from there: its time never runs backwards."""
    anna, server = visitors(pool, utc_now)
    await anna.add("tea")
    ahead = datetime.now(UTC) + timedelta(hours=1)
    await pool.execute("UPDATE carts SET updated_at = $1", ahead)
    anna, _ = visitors(pool, utc_now)
    cart = await anna.add("tea")
    assert (await told_at(pool))[-1] == datetime.fromisoformat(cart["updated_at"]) == ahead
    await server.order("o-1", cart_id=cart["id"])
    assert min((await told_at(pool))[2:]) >= ahead - timedelta(hours=1)
