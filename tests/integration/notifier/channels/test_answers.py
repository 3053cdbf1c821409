"""What providers tell of messages, from the signed callback to what follows: by Twilio's status callbacks."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.contracts.events import MessageBounced, ReminderRequested
from services.notifier.channels.sms.twilio_signatures import signature
from services.notifier.domain.answers import Answer
from services.notifier.handlers.answers import From, Taken, take_answer
from services.notifier.jobs.retention import KEEP_PROVIDER_EVENTS, RetentionJob
from services.notifier.metrics import ANSWERS
from services.notifier.web.schemas import MessagePage
from tests.integration.notifier.conftest import World, carried, clicks_told, low_stock, opens_told
from tests.integration.notifier.stand_ins import SERVERS_KEY
from tests.integration.playground.conftest import TOKEN
from tests.support.answers import as_documented

URL = "https://n.nordwind.example/twilio/events"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"
SES = From("ses", "email")


async def calls(web: httpx.AsyncClient, sid: str, status: str, code: str = "", **more: str) -> httpx.Response:
    form = {"MessageSid": sid, "MessageStatus": status} | ({"ErrorCode": code} if code else {}) | more
    return await web.post(URL, data=form, headers={"X-Twilio-Signature": signature(URL, form, TOKEN)})


async def texted(world: World) -> tuple[ReminderRequested, str]:
    """A text that was sent, and Twilio's name for it."""
    request = await world.asks(**low_stock())
    await world.deliver()
    sid = (await world.row(request))["provider_id"]
    assert sid
    return request, sid


async def mailed(world: World, **known: Any) -> ReminderRequested:
    request = await world.asks(**known)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    return request


async def takes(world: World, answer: Answer, by: From = SES) -> Taken:
    async with world.pool.acquire() as connection, connection.transaction():
        return await take_answer(connection, by, answer, world.stores, world.now)


def about(world: World, request: ReminderRequested, kind: Any, event_id: str = "e1", **more: Any) -> Answer:
    return Answer(event_id, kind, world.now, reminder_id=request.reminder_id, **more)


async def shown(web: httpx.AsyncClient) -> list[dict[str, Any]]:
    url = "https://n.nordwind.example/v1/stores/demo/messages"
    answer = await web.get(url, params={"customer_id": "anna"}, headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert as_documented(answer.content, MessagePage)
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


async def closed(world: World) -> list[tuple[str | None, ...]]:
    rows = await world.pool.fetch("SELECT channel, reason, source, status FROM suppressions")
    return [tuple(row.values()) for row in rows]


async def test_what_was_heard_stands_beside_a_message_that_stays_sent(world: World, web: httpx.AsyncClient):
    await world.knows()
    request, sid = await texted(world)
    assert (await calls(web, sid, "sent")).status_code == 204
    assert (await calls(web, sid, "delivered")).status_code == 204
    assert await world.ended(request) == ("sent", None)
    assert await carried(world) == [("message.sent", "twilio"), ("message.delivered", "twilio")]
    (message,) = await shown(web)
    assert message["state"] == "sent"
    (heard,) = message["answers"]
    assert (heard["answer"], heard["provider"], heard["times"], heard["weight"]) == ("delivered", "twilio", 1, None)


@pytest.mark.parametrize("code", ["30003", "30007", "30034"])
async def test_a_text_that_was_taken_and_did_not_arrive_is_written_down(
    world: World, web: httpx.AsyncClient, code: str
):
    await world.knows()
    request, sid = await texted(world)
    assert (await calls(web, sid, "undelivered", code)).status_code == 204
    assert await world.ended(request) == ("sent", None)
    [heard] = (await shown(web))[0]["answers"]
    assert (heard["answer"], heard["reason"]) == ("undelivered", f"twilio_{code}")
    value = await world.pool.fetchval("SELECT value FROM outbox WHERE headers LIKE '%message.bounced%'")
    told = MessageBounced.model_validate_json(value)
    assert (told.reminder_id, told.reason, told.weight) == (request.reminder_id, f"twilio_{code}", None)
    assert await closed(world) == [], "it is about our sender, or about now"


async def test_a_number_that_takes_no_texts_is_closed(world: World, web: httpx.AsyncClient):
    await world.knows()
    _, sid = await texted(world)
    await calls(web, sid, "undelivered", "30006")
    assert await closed(world) == [("sms", "bounced", "twilio", "twilio_30006")]
    second = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(second) == ("cancelled", "suppressed")


async def test_each_thing_counts_once_however_often_it_is_told(world: World, web: httpx.AsyncClient):
    await world.knows()
    _, sid = await texted(world)
    answers = await asyncio.gather(*(calls(web, sid, "delivered") for _ in range(4)))
    assert {answer.status_code for answer in answers} == {204}
    assert await world.told() == ["message.sent", "message.delivered"]
    [heard] = (await shown(web))[0]["answers"]
    assert heard["times"] == 1


async def test_a_call_that_twilio_has_not_signed_is_refused_and_changes_nothing(world: World, web: httpx.AsyncClient):
    await world.knows()
    _, sid = await texted(world)
    form = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "30006"}
    wrong = signature(URL, form, "another token")
    other = signature(URL, form | {"MessageStatus": "delivered"}, TOKEN)
    elsewhere = signature(URL.replace("events", "inbound"), form, TOKEN)
    for signed in ({}, *({"X-Twilio-Signature": one} for one in ("", "x", wrong, other, elsewhere))):
        answer = await web.post(URL, data=form, headers=signed)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert await world.told() == ["message.sent"]
    assert await closed(world) == []


async def test_a_body_that_is_no_status_or_too_long_is_refused(world: World, web: httpx.AsyncClient):
    for sid, status in (("x", "delivered"), ("SM" + "0" * 32, ""), ("SM" + "0" * 32, "a.b")):
        answer = await calls(web, sid, status)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    answer = await calls(web, "SM" + "0" * 32, "delivered", Padding="x" * 1_100_000)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def test_what_is_of_no_message_that_is_known_is_taken_and_counted(world: World, web: httpx.AsyncClient):
    counted = ANSWERS.labels("twilio", "delivered", "unknown_message")
    before = counted._value.get()
    assert (await calls(web, "SM" + "0" * 32, "delivered")).status_code == 204
    assert counted._value.get() == before + 1


async def test_a_provider_of_one_channel_says_nothing_of_messages_of_another(world: World):
    await world.knows()
    request = await mailed(world)
    assert await takes(world, about(world, request, "complained"), From("vonage", "sms")) == "unknown_message"
    assert await closed(world) == []


async def test_a_bounce_for_good_closes_the_address_of_then_for_all_who_have_it(world: World):
    """Story: the customer had changed the address by the time the bounce came, and the new one was closed."""
    await world.knows()
    await world.knows("ben", email="Anna@mail.example")
    request = await mailed(world)
    await world.knows(version=2, email="anna@new.example")
    assert await takes(world, about(world, request, "bounced", hard=False, status="5.1.1")) == "taken"
    assert await closed(world) == [("email", "bounced", "ses", "5.1.1")]
    second, other = await world.asks(), await world.asks(customer_id="ben")
    await world.deliver()
    assert await world.ended(second) == ("sent", None)
    assert await world.ended(other) == ("cancelled", "suppressed")


async def test_a_complaint_closes_the_address_and_texts_go_on(world: World):
    await world.knows()
    await takes(world, about(world, await mailed(world), "complained"))
    assert await closed(world) == [("email", "complained", "ses", None)]
    second, text = await world.asks(), await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(second) == ("cancelled", "suppressed")
    assert await world.ended(text) == ("sent", None)
    assert (await world.told())[:2] == ["message.sent", "message.complained"]


async def test_that_it_is_closed_is_told_as_reach(world: World):
    await world.knows()
    await takes(world, about(world, await mailed(world), "complained"))
    said = "SELECT convert_from(value, 'UTF8')::json ->> 'email' FROM outbox WHERE topic = 'customer.reach' ORDER BY id"
    assert [row[0] for row in await world.pool.fetch(said)][-1] == "false"


async def test_bounces_for_now_close_it_by_the_store_s_count_of_messages(world: World):
    world.shop["soft_bounces"] = "2 in 7d"
    await world.knows()
    first, second = await mailed(world), await mailed(world)
    for number in range(3):
        await takes(world, about(world, first, "bounced", f"a{number}", status="4.2.2"))
    assert await closed(world) == [], "three times of one message"
    world.now += timedelta(days=8)
    await takes(world, about(world, second, "bounced", "b1", status="4.2.2"))
    assert await closed(world) == [], "too long ago"
    await takes(world, about(world, await mailed(world), "bounced", "c1", status="4.2.2"))
    assert await closed(world) == [("email", "bounced", "ses", "4.2.2")]


async def test_bounces_for_now_close_nothing_where_the_store_says_so(world: World):
    world.shop["soft_bounces"] = ""
    await world.knows()
    for number in range(4):
        await takes(world, about(world, await mailed(world), "bounced", f"e{number}", status="4.2.2"))
    assert await closed(world) == []


async def test_a_click_that_a_provider_tells_is_told_once_with_those_of_our_links(world: World):
    await world.knows()
    request = await mailed(world)
    world.now += timedelta(minutes=3)
    await takes(world, about(world, request, "clicked", agent=PHONE))
    await takes(world, about(world, request, "clicked", "e2", agent=PHONE))
    assert len(await clicks_told(world)) == 1
    await takes(world, about(world, request, "clicked", "e3", agent=PHONE))
    assert len(await clicks_told(world)) == 1
    assert await world.told() == ["message.sent", "message.clicked"]


async def test_what_a_program_opens_or_follows_is_no_answer_of_a_person(world: World):
    await world.knows()
    request = await mailed(world)
    assert await takes(world, about(world, request, "clicked", "at-once", agent=PHONE)) == "suspected"
    world.now += timedelta(minutes=3)
    assert await takes(world, about(world, request, "clicked", "bot", agent="Barracuda-Scan/1.0")) == "suspected"
    assert await takes(world, about(world, request, "clicked", "said", machine=True)) == "suspected"
    assert await takes(world, about(world, request, "opened", "ahead", machine=True)) == "suspected"
    assert await takes(world, about(world, request, "opened", "proxy", agent="Mozilla/5.0")) == "suspected"
    assert await world.told() == ["message.sent", "message.clicked", "message.opened"], "told once, and apart"
    assert [(one.suspected, one.provider) for one in await clicks_told(world)] == [("first_seconds", "ses")]
    heard = await world.pool.fetch("SELECT answer, provider, reason, times FROM answers ORDER BY answer")
    assert [tuple(row) for row in heard] == [("prefetched", "ses", "apple_mail", 2), ("suspected", "ses", "scanner", 3)]
    assert await takes(world, about(world, request, "opened", "read", agent=PHONE)) == "taken"
    assert [(one.prefetch, one.provider) for one in await opens_told(world)] == [("scanner", "ses"), (None, "ses")]
    assert await takes(world, about(world, request, "clicked", "read", agent=PHONE)) == "known"
    assert await takes(world, about(world, request, "clicked", "followed", agent=PHONE)) == "taken"
    assert [one.suspected for one in await clicks_told(world)] == ["first_seconds", None]


async def test_ids_of_what_was_told_are_kept_35_days_and_what_was_heard_as_long_as_its_message(world: World):
    await world.knows()
    request = await mailed(world)
    await takes(world, about(world, request, "delivered"))
    job = RetentionJob(world.pool, world.stores, world.clock)
    world.now += KEEP_PROVIDER_EVENTS - timedelta(hours=1)
    await job.round()
    assert await takes(world, about(world, request, "delivered")) == "known"
    world.now += timedelta(hours=2)
    await job.round()
    assert await world.pool.fetchval("SELECT count(*) FROM provider_events") == 0
    assert await world.pool.fetchval("SELECT count(*) FROM answers") == 1
    world.now += timedelta(days=400)
    await job.round()
    assert await world.pool.fetchval("SELECT count(*) FROM answers") == 0
