"""What is counted of a letter: clicks that are a person's, and opens where whoever gets it lets them be counted."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.contracts.events import ReminderRequested
from libs.http.server_keys import NamedKey
from services.notifier.db import link_visits
from services.notifier.jobs.clicks import REMEMBERED
from services.notifier.web.recipients.opens import PICTURE, StandsOfPixels
from tests.integration.notifier.conftest import World, clicks_told, low_stock, opens_told, reminder
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE
from tests.integration.notifier.test_about_no_cart import ORDER
from tests.support.answers import as_documented

PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"}
SHOP_KEY = "nk_shop_0123456789abcdef"
SERVER = {"Authorization": f"Bearer {SHOP_KEY}"}
CONSENT = f"/v1/stores/{STORE}/customers/anna/pixel-consent"
PIXEL = re.compile(r'<img src="https://n\.nordwind\.example(/o/[0-9a-f]{48}\.gif)"')


async def read_later(world: World, **known: Any) -> ReminderRequested:
    """A message that was sent a minute ago."""
    request = await world.asks(**known)
    await world.deliver()
    await world.pool.execute("UPDATE deliveries SET sending_at = sending_at - interval '1 min'")
    return request


def links_of(html: str) -> dict[str, str]:
    """The links of ours in a letter, by where they lead."""
    return {place: f"/{place}/{token}" for place, token in re.findall(r"example/([cuph])/([A-Za-z0-9_-]{11})", html)}


@pytest.fixture
async def letter(world: World) -> dict[str, str]:
    """The links of a letter whose clicks are counted."""
    world.shop["count_clicks"] = True
    await world.knows()
    await read_later(world)
    found = links_of(world.relay.body("html"))
    assert set(found) == {"c", "u", "p", "h"}
    return found


async def test_a_letter_leads_to_its_cart_by_a_link_that_is_counted(
    world: World, web: httpx.AsyncClient, letter: dict[str, str]
):
    assert letter["c"] in world.relay.body(), "in the plain text, too"
    assert "/recover/" not in world.relay.body("html")
    answer = await web.get(letter["c"], headers=PHONE)
    assert (answer.status_code, "/recover/" in answer.headers["location"]) == (302, True)
    assert await world.told() == ["message.sent"], "it waits for what else is asked for"
    assert [(one.suspected, one.channel) for one in await clicks_told(world)] == [(None, "email")]


async def test_letters_of_a_store_that_counts_nothing_bear_no_link_and_no_picture_of_ours(world: World):
    await world.knows()
    await read_later(world)
    html = world.relay.body("html")
    assert set(links_of(html)) == {"u", "p"}
    assert PIXEL.search(html) is None


@pytest.mark.parametrize("others", [("u", "p"), ("p", "u"), ("h",), ("u", "p", "h")])
@pytest.mark.parametrize("before", [True, False])
async def test_a_scanner_that_asks_for_all_links_leads_on_and_is_suspected(
    world: World, web: httpx.AsyncClient, letter: dict[str, str], others: tuple[str, ...], before: bool
):
    """Story (craft-campaign#546): scanners that wait and look like a phone."""
    places = (*others, "c") if before else ("c", *others)
    answers = {place: (await web.get(letter[place], headers=PHONE)).status_code for place in places}
    assert answers["c"] == 302, "whoever it is gets to the cart"
    why = "hidden_link" if "h" in others else "burst"
    assert [one.suspected for one in await clicks_told(world)] == [why]
    await world.pool.execute("DELETE FROM link_visits")
    await web.get(letter["c"], headers=PHONE)
    assert [one.suspected for one in await clicks_told(world)] == [why, None], "a person comes later"
    await web.get(letter["c"], headers=PHONE)
    assert len(await clicks_told(world)) == 2


async def test_who_unsubscribes_after_looking_at_the_cart_has_clicked(
    world: World, web: httpx.AsyncClient, letter: dict[str, str]
):
    await web.get(letter["c"], headers=PHONE)
    await web.get(letter["u"], headers=PHONE)
    assert [one.suspected for one in await clicks_told(world)] == [None]


async def test_all_links_of_a_text_are_its_cart_and_the_way_out(world: World, web: httpx.AsyncClient):
    world.shop["sms_from"] = "Nordwind"
    await world.knows()
    await read_later(world, **low_stock())
    found = links_of(world.twilio.taken[0]["body"])
    assert set(found) == {"c", "u"}
    for place in ("c", "u"):
        await web.get(found[place], headers=PHONE)
    assert [one.suspected for one in await clicks_told(world)] == ["burst"]


async def test_what_is_held_back_is_told_once_by_however_many_processes_and_forgotten(
    world: World, web: httpx.AsyncClient, letter: dict[str, str]
):
    for _ in range(2):
        await web.get(letter["c"], headers=PHONE)
    await web.get(letter["u"], headers=PHONE)
    async with world.pool.acquire() as one, world.pool.acquire() as other, one.transaction(), other.transaction():
        assert await link_visits.due(one, timedelta(seconds=10), 9) == [], "not yet"
        await world.pool.execute("UPDATE link_visits SET visited_at = visited_at - interval '11 s'")
        [click] = await link_visits.due(one, timedelta(seconds=10), 9)
        assert set(click.others) == {"unsubscribe"}
        assert await link_visits.due(other, timedelta(seconds=10), 9) == []
    await world.pool.execute("UPDATE link_visits SET visited_at = now() - $1::interval", REMEMBERED)
    await clicks_told(world)
    assert await world.pool.fetchval("SELECT count(*) FROM link_visits") == 0


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_hidden_link_answers_every_secret_alike(world: World, web: httpx.AsyncClient, letter, method: str):
    for path in (letter["h"], "/h/AAAAAAAAAAA", "/h/x"):
        assert (await web.request(method, path, headers=PHONE)).status_code == 204
    assert [row["link"] for row in await world.pool.fetch("SELECT link FROM link_visits")] == ["hidden"]


async def opened(world: World, web: httpx.AsyncClient, **headers: str) -> None:
    """The last letter's picture is asked for."""
    found = PIXEL.search(world.relay.body("html", -1))
    assert found
    answer = await web.get(found[1], headers=PHONE | headers)
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PICTURE, "image/gif")
    assert answer.headers["cache-control"] == "no-store"


async def test_an_open_is_told_once_and_what_was_fetched_ahead_apart(world: World, web: httpx.AsyncClient):
    world.shop["count_opens"] = True
    await world.knows()
    request = await read_later(world)
    proxy = {"user-agent": "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"}
    for _ in range(2):
        await opened(world, web, **proxy)
        await opened(world, web)
    told = await opens_told(world)
    assert [(one.prefetch, one.reminder_id) for one in told] == [
        ("gmail", request.reminder_id),
        (None, request.reminder_id),
    ]
    heard = await world.pool.fetch("SELECT answer, provider, reason, times FROM answers ORDER BY answer")
    assert [tuple(row) for row in heard] == [("opened", "pixel", None, 2), ("prefetched", "pixel", "gmail", 2)]


@pytest.fixture(autouse=True)
def counting(world: World) -> None:
    """The laws that ship, and a key of the shop that has a name and may change what it is for."""
    world.extra["laws"] = "shipped"
    named = NamedKey(name="shop", key=SecretStr(SHOP_KEY), scopes=frozenset({"messages:write"}))
    world.extra["keys"] = {STORE: (named,), "elsewhere": SERVERS_KEY}


async def says(web: httpx.AsyncClient, *, agreed: bool, **more: Any) -> httpx.Response:
    body = {"agreed": agreed, "wording": "May we see what you open?"} | more
    return await web.put(CONSENT, json=body, headers=SERVER)


async def test_where_the_law_wants_a_consent_nobody_is_counted_before_and_after_it(
    world: World, web: httpx.AsyncClient
):
    world.shop["count_opens"] = True
    await world.knows(timezone="Europe/Paris")
    await read_later(world)
    assert PIXEL.search(world.relay.body("html")) is None
    answer = await says(web, agreed=True)
    assert (answer.status_code, as_documented(answer.content, StandsOfPixels)) == (200, True)
    await world.passes(timedelta(days=2))
    await world.pool.execute("UPDATE deliveries SET sending_at = sending_at - interval '2 days'")
    await read_later(world)
    await opened(world, web)
    assert len(await opens_told(world)) == 1
    await world.pool.execute("DELETE FROM answers")
    assert (await says(web, agreed=False)).json()["agreed"] is False
    await opened(world, web)
    assert len(await opens_told(world)) == 1, "nor by a letter of before"


async def test_who_declines_is_counted_nowhere_and_what_was_said_later_counts(world: World, web: httpx.AsyncClient):
    world.shop["count_opens"] = True
    await world.knows()
    at = world.now - timedelta(days=1)
    assert (await says(web, agreed=False)).json()["agreed"] is False
    stands = (await says(web, agreed=True, said_at=at.isoformat())).json()
    assert stands["agreed"] is False, "that was before"
    ahead = (await says(web, agreed=False, said_at=(world.now + timedelta(days=9)).isoformat())).json()
    assert ahead["said_at"] < (world.now + timedelta(days=1)).isoformat(), "nobody says anything in a time to come"
    await read_later(world)
    assert PIXEL.search(world.relay.body("html")) is None


async def test_what_tells_of_an_order_bears_no_picture(world: World):
    world.shop["count_opens"] = True
    await world.knows()
    world.carts.sees("anna", order=ORDER)
    order = {"kind": "order_delivered", "template": "order_delivered", "order_id": "o-1001"}
    await world.receive(reminder(world.now, cart_id=None, cart_version=None, **order))
    await world.deliver()
    assert "/p/" in world.relay.body("html")
    assert PIXEL.search(world.relay.body("html")) is None


@pytest.mark.parametrize("key", ["0" * 48, "x", "0" * 47])
async def test_a_picture_that_nobody_has_signed_is_a_picture_and_counts_nothing(
    world: World, web: httpx.AsyncClient, key: str
):
    assert (await web.get(f"/o/{key}.gif", headers=PHONE)).content == PICTURE
    assert await opens_told(world) == []


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"agreed": True}, {"agreed": 1, "wording": "w"}, {"agreed": True, "wording": ""}, {"wording": "w"}),
        *({"agreed": True, "wording": "w", "said_at": "soon"}, {"agreed": True, "wording": "w", "more": 1}),
    ],
)
async def test_a_consent_that_says_too_little_is_refused_and_changes_nothing(
    world: World, web: httpx.AsyncClient, body
):
    assert (await web.put(CONSENT, json=body, headers=SERVER)).status_code == 422
    assert await world.pool.fetchval("SELECT count(*) FROM pixel_consents") == 0


@pytest.mark.parametrize("key", ["", "Bearer sk_wrong", f"Bearer {KEY}", f"Bearer {SERVERS_KEY}"])
async def test_a_consent_is_taken_of_the_store_s_servers_alone(world: World, web: httpx.AsyncClient, key: str):
    answer = await web.put(CONSENT, json={"agreed": True, "wording": "w"}, headers={"Authorization": key})
    assert answer.status_code == 401
    assert await world.pool.fetchval("SELECT count(*) FROM pixel_consents") == 0
