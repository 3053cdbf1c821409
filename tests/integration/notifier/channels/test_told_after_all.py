"""What may have been sent is known as soon as its provider tells anything of it, by the id that the message bears.

Story: SES can't be asked for a message. Its events come with the reminder's tag, and the message stayed `unknown`
beside `delivered` for ever, or went out a second time.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.events import ReminderRequested
from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.channels.email import sns_signatures
from services.notifier.domain.answers import Answer
from services.notifier.handlers.answers import From, take_answer
from services.notifier.handlers.unsubscribed import tell_unsubscribed
from tests.integration.notifier.channels.test_asking import Crash, crashes_at
from tests.integration.notifier.channels.test_provider_events import BASE, RSA, SETTINGS
from tests.integration.notifier.channels.test_provider_events import ses as told_by_ses
from tests.integration.notifier.conftest import World, carried
from tests.integration.notifier.http_stand_ins import SECRET, Ses
from tests.support.eventually import eventually
from tests.unit.notifier.channels.email.test_ses_events import DAY
from tests.unit.notifier.channels.telling import certified

WAITS = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%')"


@pytest.fixture
async def amazon(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ses]:
    async def certificate(_url: str) -> bytes:
        return certified(RSA, utc_now() - DAY, utc_now() + DAY)

    made = Ses()
    own = {"SES_BASE_URL": made.server.url, "SES_ACCESS_KEY_ID": Ses.KEY_ID, "SES_SECRET_ACCESS_KEY": SECRET}
    for name, value in (SETTINGS | own).items():
        monkeypatch.setenv(f"NOTIFIER_{name}", value)
    monkeypatch.setattr(sns_signatures, "fetch", certificate)
    world.shop["email_provider"] = "ses"
    await world.knows()
    yield made
    await made.stop()


async def tells(world: World, request: ReminderRequested) -> None:
    headers, body = told_by_ses(request.reminder_id, utc_now())
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        answer = await client.post(f"{BASE}/ses/events", content=body, headers=headers)
        assert answer.status_code == 204, answer.text


async def test_a_letter_whose_answer_was_lost_was_sent_once_ses_tells_of_its_tag(world: World, amazon: Ses):
    amazon.hangs_up_after_taking()
    request = await world.asks()
    await world.deliver()
    assert (await world.ended(request))[0] == "unknown"
    for _ in range(2):
        await tells(world, request)
    assert await world.ended(request) == ("sent", None)
    assert await carried(world) == [("message.unknown", "ses"), ("message.sent", "ses"), ("message.delivered", "ses")]


async def test_what_ses_tells_before_its_answer_is_known_to_be_lost_counts_as_well(
    world: World, amazon: Ses, monkeypatch: pytest.MonkeyPatch
):
    amazon.hangs_up_after_taking()
    request, takes = await world.asks(), amazon.take

    async def takes_and_tells(asked: Request) -> Response:
        answer = await takes(asked)
        await tells(world, request)
        return answer

    monkeypatch.setattr(amazon, "take", takes_and_tells)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert await carried(world) == [("message.delivered", "ses"), ("message.sent", "ses")]


async def test_what_is_being_told_while_the_end_is_written_is_waited_for(
    world: World, amazon: Ses, monkeypatch: pytest.MonkeyPatch
):
    amazon.hangs_up_after_taking()
    request, takes, taken, told = await world.asks(), amazon.take, asyncio.Event(), asyncio.Event()
    delivered = Answer("e1", "delivered", utc_now(), reminder_id=request.reminder_id)

    async def takes_and_waits(asked: Request) -> Response:
        answer = await takes(asked)
        taken.set()
        await told.wait()
        return answer

    async def tells_slowly() -> None:
        await taken.wait()
        async with world.pool.acquire() as connection, connection.transaction():
            await take_answer(connection, From("ses", "email"), delivered, world.stores, utc_now())
            told.set()
            await eventually(lambda: world.pool.fetchval(WAITS))

    monkeypatch.setattr(amazon, "take", takes_and_waits)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(tells_slowly())
        tasks.create_task(world.deliver())
    assert await world.ended(request) == ("sent", None)


@pytest.mark.parametrize("delivery", ["at_most_once", "at_least_once"])
async def test_after_a_crash_what_ses_has_told_of_was_sent_and_is_not_sent_again(
    world: World, amazon: Ses, delivery: str
):
    world.shop["delivery"] = delivery
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crashes_at("after_send"))
    await tells(world, request)
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert len(amazon.taken) == 1
    assert sorted(await carried(world)) == [("message.delivered", "ses"), ("message.sent", "ses")]


async def test_a_stop_to_the_number_proves_of_no_message_that_it_went_out(world: World, amazon: Ses):
    request = await world.asks()
    with pytest.raises(Crash):
        await world.deliver(crashes_at("before_send"))
    async with world.pool.acquire() as connection, connection.transaction():
        await tell_unsubscribed(connection, request.reminder_id, "email", "reply", utc_now())
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    assert await world.ended(request) == ("unknown", "interrupted")
    assert amazon.taken == []
