"""The page behind a message's link on which somebody chooses what comes, without a log-in."""

import asyncio
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.events import PreferencesSet, ReachSet
from services.notifier.db import deliveries
from services.notifier.domain.purposes import DECLINABLE
from tests.integration.notifier.conftest import LEASE, World, erased, low_stock, profile, reminder
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_about_no_cart import ORDER
from tests.unit.notifier.languages import LANGUAGES

ALL = set(DECLINABLE)
DOUBTS = ("anna@mail.example", "mail.example", "+4915112345678", "15112345678")


async def link(world: World, **known: Any) -> str:
    """The link in the foot of a message that was sent to Anna."""
    await world.asks(**known)
    await world.deliver()
    return link_in(world.relay.body(number=len(world.relay.messages) - 1))


def link_in(text: str) -> str:
    [found] = set(re.findall(r"https://n\.nordwind\.example/p/[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])", text))
    return str(found)


async def save(web: httpx.AsyncClient, url: str, **on: str) -> httpx.Response:
    """Sends the form as a browser does: of each channel that it shows what is ticked."""
    form: dict[str, Any] = {"do": "save", "shown": [*on]}
    return await web.post(url, data=form | {channel: ticked.split() for channel, ticked in on.items()})


async def told(world: World) -> list[PreferencesSet]:
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'customer.preferences_set' ORDER BY id"
    )
    return [PreferencesSet.model_validate_json(row["value"]) for row in rows]


async def reach(world: World) -> tuple[bool, bool]:
    rows = await world.pool.fetch("SELECT value FROM outbox WHERE topic = 'customer.reach' ORDER BY id")
    last = ReachSet.model_validate_json(rows[-1]["value"])
    return last.email, last.sms


def ticks(html: str) -> dict[str, set[str]]:
    """What the page shows as on."""
    found: dict[str, set[str]] = {}
    for name, value, rest in re.findall(r'<input type="checkbox" name="(\w+)" value="(\w+)"([^>]*)>', html):
        found.setdefault(name, set())
        if "checked" in rest:
            found[name].add(value)
    return found


async def outcome(world: World, **known: Any) -> tuple[str, str | None]:
    request = await world.asks(**known)
    await world.deliver()
    return await world.ended(request)


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


@pytest.mark.parametrize(
    ("declined", "known", "ends"),
    [
        ("cart_reminders", {}, ("cancelled", "declined")),
        ("marketing", {}, ("sent", None)),
        ("stock_alerts", low_stock(channel="email"), ("cancelled", "declined")),
        ("cart_reminders", low_stock(channel="email"), ("sent", None)),
    ],
)
async def test_what_is_switched_off_is_not_sent_from_the_next_message_on(
    world: World, web: httpx.AsyncClient, declined: str, known: dict[str, Any], ends: tuple[str, str | None]
):
    await world.knows()
    url = await link(world)
    answer = await save(web, url, email=" ".join(ALL - {declined}), sms=" ".join(ALL))
    assert ticks(answer.text) == {"email": ALL - {declined}, "sms": ALL}
    assert await outcome(world, **known) == ends


async def test_it_is_switched_off_by_one_channel_and_goes_on_by_another(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    assert await outcome(world, **low_stock()) == ("sent", None)
    assert await outcome(world, channels=("email", "sms"), channel="email") == ("pending", None)


async def test_a_message_that_is_composed_already_is_stopped_at_the_last_word(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    await world.knows()
    url = await link(world)
    request = await world.asks()
    delivery = world.delivery()
    ready = delivery._ready

    async def then_they_save(one: Any) -> Any:
        done = await ready(one)
        await save(web, url, email="stock_alerts")
        return done

    monkeypatch.setattr(delivery, "_ready", then_they_save)
    async with world.pool.acquire() as connection:
        [claimed] = await deliveries.claim(connection, 1, uuid4(), LEASE)
    await delivery.deliver(claimed)
    assert await world.ended(request) == ("cancelled", "declined")


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


async def test_nothing_wanted_is_unsubscribed_and_reach_says_so(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="")
    assert await reach(world) == (False, True)
    assert await outcome(world) == ("cancelled", "suppressed")
    assert ticks((await web.get(url)).text)["email"] == set()
    await save(web, url, email="cart_reminders")
    assert await reach(world) == (True, True)
    assert await outcome(world) == ("sent", None)
    assert await outcome(world, **low_stock(channel="email")) == ("cancelled", "declined")
    lifted = await world.pool.fetch("SELECT DISTINCT lifted_by, why FROM lifted_suppressions")
    assert [tuple(row.values()) for row in lifted] == [("recipient", "preference_centre")]


async def test_what_they_unsubscribed_elsewhere_shows_and_can_be_switched_on_again(
    world: World, web: httpx.AsyncClient
):
    await world.knows()
    url = await link(world)
    left = await web.post(url.replace("/p/", "/u/"))
    assert url in left.text, "whoever leaves may choose instead"
    assert ticks((await web.get(url)).text)["email"] == set()
    await save(web, url, email="cart_reminders")
    assert await outcome(world) == ("sent", None)


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


async def test_a_pause_holds_for_thirty_days_on_every_channel_and_can_be_ended(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    answer = await web.post(url, data={"do": "pause"})
    assert "Paused until" in answer.text
    assert ticks(answer.text) == {"email": ALL, "sms": ALL}
    assert await reach(world) == (False, False)
    assert await outcome(world) == ("expired", "recipient_paused")
    assert await outcome(world, **low_stock()) == ("expired", "recipient_paused")
    assert "Nothing was changed" in (await web.post(url, data={"do": "pause"})).text, (
        "a second tap does not lengthen it"
    )
    await world.pool.execute("UPDATE preferences SET paused_until = now() - interval '1 day'")
    assert "Paused until" not in (await web.get(url)).text
    assert await outcome(world) == ("sent", None)
    await web.post(url, data={"do": "pause"})
    over = await web.post(url, data={"do": "resume"})
    assert "The pause is over" in over.text
    assert await reach(world) == (True, True)
    assert await outcome(world, **low_stock()) == ("sent", None)
    assert [one.paused_until is None for one in await told(world)] == [False, False, True]


async def test_what_tells_of_an_order_comes_whatever_was_switched_off(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="", sms="")
    await web.post(url, data={"do": "pause"})
    world.carts.sees("anna", order=ORDER)
    order = {"kind": "order_delivered", "template": "order_delivered", "order_id": "o-1001"}
    request = reminder(world.now, cart_id=None, cart_version=None, **order)
    await world.receive(request)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    told = world.relay.body("html", number=1)
    assert "/p/" in told, "that they could choose is said there, too"
    assert "/u/" not in told


@pytest.mark.parametrize("closed", ["bounced", "complained", "stop"])
async def test_what_is_closed_for_another_reason_can_not_be_opened_here(
    world: World, web: httpx.AsyncClient, closed: str
):
    """A STOP is taken back by START: the carrier goes on refusing whatever we think."""
    await world.knows()
    url = await link(world)
    await world.pool.execute(
        "INSERT INTO suppressions (store_id, channel, subject, reason) VALUES ($1, 'sms', 'customer:anna', $2)",
        STORE,
        closed,
    )
    page = await save(web, url, sms=" ".join(ALL))
    assert ticks(page.text) == {"email": ALL, "sms": set()}
    assert ("START" in page.text) == (closed == "stop")
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions") == 1
    assert await told(world) == []


async def test_a_tick_is_no_consent_of_who_never_agreed(world: World, web: httpx.AsyncClient):
    await world.knows(sms_consent=False)
    url = await link(world)
    page = await save(web, url, sms=" ".join(ALL))
    assert ticks(page.text) == {"email": ALL}
    assert "May Nordwind write to you here" in page.text
    assert await told(world) == []


async def test_a_link_to_an_address_of_before_closes_and_opens_nothing(world: World, web: httpx.AsyncClient):
    """Story: a mailbox was given to somebody else, with all the old messages in it."""
    await world.knows()
    url = await link(world)
    await world.knows(version=2, email="new@mail.example")
    page = await web.get(url)
    assert "n•••" not in page.text
    assert "78" not in page.text
    assert ticks((await save(web, url, email="marketing")).text)["email"] == {"marketing"}
    assert ticks((await save(web, url, email=" ".join(ALL))).text)["email"] == {"marketing"}
    change = await world.pool.fetchval("SELECT max(change_id) FROM preference_changes")
    assert ticks((await web.post(url, data={"do": "undo", "change": str(change)})).text)["email"] == {"marketing"}


async def test_it_holds_for_the_address_whoever_has_it(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    await world.knows("bert", email="Anna@Mail.example", phone="+48221234567")
    assert await outcome(world, customer_id="bert") == ("cancelled", "declined")


async def test_a_guest_chooses_too_and_it_goes_on_when_they_log_in(world: World, web: httpx.AsyncClient):
    await world.knows("guest:a", email="anna@mail.example")
    await world.asks(customer_id="guest:a")
    await world.deliver()
    url = link_in(world.relay.body())
    await save(web, url, email="marketing stock_alerts")
    await world.receive(profile(version=5), erased("guest:a"))
    assert await outcome(world) == ("cancelled", "declined")
    page = await web.get(url)
    assert ticks(page.text) == {"email": {"marketing", "stock_alerts"}}, "of the address of the message alone"
    await save(web, url, email=" ".join(ALL))
    assert await outcome(world) == ("sent", None)
    assert [one.customer_id for one in await told(world)] == ["guest:a"], "nobody who was erased is told of"


async def test_what_was_declined_outlives_the_erasure_at_the_address(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    await world.pool.execute("DELETE FROM preferences WHERE subject LIKE 'address:%'")
    await world.receive(erased())
    await world.knows(version=9)
    assert await outcome(world) == ("cancelled", "declined")
    kept = str(await world.pool.fetch("SELECT * FROM preferences"))
    assert "anna" not in kept


@pytest.mark.parametrize("token", ["aaaaaaaaaaa", "a", "ж" * 11, "u1_x.y", "../u"])
async def test_a_forged_link_leads_nowhere(world: World, web: httpx.AsyncClient, token: str):
    await world.knows()
    await link(world)
    for method in ("GET", "POST"):
        answer = await web.request(method, f"/p/{token}", data={"do": "pause"} if method == "POST" else None)
        assert answer.status_code == 404
    assert await told(world) == []


async def test_links_of_other_uses_too_old_or_of_stores_nobody_knows_lead_nowhere(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.asks(**low_stock())
    await world.deliver()
    [cart] = re.findall(r"/c/(\S{11})", world.twilio.taken[0]["body"])
    assert (await web.get(f"/p/{cart}")).status_code == 404
    url = await link(world)
    await world.pool.execute("UPDATE deliveries SET store_id = 'another' WHERE kind = 'abandoned_cart'")
    assert (await web.post(url, data={"do": "pause"})).status_code == 404
    await world.pool.execute("UPDATE deliveries SET store_id = $1", STORE)
    assert (await web.get(url)).status_code == 200
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '366 days'")
    assert (await web.get(url)).status_code == (await web.post(url, data={"do": "pause"})).status_code == 404
    assert await told(world) == []


async def test_a_change_of_somebody_else_can_not_be_undone(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.knows("bert", phone="+48221234567")
    url, other = await link(world), await link(world, customer_id="bert")
    await save(web, url, email="marketing")
    change = await world.pool.fetchval("SELECT max(change_id) FROM preference_changes")
    assert "Nothing was changed" in (await web.post(other, data={"do": "undo", "change": str(change)})).text
    assert ticks((await web.get(url)).text)["email"] == {"marketing"}


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
