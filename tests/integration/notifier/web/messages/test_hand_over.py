"""A shop's server hands over one message: by the same policy as every other, once however often it is asked for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.contracts.events import MessageSent
from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.db import pauses
from services.notifier.domain.pause import Scope
from services.notifier.web.messages.hand_over_schemas import HandedOverMessage
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE, willing
from tests.support.answers import as_documented

AT = f"/v1/stores/{STORE}/messages"
NAMED = "sk_key_of_the_order_system_24"
READER = "sk_key_of_who_may_only_read"
BIRTHDAY = """
[birthday]
variables = "gift until_day"
subject = "{name}, {gift} for you"
preheader = "A present"
heading = "{gift} for your birthday"
body = "It waits for you until {until_day}."
button = "Take it"
[sms]
birthday = "{store}: {gift} waits for you until {until_day}: {url}"
"""
GIFT: dict[str, Any] = {
    "customer_id": "anna",
    "template": "birthday",
    "purpose": "marketing",
    "channels": ["email"],
    "variables": {"gift": "Cake <b>{store}</b> {{ 7*7 }}", "until_day": "Monday"},
}
WIN_BACK = {"customer_id": "anna", "template": "win_back", "purpose": "marketing", "channels": ["email"]}


@pytest.fixture
async def shop(world: World, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The shop's server, with a key of its own and a template of its own words."""
    folder = tmp_path / "templates" / "nordwind" / "wording"
    folder.mkdir(parents=True)
    (folder / "en.toml").write_text(BIRTHDAY)
    scopes = [("orders", NAMED, ["messages:write", "messages:read"]), ("reader", READER, ["messages:read"])]
    keys = [{"name": name, "key": key, "scopes": opened} for name, key, opened in scopes]
    world.extra |= {"templates_dir": tmp_path / "templates", "keys": {STORE: keys, "*": SERVERS_KEY}}
    world.shop |= {"templates": "nordwind"}
    world.carts.sees("anna")
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    head = {"Authorization": f"Bearer {NAMED}"}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example", headers=head) as client:
        yield client


async def hand_over(shop: httpx.AsyncClient, body: dict[str, Any], key: str = "k1") -> httpx.Response:
    return await shop.post(AT, json=body, headers={"Idempotency-Key": key})


async def ends(shop: httpx.AsyncClient, answer: httpx.Response) -> tuple[str, str | None]:
    assert answer.status_code == 202, answer.text
    told = await shop.get(answer.headers["location"])
    assert told.status_code == 200
    assert as_documented(told.content, HandedOverMessage)
    return told.json()["state"], told.json()["reason"]


async def test_a_message_of_the_shop_s_own_words_goes_out_with_its_variables(world: World, shop: httpx.AsyncClient):
    """What a shop says is put in as it is: no template of anybody's is filled with it, no mark-up is made of it."""
    await world.knows()
    answer = await hand_over(shop, GIFT)
    assert as_documented(answer.content, HandedOverMessage)
    assert answer.json()["state"] == "pending"
    await world.deliver()
    assert await ends(shop, answer) == ("sent", None)
    assert world.relay.messages[0]["Subject"] == "Anna, Cake <b>{store}</b> {{ 7*7 }} for you"
    html = world.relay.body("html")
    assert "Cake &lt;b&gt;{store}&lt;/b&gt; {{ 7*7 }} for your birthday" in html
    assert "It waits for you until Monday." in html
    assert "/u/" in html
    value = await world.pool.fetchval("SELECT value FROM outbox WHERE topic = 'message.events'")
    event = MessageSent.model_validate_json(value)
    assert (event.campaign, event.kind, str(event.reminder_id)) == (
        "handed_over",
        "shop_marketing",
        answer.json()["reminder_id"],
    )


async def test_it_goes_out_once_however_often_it_is_asked_for(world: World, shop: httpx.AsyncClient):
    await world.knows()
    answers = await asyncio.gather(*(hand_over(shop, GIFT) for _ in range(5)))
    await world.deliver()
    answers.append(await hand_over(shop, GIFT))
    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["reminder_id"] for one in answers}) == 1
    assert answers[-1].json()["state"] == "sent"
    assert answers[-1].headers["idempotency-replayed"] == "true"
    assert len(world.relay.messages) == 1
    other = await hand_over(shop, GIFT | {"channels": ["sms"]})
    assert (other.status_code, other.json()["type"].rpartition(":")[2]) == (422, "idempotency-key-reused")
    assert (await hand_over(shop, GIFT, "k2")).json()["reminder_id"] != answers[0].json()["reminder_id"]
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 2


@pytest.mark.parametrize(
    ("known", "extra", "end"),
    [
        ({"email_consent": False}, {}, ("cancelled", "no_consent")),
        ({"email": None}, {}, ("cancelled", "no_contact")),
        ({}, {"channels": ["sms"]}, ("sent", None)),
        ({"email_consent": False}, {"channels": ["email", "sms"]}, ("sent", None)),
        ({"email_consent": False}, {"purpose": "transactional"}, ("sent", None)),
    ],
)
async def test_consent_is_asked_by_its_purpose_and_channel(
    world: World, shop: httpx.AsyncClient, known: dict[str, Any], extra: dict[str, Any], end: tuple[str, str | None]
):
    await world.knows(**known)
    world.carts.sees("anna", recipient=willing(consent={"email": known.get("email_consent", True), "sms": True}))
    answer = await hand_over(shop, GIFT | extra)
    for _ in range(2):
        await world.deliver()
    assert await ends(shop, answer) == end


async def test_caps_quiet_hours_pauses_and_what_was_declined_hold(world: World, shop: httpx.AsyncClient):
    await world.knows()
    world.shop |= {"email_cap_hours": 16.0}
    first, second = await hand_over(shop, GIFT, "1"), await hand_over(shop, GIFT | {"campaign": "spring"}, "2")
    notice = await hand_over(shop, GIFT | {"purpose": "transactional"}, "3")
    async with world.pool.acquire() as connection:
        await pauses.set_pause(connection, STORE, Scope("spring"), "a fault")
    await world.deliver()
    assert await ends(shop, first) == ("sent", None)
    assert await ends(shop, second) == ("pending", "paused")
    assert await ends(shop, notice) == ("sent", None)
    third = await hand_over(shop, GIFT, "4")
    assert await world.deliver() == 1
    assert (await ends(shop, third))[1] == "frequency_cap"
    world.shop |= {"email_cap_hours": 0.0}
    await world.pool.execute(
        "INSERT INTO preferences (store_id, channel, subject, declined) VALUES ($1, 'email', 'customer:anna', $2)",
        STORE,
        ["marketing"],
    )
    fourth = await hand_over(shop, GIFT, "5")
    await world.deliver()
    assert await ends(shop, fourth) == ("cancelled", "declined")


async def test_a_reminder_of_a_cart_is_looked_at_as_every_other(world: World, shop: httpx.AsyncClient):
    await world.knows()
    cart = {"customer_id": "anna", "template": "abandoned_cart_1", "purpose": "cart_reminders", "channels": ["email"]}
    cart_id = uuid4()
    world.carts.holds(cart_id, customer_id="anna")
    sent = await hand_over(shop, cart | {"cart_id": str(cart_id)}, "1")
    await world.deliver()
    assert await ends(shop, sent) == ("sent", None)
    late = await hand_over(shop, cart | {"cart_id": str(cart_id)}, "2")
    world.carts.holds(cart_id, customer_id="anna", status="ordered")
    await world.deliver()
    assert await ends(shop, late) == ("cancelled", "ordered")
    unknown = await hand_over(shop, cart | {"cart_id": str(uuid4())}, "3")
    assert (unknown.status_code, unknown.json()["detail"]) == (422, "The store has no such cart.")
    world.carts.down = True
    assert (await hand_over(shop, cart | {"cart_id": str(cart_id)}, "4")).status_code == 503


@pytest.mark.parametrize(
    ("body", "status", "slug", "says"),
    [
        (GIFT | {"variables": {"gift": "Cake"}}, 422, "invalid-request", "needs the variable until_day"),
        (GIFT | {"variables": GIFT["variables"] | {"gift": " "}}, 422, "invalid-request", "needs the variable gift"),
        (GIFT | {"variables": GIFT["variables"] | {"gyft": "x"}}, 422, "invalid-request", "declares no variable gyft"),
        (WIN_BACK | {"variables": {"gift": "x"}}, 422, "invalid-request", "declares no variable gift"),
        (GIFT | {"variables": {"gift": "a\x00b", "until_day": "x"}}, 422, "invalid-request", ""),
        (GIFT | {"variables": {"Gift": "x"}}, 422, "invalid-request", ""),
        (GIFT | {"template": "nobody_has_this"}, 404, "unknown-template", ""),
        (GIFT | {"template": "common"}, 404, "unknown-template", ""),
        (GIFT | {"template": "../../etc/passwd"}, 422, "invalid-request", ""),
        (WIN_BACK | {"purpose": "transactional"}, 422, "invalid-request", "purpose of win_back is marketing"),
        (GIFT | {"template": "confirmation"}, 422, "invalid-request", "waits for a yes"),
        (
            WIN_BACK | {"template": "order_shipped", "purpose": "transactional"},
            422,
            "invalid-request",
            "needs order_id",
        ),
        (GIFT | {"channels": ["pigeon"]}, 422, "invalid-request", ""),
        (GIFT | {"channels": ["email", "email"]}, 422, "invalid-request", ""),
        (GIFT | {"channels": []}, 422, "invalid-request", ""),
        (GIFT | {"link": "javascript:alert(1)"}, 422, "invalid-request", "does not lead to the store"),
        (GIFT | {"expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid-request", "within a week"),
        (GIFT | {"expires_at": "2999-01-01T00:00:00Z"}, 422, "invalid-request", "within a week"),
        (GIFT | {"customer_id": "nobody"}, 404, "unknown-customer", ""),
        (GIFT | {"gossip": 1}, 422, "invalid-request", ""),
    ],
)
async def test_what_can_not_be_sent_is_refused_at_once_and_leaves_nothing(
    world: World, shop: httpx.AsyncClient, body: dict[str, Any], status: int, slug: str, says: str
):
    await world.knows()
    answer = await hand_over(shop, body)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 0


@pytest.mark.parametrize(("key", "status"), [(SERVERS_KEY, 403), (READER, 403), ("wrong", 401)])
async def test_only_a_key_made_for_it_hands_over(world: World, shop: httpx.AsyncClient, key: str, status: int):
    """A key that was handed out to read reads."""
    await world.knows()
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k1"}
    assert (await shop.post(AT, json=GIFT, headers=headers)).status_code == status
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 0
    read = await shop.get(AT, params={"customer_id": "anna"}, headers={"Authorization": f"Bearer {key}"})
    assert read.status_code == (200 if status == 403 else 401)
    if key == READER:
        pause = await shop.put(f"/v1/stores/{STORE}/pauses", json={"why": "x"}, headers=headers)
        assert pause.status_code == 403


async def test_a_key_is_asked_for_and_a_message_is_another_store_s_secret(world: World, shop: httpx.AsyncClient):
    await world.knows()
    assert (await shop.post(AT, json=GIFT)).status_code == 422
    answer = await hand_over(shop, GIFT)
    elsewhere = answer.headers["location"].replace(STORE, "another")
    head = {"Authorization": f"Bearer {SERVERS_KEY}"}
    assert (await shop.get(elsewhere, headers=head)).status_code == 404
    assert (await shop.get(answer.headers["location"], headers=head)).status_code == 200
    assert (await shop.get(f"{AT}/not-an-id")).status_code == 422


async def test_it_leads_where_the_shop_says_and_waits_no_longer_than_it_says(world: World, shop: httpx.AsyncClient):
    await world.knows()
    until = world.now + timedelta(hours=2)
    body = GIFT | {"link": "https://shop.example/gifts", "expires_at": until.isoformat()}
    answer = await hand_over(shop, body)
    assert answer.json()["expires_at"].startswith(until.strftime("%Y-%m-%dT%H:%M:%S"))
    await world.deliver()
    assert "https://shop.example/gifts" in world.relay.body()
