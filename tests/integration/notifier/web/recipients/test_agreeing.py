"""Somebody who had only ordered agrees on their page: proven, told, and counted once the cart says so, never before."""

import json
import re
from typing import Any

import httpx
import pytest

from libs.contracts.events import ConsentGiven
from services.notifier.db import suppressions
from services.notifier.handlers.reach import tell_reach_of_neighbours
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.web.recipients.choosing import ALL, link, link_in, outcome, reach, ticks
from tests.unit.notifier.languages import LANGUAGES

ASKS = "May Nordwind write to you here"


async def given(world: World) -> list[ConsentGiven]:
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'customer.consent_given' ORDER BY id"
    )
    return [ConsentGiven.model_validate_json(row["value"]) for row in rows]


async def never_agreed(world: World, **known: Any) -> str:
    """The page of somebody who had a message, and has not agreed to texts."""
    await world.knows(**{"sms_consent": False, **known})
    return await link(world)


async def test_agreeing_is_told_with_its_proof_and_counts_when_the_profile_says_so(
    world: World, web: httpx.AsyncClient
):
    url = await never_agreed(world)
    page = (await web.get(url)).text
    assert page.count(ASKS) == 1
    assert 'name="agree" value="sms"' in page
    for method in ("GET", "HEAD"):
        assert (await web.request(method, url, params={"agree": "sms"})).status_code == 200
    assert (await web.post(url, json={"agree": "sms"})).status_code == 200
    assert await given(world) == [], "looking agrees to nothing, whatever the address says"
    answer = (await web.post(url, data={"agree": "sms"})).text
    assert "that is noted" in answer
    (told,) = await given(world)
    reminder_id = await world.pool.fetchval("SELECT reminder_id FROM deliveries")
    assert (told.customer_id, told.channel, told.profile_version) == ("anna", "sms", 1)
    assert (told.reminder_id, told.page) == (reminder_id, "preference_centre")
    assert told.wording.startswith(ASKS)
    (row,) = await world.pool.fetch("SELECT wording, became FROM preference_changes")
    assert (row["wording"], json.loads(row["became"])["agreed"]) == (told.wording, "sms")
    assert await reach(world) == (True, False), "not before the cart has kept it"
    await world.knows(version=2, sms_consent=True)
    assert await reach(world) == (True, True)
    page = (await web.get(url)).text
    assert (ASKS in page, ticks(page)["sms"]) == (False, ALL)


async def test_enter_on_a_tick_agrees_to_nothing(world: World, web: httpx.AsyncClient):
    """A browser then presses the first button of the tick's form: that is to save."""
    page = (await web.get(await never_agreed(world, email_consent=True))).text
    assert re.findall(r'<button class="other" form="(\w+)" name="agree"', page) == ["agree"]
    (of_ticks,) = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if "checkbox" in form]
    buttons = [button for button in re.findall(r"<button[^>]*>", of_ticks) if "form=" not in button]
    assert 'value="save"' in buttons[0]
    assert '<form id="agree" method="post"></form>' in page


@pytest.mark.parametrize("form", [{"agree": "email"}, {"agree": "telegram"}, {"agree": "x"}, {"agree": ""}])
async def test_what_was_agreed_to_or_is_no_channel_can_not_be_agreed_to(
    world: World, web: httpx.AsyncClient, form: dict[str, str]
):
    url = await never_agreed(world)
    answer = await web.post(url, data=form)
    assert answer.status_code == 200
    assert await given(world) == []
    assert await world.pool.fetchval("SELECT count(*) FROM preference_changes") == 0


@pytest.mark.parametrize("closed", ["stop", "complained", "bounced"])
async def test_what_is_closed_is_not_opened_by_it(world: World, web: httpx.AsyncClient, closed: Any):
    url = await never_agreed(world)
    async with world.pool.acquire() as connection:
        by = suppressions.ClosedBy("test")
        await suppressions.suppress_subject(connection, STORE, "sms", "customer:anna", closed, by)
    assert ASKS not in (await web.get(url)).text
    await web.post(url, data={"agree": "sms"})
    assert await given(world) == []


async def unsubscribed(world: World, channel: Any, address: str) -> None:
    async with world.pool.acquire() as connection:
        await suppressions.suppress_address(connection, STORE, channel, address, "unsubscribed")
        await tell_reach_of_neighbours(connection, STORE, "anna", channel, world.clock())


async def test_who_had_unsubscribed_comes_back_by_it_and_so_do_all_at_the_address(world: World, web: httpx.AsyncClient):
    await world.knows("ben", email="anna@mail.example")
    url = await never_agreed(world)
    await world.knows(version=2, email_consent=False)
    await unsubscribed(world, "email", "anna@mail.example")
    assert await reach(world) == (False, True)
    await web.post(url, data={"agree": "email"})
    assert len(await given(world)) == 1
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions") == 0
    assert await reach(world) == (True, True), "it is Ben's that is told: Anna's waits for the cart"


async def test_by_a_link_in_a_letter_no_number_comes_back_that_unsubscribed(world: World, web: httpx.AsyncClient):
    """Story: whoever the number is of has said that it was not them; a link in a letter shows nothing of a number."""
    url = await never_agreed(world)
    await unsubscribed(world, "sms", "+4915112345678")
    assert ASKS not in (await web.get(url)).text
    await web.post(url, data={"agree": "sms"})
    assert await given(world) == []
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions") == 1


async def test_a_link_to_an_address_of_before_agrees_to_nothing(world: World, web: httpx.AsyncClient):
    url = await never_agreed(world)
    await world.knows(version=2, email="new@mail.example", sms_consent=False)
    assert ASKS not in (await web.get(url)).text
    await web.post(url, data={"agree": "sms"})
    assert await given(world) == []


async def test_after_it_counts_messages_go_that_way(world: World, web: httpx.AsyncClient):
    await world.knows(email_consent=False)
    assert await outcome(world) == ("cancelled", "no_consent")
    await world.knows(version=2, email_consent=True)
    assert await outcome(world) == ("sent", None)


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_it_is_asked_and_thanked_for_in_every_language(world: World, web: httpx.AsyncClient, locale: str):
    await world.knows(locale=locale, sms_consent=False)
    await world.asks()
    await world.deliver()
    url = link_in(world.relay.body())
    before = (await web.get(url)).text
    after = (await web.post(url, data={"agree": "sms"})).text
    (told,) = await given(world)
    assert "Nordwind" in told.wording
    assert before.count('name="agree"') == 1
    assert 'role="status"' in after
