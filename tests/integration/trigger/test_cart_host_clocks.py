"""A cart whose host's clock is off, and the trigger that reads what it told: nobody is reminded early."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.contracts.codec import decode, stamped
from libs.postgres.clock import CorrectedClock
from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.cart.main import MIGRATIONS, application
from tests.integration.cart.shop import Visitor, customer_token, settings
from tests.integration.trigger.conftest import Trigger, now

FIRST_STEP = timedelta(hours=1)
DOUBT = timedelta(minutes=1)
"""More than a busy machine takes to ask the database for the time, which is what a measured clock may be off by."""


async def added_at_a_host(pool: Pool, off: timedelta) -> None:
    """Anna puts something into her cart, at a host whose clock is off."""
    clock = CorrectedClock(lambda: utc_now() + off)
    await clock.measure(pool)
    app = application(settings(), pool, clock, lambda *_: None)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.test") as http:
        token = customer_token("anna", iat=0)
        await Visitor(http, {"Authorization": f"Bearer {token}"}).add("tea")


async def told(pool: Pool) -> list[Any]:
    """The cart's events, as its relay writes them."""
    rows = await pool.fetch(
        "SELECT key, headers, value, occurred_at FROM outbox WHERE topic = 'cart.events' ORDER BY id"
    )
    events = []
    for row in rows:
        headers, value = stamped(json.loads(row["headers"]), row["value"], row["occurred_at"])
        events.append(decode(row["key"], headers, value))
    return events


@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(hours=-2)])
async def test_a_reminder_falls_due_by_the_databases_clock(
    trigger: Trigger, make_database: Any, off: timedelta
) -> None:
    """Story: an API host two hours slow had reminders sent at once, to people who were still choosing."""
    pool = await open_pool(make_database(MIGRATIONS), size=4)
    try:
        before = now()
        await added_at_a_host(pool, off)
        after = now()
        await trigger.receive(*await told(pool))
    finally:
        pool.terminate()
    due = await trigger.pool.fetchval("SELECT due_at FROM carts")
    assert before - DOUBT <= due - FIRST_STEP <= after + DOUBT
    await trigger.read_until(after)
    await trigger.timers.fire()
    assert await trigger.requested() == []
