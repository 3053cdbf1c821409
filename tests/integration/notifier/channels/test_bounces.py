"""Messages that come back by SMTP: from the address that they are sent with to the address that is closed."""

import re
from typing import Any

import httpx
import pytest

from libs.contracts.events import ReminderRequested
from services.notifier.web.providers.bounces import ReturnedMessage
from tests.integration.notifier.conftest import World, carried
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY
from tests.support.answers import as_documented
from tests.unit.notifier.domain.test_bounce_report import ABUSE, FAILED, ORIGINAL, report

URL = "https://n.nordwind.example/v1/stores/demo/bounces"
HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}", "Content-Type": "message/rfc822"}


async def mailed(world: World) -> tuple[ReminderRequested, str]:
    """A message that was sent, and where it comes back to."""
    world.shop["bounce_address"] = "bounces@nordwind.example"
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    return request, return_path(world)


def return_path(world: World) -> str:
    """Where the last message comes back to: the relay wrote it above."""
    found = re.match(rb"Return-Path: <(.+?)>", world.relay.kept.contents[-1])
    assert found is not None
    return found[1].decode()


async def hands(web: httpx.AsyncClient, raw: bytes, **params: str) -> dict[str, Any]:
    answer = await web.post(URL, content=raw, params=params, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, ReturnedMessage)
    found: dict[str, Any] = answer.json()
    return found


async def closed(world: World) -> list[tuple[str | None, ...]]:
    rows = await world.pool.fetch("SELECT channel, reason, source, status FROM suppressions")
    return [tuple(row.values()) for row in rows]


async def test_a_message_goes_out_with_an_address_of_its_own_to_come_back_to(world: World):
    request, back = await mailed(world)
    assert re.fullmatch(rf"bounces\+{request.reminder_id.hex}-[0-9a-f]{{16}}@nordwind\.example", back)
    (message,) = world.relay.messages
    assert "hello@nordwind.example" in message["From"]


async def test_without_an_address_of_the_store_s_it_comes_back_to_the_sender(world: World):
    await world.knows()
    await world.asks()
    await world.deliver()
    assert return_path(world) == "hello@nordwind.example"


async def test_a_delivery_report_closes_the_address_once(world: World, web: httpx.AsyncClient):
    request, back = await mailed(world)
    raw = report("delivery-status", FAILED, to=back, original="Subject: x")
    assert await hands(web, raw) == {"read_as": "bounced", "status": "5.1.1", "outcome": "taken"}
    assert await hands(web, raw) == {"read_as": "bounced", "status": "5.1.1", "outcome": "known"}
    assert await closed(world) == [("email", "bounced", "smtp", "5.1.1")]
    told = await carried(world)
    assert told == [("message.sent", "smtp"), ("message.bounced", None)], "no report says by which account"
    assert await world.ended(request) == ("sent", None)


async def test_the_mail_server_may_say_to_whom_it_came(world: World, web: httpx.AsyncClient):
    _, back = await mailed(world)
    raw = report("delivery-status", FAILED, to="undisclosed", original="Subject: x")
    assert (await hands(web, raw))["outcome"] == "unsigned"
    assert (await hands(web, raw, recipient=back.upper()))["outcome"] == "taken"


async def test_a_mailbox_that_is_full_closes_nothing_at_first(world: World, web: httpx.AsyncClient):
    _, back = await mailed(world)
    raw = report("delivery-status", FAILED.replace("5.1.1", "5.2.2"), to=back, original="Subject: x")
    assert (await hands(web, raw))["status"] == "5.2.2"
    assert await closed(world) == []


async def test_a_complaint_closes_the_address_also_where_only_the_message_names_itself(world: World, web):
    request, _ = await mailed(world)
    original = ORIGINAL.replace("5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee", str(request.reminder_id))
    fields = "Feedback-Type: abuse\nVersion: 1\nUser-Agent: x\n"
    raw = report(
        "feedback-report", fields, to="fbl@nordwind.example", original=original.replace("Return-Path", "X-Was")
    )
    assert (await hands(web, raw))["outcome"] == "taken"
    assert await closed(world) == [("email", "complained", "smtp", "arf_abuse")]


async def test_a_delivery_report_that_nobody_signed_the_address_of_changes_nothing(world: World, web):
    """Anybody can write to a bounce address: a report needs the address that the message went out with."""
    request, back = await mailed(world)
    original = ORIGINAL.replace("5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee", str(request.reminder_id))
    forged = back[: back.index("@") - 1] + ("0" if back[back.index("@") - 1] != "0" else "1") + "@nordwind.example"
    for to in (forged, "bounces@nordwind.example"):
        raw = report("delivery-status", FAILED, to=to, original=original)
        assert await hands(web, raw) == {"read_as": "bounced", "status": "5.1.1", "outcome": "unsigned"}
    assert await closed(world) == []


async def test_a_report_of_another_store_s_message_is_of_none_that_is_known(world: World, web: httpx.AsyncClient):
    request, back = await mailed(world)
    await world.pool.execute("UPDATE deliveries SET store_id = 'other' WHERE reminder_id = $1", request.reminder_id)
    raw = report("delivery-status", FAILED, to=back, original="Subject: x")
    assert (await hands(web, raw))["outcome"] == "unknown_message"
    assert await closed(world) == []


async def test_a_reply_of_somebody_who_is_away_is_no_report(world: World, web: httpx.AsyncClient):
    _, back = await mailed(world)
    away = f"To: {back}\nAuto-Submitted: auto-replied\nSubject: Away\n\nUntil Monday.\n"
    assert await hands(web, away.encode()) == {"read_as": None, "status": None, "outcome": "no_report"}
    assert await hands(web, report("feedback-report", ABUSE.replace("abuse", "not-spam"), to=back)) == {
        "read_as": None,
        "status": None,
        "outcome": "no_report",
    }


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer sk_wrong", f"Bearer {KEY}"])
async def test_nobody_without_the_store_s_key_hands_anything_over(world: World, web: httpx.AsyncClient, key: str):
    _, back = await mailed(world)
    answer = await web.post(URL, content=report("delivery-status", FAILED, to=back), headers={"Authorization": key})
    assert answer.status_code == 401
    assert await closed(world) == []


async def test_a_message_that_is_too_long_is_refused(world: World, web: httpx.AsyncClient):
    answer = await web.post(URL, content=b"x" * 1_100_000, headers=HEADERS)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
