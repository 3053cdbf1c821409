"""`message.unsubscribed`: once of each message, however it was said, and of no message that is not known.

Story: a shop asked which campaign people leave by, and knew only that they had.
"""

from typing import Any

import httpx
import pytest

from libs.contracts.events import MessageUnsubscribed
from libs.runtime.clock import utc_now
from services.notifier import main
from tests.integration.notifier.conftest import World, low_stock
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.integration.notifier.test_replies import Phone
from tests.integration.notifier.web.recipients.choosing import link, save


async def told(world: World) -> list[MessageUnsubscribed]:
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'message.unsubscribed' ORDER BY id"
    )
    return [MessageUnsubscribed.model_validate_json(row["value"]) for row in rows]


async def beside(world: World) -> list[tuple[Any, ...]]:
    rows = await world.pool.fetch("SELECT provider, answer FROM answers ORDER BY provider")
    return [tuple(row.values()) for row in rows]


@pytest.fixture
async def phone(world: World):
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application)) as client:
        yield Phone(client)


async def test_one_click_is_told_once_of_its_message(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = (await link(world)).replace("/p/", "/u/")
    await web.get(url)
    assert await told(world) == [], "a scanner looks"
    for _ in range(2):
        assert (await web.post(url, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    [event] = await told(world)
    assert (event.by, event.channel, event.campaign, event.kind) == (
        "link",
        "email",
        "abandoned_cart",
        "abandoned_cart",
    )
    assert await beside(world) == [("link", "unsubscribed")]


async def test_nothing_wanted_on_the_page_is_told_and_a_purpose_less_is_not(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="cart_reminders")
    await save(web, url, sms="")
    assert await told(world) == [], "by the channel of the message they still want something"
    await save(web, url, email="")
    await save(web, url, email="cart_reminders")
    await save(web, url, email="")
    [event] = await told(world)
    assert (event.by, event.channel) == ("preferences", "email")


async def test_a_stop_is_told_of_the_text_that_went_to_the_number_last(world: World, phone: Phone):
    await world.knows()
    await phone.writes("STOP")
    assert await told(world) == [], "nothing was sent to it"
    await phone.writes("START")
    first, last = await world.asks(**low_stock()), await world.asks(**low_stock())
    await world.deliver()
    older = "UPDATE deliveries SET sending_at = sending_at - interval '1 day' WHERE reminder_id = $1"
    await world.pool.execute(older, first.reminder_id)
    await phone.writes("STOP")
    [event] = await told(world)
    assert (event.reminder_id, event.by, event.channel) == (last.reminder_id, "reply", "sms")


async def test_a_stop_that_a_person_has_read_is_told_too(world: World, phone: Phone):
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    await phone.writes("We have got to STOP this bill", sid="SM" + "0d" * 16)
    assert await told(world) == []
    url = f"https://n.nordwind.example/v1/stores/{STORE}/replies/SM{'0d' * 16}/read"
    said = {"read_as": "stop", "by": "mia@shop.example"}
    answer = await phone.client.post(url, json=said, headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert answer.status_code == 200
    assert [event.reminder_id for event in await told(world)] == [request.reminder_id]


async def test_a_click_in_a_message_of_somebody_erased_tells_nothing(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = (await link(world)).replace("/p/", "/u/")
    await world.pool.execute("DELETE FROM deliveries")
    assert (await web.post(url)).status_code == 404
    assert await told(world) == []
