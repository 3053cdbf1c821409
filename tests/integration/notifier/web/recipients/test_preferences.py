"""The page behind a message's link on which somebody chooses what comes, without a log-in."""

import asyncio
import json
import re
from datetime import timedelta

import httpx
import pytest

from tests.integration.notifier.conftest import World, erased
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.web.recipients.choosing import ALL, DOUBTS, link, link_in, save, ticks, told
from tests.unit.notifier.languages import LANGUAGES


async def test_the_foot_of_every_message_leads_there_beside_the_way_out(world: World):
    await world.knows()
    url = await link(world)
    html = world.relay.body("html")
    assert url in html
    assert html.index("/u/") < html.index("/p/") < html.index("/u/") + 400
    assert world.relay.messages[0]["List-Unsubscribe"].strip("<>") == url.replace("/p/", "/u/")


async def test_it_shows_what_comes_by_which_channel_and_no_whole_address(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    page = await web.get(url)
    assert page.status_code == 200
    assert ticks(page.text) == {"email": ALL, "sms": ALL}
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    for whole in DOUBTS:
        assert whole not in page.text
    assert "a•••@m•••.example" in page.text
    assert "78" in page.text
    assert "anna" not in page.text.lower(), "nor whose it is"


async def test_looking_changes_nothing_nor_does_a_post_without_a_button(world: World, web: httpx.AsyncClient):
    """Story: scanners follow links, and mail providers post `List-Unsubscribe=One-Click` to what they find."""
    await world.knows()
    url = await link(world)
    for method in ("GET", "HEAD", "GET"):
        assert (await web.request(method, url)).status_code == 200
    for form in ({}, {"List-Unsubscribe": "One-Click"}, {"do": "erase"}, {"do": "undo", "change": "x"}):
        assert (await web.post(url, data=form)).status_code == 200
    assert (await web.post(url, json={"do": "pause"})).status_code == 200
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert (await web.post(url, content=b"\xff\xfe", headers=form)).status_code == 200
    assert (await web.post(url, content=b"do=save&" + b"x" * 9000)).status_code == 413
    assert await told(world) == []
    assert await world.pool.fetchval("SELECT count(*) FROM preferences") == 0


async def test_a_change_is_told_and_proven_once(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    url = link_in(world.relay.body())
    for _ in range(2):
        answer = await save(web, url, email="cart_reminders marketing", sms=" ".join(ALL))
    assert "Nothing was changed" in answer.text, "the same form again changes nothing"
    (event,) = await told(world)
    assert (event.store_id, event.customer_id, event.page) == (STORE, "anna", "preference_centre")
    assert event.reminder_id == request.reminder_id
    assert event.wanted == {"email": ("cart_reminders", "marketing"), "sms": tuple(sorted(ALL))}
    assert event.wording.endswith("E-mail: ☑ Cart reminders, ☐ Stock and prices, ☑ News and ideas")
    [row] = await world.pool.fetch("SELECT * FROM preference_changes")
    assert (row["wording"], row["customer_id"], row["reminder_id"]) == (event.wording, "anna", request.reminder_id)
    assert set(json.loads(row["was"])["wanted"]["email"]) == ALL
    for whole in DOUBTS:
        assert whole not in str(event) + str(tuple(row.values()))


async def test_undo_takes_back_what_that_change_did_and_no_more(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    first = await save(web, url, email="marketing")
    change = re.findall(r'name="change" value="(\d+)"', first.text)[0]
    back = await web.post(url, data={"do": "undo", "change": change})
    assert ticks(back.text)["email"] == ALL
    assert "Undone" in back.text
    again = await web.post(url, data={"do": "undo", "change": change})
    assert "Nothing was changed" in again.text
    await web.post(url.replace("/p/", "/u/"))
    replayed = await web.post(url, data={"do": "undo", "change": change})
    assert ticks(replayed.text)["email"] == set(), "an undo that is sent again opens nothing that was closed since"


async def test_a_tick_is_no_consent_of_who_never_agreed(world: World, web: httpx.AsyncClient):
    await world.knows(sms_consent=False)
    url = await link(world)
    page = await save(web, url, sms=" ".join(ALL))
    assert ticks(page.text) == {"email": ALL}
    assert "May Nordwind write to you here" in page.text
    assert await told(world) == []


async def test_two_changes_at_once_are_done_one_after_the_other(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await asyncio.gather(save(web, url, email="marketing"), web.post(url, data={"do": "pause"}))
    page = await web.get(url)
    assert ticks(page.text)["email"] == {"marketing"}
    assert "Paused until" in page.text
    assert len(await told(world)) == 2


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_it_speaks_the_language_of_the_recipient(world: World, web: httpx.AsyncClient, locale: str):
    await world.knows(locale=locale)
    url = await link(world)
    page = (await web.post(url, data={"do": "pause"})).text
    assert f'<html lang="{locale.partition("-")[0]}' in page
    assert re.search(r"\{\w+\}", page.partition("</style>")[2]) is None
    assert ".." not in page.partition("</style>")[2]
    later = world.now + timedelta(days=30)
    assert str(later.year) in page


async def test_a_chat_is_a_channel_of_its_own_and_its_handle_is_masked(world: World, web: httpx.AsyncClient):
    """Story: who had only a chat was shown e-mail and texts, and what they declined there held for their number."""
    await world.knows(handles={"telegram": {"handle": "987654321", "consent": True}})
    url = await link(world)
    page = await save(web, url, telegram="cart_reminders")
    assert ticks(page.text) == {"email": ALL, "sms": ALL, "telegram": {"cart_reminders"}}
    assert "Telegram<small>••••••21</small>" in page.text
    assert "987654321" not in page.text
    await world.receive(erased())
    [row] = await world.pool.fetch("SELECT subject = address_subject('987654321') AS theirs FROM preferences")
    assert row["theirs"]
