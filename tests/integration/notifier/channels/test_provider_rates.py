"""All processes together give a provider so many messages a second, however many they are."""

import asyncio
from datetime import timedelta

import pytest

from libs.postgres.pool import open_pool
from services.notifier.channels.paced import Paced, turns_by
from services.notifier.channels.ports import Limits
from services.notifier.channels.providers import Providers
from services.notifier.db import provider_rates
from services.notifier.main import MIGRATIONS
from tests.unit.notifier.making import store

SECOND = timedelta(seconds=1)
NEVER = float("inf")


@pytest.fixture
async def pools(make_database):
    """Two processes on one database."""
    dsn = make_database(MIGRATIONS)
    made = [await open_pool(dsn, size=4) for _ in range(2)]
    yield made
    for pool in made:
        await pool.close()


async def take(pool, provider="resend", per_second=10.0, longest=timedelta(hours=9)) -> float:
    """How long somebody waits; more than is possible where they get no turn."""
    async with pool.acquire() as connection:
        wait = await provider_rates.take(connection, provider, per_second, SECOND, longest)
    return NEVER if wait is None else wait


async def busy_for_an_hour(pool) -> None:
    await pool.execute("INSERT INTO provider_rates VALUES ('resend', clock_timestamp() + interval '1 hour')")


async def test_no_turn_is_given_twice_however_many_ask_at_once(pools):
    await busy_for_an_hour(pools[0])
    before = await pools[0].fetchval("SELECT free_at FROM provider_rates")
    await asyncio.gather(*(take(pools[n % 2]) for n in range(40)))
    assert await pools[0].fetchval("SELECT free_at FROM provider_rates") - before == timedelta(seconds=4)


async def test_what_comes_in_a_second_goes_at_once(pools):
    assert [await take(pools[n % 2]) for n in range(10)] == [0] * 10


async def test_turns_are_as_far_apart_as_the_rate_says(pools):
    await busy_for_an_hour(pools[0])
    waits = [await take(pools[0], per_second=0.001) for _ in range(3)]
    assert 0 < waits[0] <= 3600
    assert 900 < waits[1] - waits[0] <= 1000
    assert 900 < waits[2] - waits[1] <= 1000


async def test_a_turn_that_is_too_far_away_is_not_taken(pools):
    await busy_for_an_hour(pools[0])
    before = await pools[0].fetchval("SELECT free_at FROM provider_rates")
    assert await take(pools[0], longest=SECOND) == NEVER
    assert await pools[0].fetchval("SELECT free_at FROM provider_rates") == before
    assert await take(pools[1], longest=timedelta(hours=2)) < NEVER


async def test_a_provider_that_was_idle_owes_no_more_than_a_second_s_worth(pools):
    await pools[0].execute("INSERT INTO provider_rates VALUES ('resend', now() - interval '1 day')")
    waits = [await take(pools[0], per_second=0.001) for _ in range(2)]
    assert waits[0] == 0
    assert 900 < waits[1] <= 1000


async def test_each_provider_and_account_has_a_rate_of_its_own(pools):
    await busy_for_an_hour(pools[0])
    assert await take(pools[0], "resend_own") == 0


async def test_only_a_provider_with_a_rate_is_paced(pools, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NOTIFIER_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("NOTIFIER_RESEND_API_KEY", "re_key")
    monkeypatch.setenv("NOTIFIER_RESEND_PER_SECOND", "2")
    made = Providers(Limits(), turns_by(pools[0]))
    assert isinstance(made.of("email", "demo", store(email_provider="resend")), Paced)
    assert not isinstance(made.of("email", "demo", store(email_provider="smtp")), Paced)
    await made.close()
