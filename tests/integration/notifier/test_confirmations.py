"""The first message to an address that somebody has left asks whether it is theirs, and nothing else is sent there."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.events import ConsentConfirmed
from services.notifier.db import confirmations, contacts, deliveries, suppressions
from tests.integration.notifier.conftest import LEASE, World, erased, profile
from tests.integration.notifier.stand_ins import STORE, willing
from tests.unit.notifier.languages import LANGUAGES

MAIL, PHONE = "anna@mail.example", "+4915112345678"
NO = {"email_consent": False, "sms_consent": False}
ASKED = (
    "SELECT reminder_id, customer_id, channel, state, reason FROM deliveries WHERE kind = 'confirmation' ORDER BY 2, 3"
)


async def left(world: World, name: str = "a", version: int = 1, channels: str = "email", **known: Any) -> str:
    """Somebody has left an address, as the cart service tells of it."""
    recipient, waits = f"guest:{name}", tuple(channels.split())
    waiting = willing(version) | {"consent": {"email": False, "sms": False}, "unconfirmed": list(waits)}
    world.carts.sees(recipient, recipient=waiting)
    said = {"email": MAIL, "phone": PHONE, "name": "Buy gold now", "unconfirmed": waits, **NO}
    await world.receive(profile(recipient, version, **(said | known)))
    return recipient


async def states(world: World) -> list[tuple[str, str | None]]:
    return [(row["state"], row["reason"]) for row in await world.pool.fetch(ASKED)]


async def answers(world: World) -> list[ConsentConfirmed]:
    rows = await world.pool.fetch("SELECT value FROM outbox WHERE topic = 'customer.consents' ORDER BY id")
    return [ConsentConfirmed.model_validate_json(row["value"]) for row in rows]


def link_in(text: str) -> str:
    found: set[str] = set(re.findall(r"https://n\.nordwind\.example/y/[A-Za-z0-9_-]{11}(?![A-Za-z0-9_-])", text))
    assert len(found) == 1, found
    return found.pop()


async def asked_link(world: World, channel: str = "email") -> str:
    await world.deliver()
    return link_in(world.relay.body() if channel == "email" else world.twilio.taken[-1]["body"])


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_the_first_message_asks_and_names_no_goods_nor_what_was_typed(world: World, channel: str):
    """Story: a shop's confirmation carried whatever a stranger had typed as their name to anybody's mailbox."""
    await left(world, channels=channel)
    await world.deliver()
    assert await states(world) == [("sent", None)]
    body = world.relay.body() + world.relay.body("html") if channel == "email" else world.twilio.taken[0]["body"]
    assert link_in(body)
    for word in ("mug", "gold", "guest:", "/c/", "/recover/"):
        assert word not in body.lower()


async def test_a_scanner_that_opens_the_link_says_no_yes(world: World, web: httpx.AsyncClient):
    await left(world)
    link = await asked_link(world)
    for method in ("GET", "HEAD", "GET"):
        answer = await web.request(method, link)
        assert answer.status_code == 200
    assert MAIL not in answer.text
    assert "guest:" not in answer.text
    assert '<form method="post">' in answer.text
    assert await answers(world) == []


async def test_a_yes_is_told_to_the_cart_with_its_words_and_time_once(world: World, web: httpx.AsyncClient):
    recipient = await left(world, version=7)
    link = await asked_link(world)
    for _ in range(2):
        answer = await web.post(link)
        assert answer.status_code == 200
        assert MAIL not in answer.text
        assert "Thank you" in answer.text
    (told,) = await answers(world)
    assert (told.store_id, told.customer_id, told.channel, told.profile_version) == (STORE, recipient, "email", 7)
    assert told.confirmed_at >= world.now
    assert told.wording in (await web.get(link)).text


async def test_until_then_nothing_else_is_sent_and_then_it_is(world: World, web: httpx.AsyncClient):
    recipient = await left(world)
    link = await asked_link(world)
    early = await world.asks(customer_id=recipient)
    await world.deliver()
    assert await world.ended(early) == ("cancelled", "no_consent")
    await web.post(link)
    await world.receive(profile(recipient, 2, email=MAIL, sms_consent=False))
    later = await world.asks(customer_id=recipient)
    world.carts.holds(later.cart_id, customer_id=None, recipient_id=recipient)
    await world.deliver()
    assert await world.ended(later) == ("sent", None)
    assert (await web.post(link)).status_code == 200
    assert len(await answers(world)) == 1


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_one_question_an_address_whatever_the_number_of_carts(world: World, web: httpx.AsyncClient, channel: str):
    """Story: somebody typed a stranger's address into ten carts. The stranger has one letter; one yes is for all."""
    for number in range(10):
        await left(world, f"{number}", channels=channel)
    link = await asked_link(world, channel)
    assert sorted(await states(world)) == sorted([*[("cancelled", "asked_lately")] * 9, ("sent", None)])
    assert len(world.relay.messages) + len(world.twilio.taken) == 1
    await web.post(link)
    assert [one.customer_id for one in await answers(world)] == [f"guest:{number}" for number in range(10)]


async def test_who_leaves_the_address_while_it_says_yes_has_the_next_yes(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    """Story: their row was marked with the others', the cart was never told, and no further yes changed it."""
    await left(world)
    link, read = await asked_link(world), confirmations.asked

    async def asked(*arguments: Any) -> Any:
        found = await read(*arguments)
        monkeypatch.setattr(confirmations, "asked", read)
        await left(world, "b")
        return found

    monkeypatch.setattr(confirmations, "asked", asked)
    for _ in range(3):
        await web.post(link)
    assert [one.customer_id for one in await answers(world)] == ["guest:a", "guest:b"]


async def test_an_address_is_asked_again_once_and_then_left_alone(world: World):
    for version in (1, 2, 3):
        await world.pool.execute("UPDATE deliveries SET sending_at = $1", world.now - timedelta(days=2))
        await left(world, version=version)
        await world.deliver()
    assert sorted(await states(world)) == [("cancelled", "asked_lately"), ("sent", None), ("sent", None)]
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '31 days'")
    await left(world, version=4)
    await world.deliver()
    assert len(world.relay.messages) == 3


async def test_two_that_are_asked_at_the_same_moment_make_one_message(world: World):
    """Both have passed the first check when the first of them is about to be sent."""
    for number in ("1", "2"):
        await left(world, number)
    delivery = world.delivery()
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 2, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed))
    assert sorted(await states(world)) == [("cancelled", "asked_lately"), ("sent", None)]
    assert len(world.relay.messages) == 1


async def test_a_corrected_address_is_asked_for_itself_and_the_older_yes_is_none_for_it(
    world: World, web: httpx.AsyncClient
):
    await left(world)
    older = await asked_link(world)
    await left(world, version=2, email="right@mail.example")
    await world.deliver()
    assert len(world.relay.messages) == 2
    assert "nothing to confirm" in (await web.post(older)).text
    assert await answers(world) == []
    await web.post(link_in(world.relay.body(number=1)))
    assert [one.profile_version for one in await answers(world)] == [2]


async def test_a_link_ends_after_three_days(world: World, web: httpx.AsyncClient):
    await left(world)
    link = await asked_link(world)
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '3 days'")
    assert (await web.get(link)).status_code == (await web.post(link)).status_code == 404
    assert await answers(world) == []


@pytest.mark.parametrize("token", ["aaaaaaaaaaa", "a", "ж" * 11])
async def test_a_link_that_nobody_has_sent_leads_nowhere(world: World, web: httpx.AsyncClient, token: str):
    await left(world)
    await world.deliver()
    assert (await web.post(f"/y/{token}")).status_code == 404
    assert await answers(world) == []


async def test_the_other_links_of_messages_are_no_yes(world: World, web: httpx.AsyncClient):
    await left(world)
    link = await asked_link(world)
    other = link.replace("/y/", "/c/")
    assert (await web.get(other)).status_code == 404
    unsubscribe = world.relay.messages[0]["List-Unsubscribe"].strip("<>").replace("/u/", "/y/")
    assert (await web.post(unsubscribe)).status_code == 404
    assert await answers(world) == []


async def test_whoever_says_it_was_not_them_is_never_asked_again(world: World, web: httpx.AsyncClient):
    await left(world)
    await world.deliver()
    await web.post(world.relay.messages[0]["List-Unsubscribe"].strip("<>"))
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '31 days'")
    await left(world, "b")
    await world.deliver()
    assert sorted(await states(world)) == [("cancelled", "suppressed"), ("sent", None)]


async def test_who_unsubscribed_before_is_not_asked_because_somebody_types_the_address(world: World):
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_address(connection, STORE, "email", MAIL.upper(), "unsubscribed")
    await left(world)
    await world.deliver()
    assert await states(world) == [("cancelled", "suppressed")]


async def test_a_question_uses_up_no_cap_of_the_reminder_that_follows(world: World, web: httpx.AsyncClient):
    world.shop = {"email_cap_hours": 16.0}
    recipient = await left(world)
    await web.post(await asked_link(world))
    await world.receive(profile(recipient, 2, email=MAIL, sms_consent=False))
    request = await world.asks(customer_id=recipient)
    world.carts.holds(request.cart_id, customer_id=None, recipient_id=recipient)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_what_was_answered_or_withdrawn_meanwhile_is_not_asked(world: World):
    recipient = await left(world)
    world.carts.sees(recipient, recipient=willing(1) | {"unconfirmed": []})
    await world.deliver()
    assert await states(world) == [("cancelled", "nothing_to_confirm")]


async def test_whoever_is_erased_is_asked_nothing_and_their_yes_is_for_nobody(world: World, web: httpx.AsyncClient):
    recipient = await left(world)
    link = await asked_link(world)
    await world.receive(erased(recipient))
    assert await world.pool.fetchval("SELECT count(*) FROM confirmations") == 0
    assert "nothing to confirm" in (await web.post(link)).text
    await left(world, "b", email="b@mail.example")
    await world.receive(erased("guest:b"))
    await world.deliver()
    assert await states(world) == [("sent", None), ("cancelled", "erased")]
    assert await answers(world) == []


async def test_at_a_log_in_the_yes_is_the_customers(world: World, web: httpx.AsyncClient):
    """The guest has become a customer, of whom nothing was known, before the link was opened."""
    recipient = await left(world)
    link = await asked_link(world)
    await world.receive(profile("anna", 5, email=MAIL, unconfirmed=("email",), **NO), erased(recipient))
    world.carts.sees("anna", recipient=willing(5) | {"unconfirmed": ["email"]})
    await world.deliver()
    assert len(world.relay.messages) == 1
    await web.post(link)
    assert [(one.customer_id, one.profile_version) for one in await answers(world)] == [("anna", 5)]


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_it_asks_in_the_language_of_whom_it_asks(world: World, web: httpx.AsyncClient, locale: str):
    await left(world, channels="email sms", locale=locale)
    await world.deliver()
    language = locale.partition("-")[0]
    assert world.relay.messages[0]["Content-Language"].startswith(language)
    page = await web.get(link_in(world.twilio.taken[0]["body"]))
    assert f'<html lang="{language}' in page.text


async def test_a_yes_reads_once_in_which_language_to_answer(world: World, web: httpx.AsyncClient, monkeypatch):
    await left(world, locale="pl")
    token = (await asked_link(world)).rpartition("/")[2]
    asked, locale_of = [], contacts.locale_of

    async def counted(*given: Any) -> str | None:
        asked.append(given[2])
        return await locale_of(*given)

    monkeypatch.setattr(contacts, "locale_of", counted)
    answer = await web.post(f"/y/{token}")
    assert (answer.status_code, 'lang="pl"' in answer.text) == (200, True)
    assert asked == ["guest:a"]
