"""What a person reads in a reply that nobody understood: told once, and done at once."""

from typing import Any

import httpx
import pytest

from libs.contracts.events import ReachSet
from services.notifier.db import replies
from services.notifier.web.messages.replies import ReadReply
from tests.integration.notifier.conftest import World, low_stock, profile
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE
from tests.support.answers import as_documented

NUMBER, STRANGER = "+4915112345678", "+4915199999999"
BY = "mia@shop.example"


async def came(world: World, sender: str = NUMBER, sid: str = "SM1", channel: str = "sms") -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        assert await replies.note(connection, sid, STORE, "unclear", sender, channel)


async def says(web: httpx.AsyncClient, read_as: str, sid: str = "SM1", key: str = SERVERS_KEY, **more: Any) -> Any:
    body = {"read_as": read_as, "by": BY} | more
    path = f"/v1/stores/{STORE}/replies/{sid}/read"
    return await web.post(path, json=body, headers={"Authorization": f"Bearer {key}"})


async def waiting(web: httpx.AsyncClient) -> list[str]:
    answer = await web.get(f"/v1/stores/{STORE}/replies", headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    return [one["message_sid"] for one in answer.json()["replies"]]


async def texted(world: World, customer_id: str = "anna") -> tuple[str, str | None]:
    request = await world.asks(customer_id=customer_id, **low_stock())
    await world.deliver()
    return await world.ended(request)


async def test_a_stop_closes_the_channel_at_once_and_leaves_the_list(world: World, web: httpx.AsyncClient):
    """Story: what a person read as a stop had to be closed by hand in the database within ten days."""
    await world.knows()
    await came(world)
    assert await waiting(web) == ["SM1"]
    answer = await says(web, "stop")
    assert as_documented(answer.content, ReadReply)
    assert (answer.json()["read_as"], answer.json()["read_by"]) == ("stop", BY)
    assert await waiting(web) == []
    assert await texted(world) == ("cancelled", "suppressed")
    reach = await world.pool.fetch("SELECT value FROM outbox WHERE topic = 'customer.reach' ORDER BY id")
    assert ReachSet.model_validate_json(reach[-1]["value"]).sms is False
    assert (await says(web, "stop")).json() == answer.json()


async def test_what_is_no_stop_changes_nothing_else_and_a_stop_may_still_be_found_in_it(
    world: World, web: httpx.AsyncClient
):
    await world.knows()
    await came(world)
    assert (await says(web, "other")).status_code == 200
    assert (await waiting(web), await texted(world)) == ([], ("sent", None))
    assert (await says(web, "stop", by="ben")).json()["read_by"] == "ben"
    assert (await texted(world)) == ("cancelled", "suppressed")
    refused = await says(web, "other")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:evercart:problem:reply-read")


async def test_the_number_is_closed_for_all_who_have_it(world: World, web: httpx.AsyncClient):
    await world.receive(profile(), profile("ben", phone=NUMBER))
    await came(world)
    await says(web, "stop")
    assert await texted(world) == await texted(world, "ben") == ("cancelled", "suppressed")


async def test_the_number_of_a_stranger_is_closed_before_somebody_leaves_it(world: World, web: httpx.AsyncClient):
    await came(world, STRANGER)
    await says(web, "stop")
    await world.knows(phone=STRANGER)
    assert await texted(world) == ("cancelled", "suppressed")


@pytest.mark.parametrize("known", [True, False])
async def test_of_one_that_came_before_the_number_was_noted_the_customer_is_closed_or_nothing(
    world: World, web: httpx.AsyncClient, known: bool
):
    await world.knows()
    await came(world, NUMBER if known else STRANGER)
    await world.pool.execute("UPDATE replies SET subject = NULL, channel = NULL")
    answer = await says(web, "stop")
    if known:
        assert (answer.status_code, await texted(world)) == (200, ("cancelled", "suppressed"))
    else:
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:evercart:problem:unknown-sender")
        assert await waiting(web) == ["SM1"]
        assert (await says(web, "other")).status_code == 200


async def test_what_is_no_unclear_reply_is_not_found_and_bad_input_changes_nothing(
    world: World, web: httpx.AsyncClient
):
    await world.knows()
    await came(world)
    async with world.pool.acquire() as connection:
        await replies.note(connection, "SM2", STORE, "help", NUMBER)
    for sid in ("SM2", "SM3"):
        missing = await says(web, "stop", sid)
        assert (missing.status_code, missing.json()["type"]) == (404, "urn:evercart:problem:unknown-reply")
    assert (await says(web, "start")).status_code == 422
    for bad in ({"by": ""}, {"more": 1}, {"by": "a\nb"}):
        assert (await says(web, "stop", **bad)).status_code == 422
    for key in (KEY, "sk_other", ""):
        assert (await says(web, "stop", key=key)).status_code == 401
    assert await waiting(web) == ["SM1"]
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions") == 0
