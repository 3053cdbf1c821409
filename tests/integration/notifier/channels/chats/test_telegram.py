"""Telegram: a chat that a signed link has started gets reminders, until /stop, or until its owner blocks the bot."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.integration.notifier.channels.chats.conftest import BOT, CHAT, WEBHOOK, Chats
from tests.integration.notifier.conftest import profile
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE

HEADER = "X-Telegram-Bot-Api-Secret-Token"
KEY = {"Authorization": f"Bearer {SERVERS_KEY}"}


class Person:
    """Writes to the bot; each update has a number of its own."""

    def __init__(self, client: httpx.AsyncClient, chat: int = int(CHAT)) -> None:
        self.client, self.chat, self.count = client, {"id": chat, "type": "private"}, 0

    async def writes(self, text: str, secret: str = WEBHOOK, number: int | None = None) -> httpx.Response:
        return await self.updates({"message": {"chat": self.chat, "text": text}}, secret, number)

    async def updates(self, update: dict[str, Any], secret: str = WEBHOOK, number: int | None = None) -> httpx.Response:
        self.count += 1
        said = {"update_id": number or self.count, **update}
        return await self.client.post("/telegram/inbound", json=said, headers={HEADER: secret})


async def link_of(client: httpx.AsyncClient, customer: str = "anna") -> httpx.Response:
    return await client.get(f"/v1/stores/{STORE}/customers/{customer}/chat-link", headers=KEY)


async def payload_of(client: httpx.AsyncClient) -> str:
    url: str = (await link_of(client)).json()["url"]
    assert url.startswith(f"https://t.me/{BOT}?start=")
    return url.partition("=")[2]


async def test_a_reminder_goes_to_the_chat_with_the_way_out(chats: Chats):
    await chats.agrees()
    request = await chats.asks_of_stock("telegram")
    assert await chats.ends(request) == ("sent", None)
    [message] = chats.telegram.taken
    assert message["chat_id"] == int(CHAT)
    assert "Stoneware mug" in message["text"]
    assert "Reply STOP" in message["text"]
    assert message["link_preview_options"] == {"is_disabled": True}


@pytest.mark.parametrize(
    ("handles", "reason"),
    [({}, "no_contact"), ({"telegram": {"handle": CHAT}}, "no_consent"), ({"telegram": {}}, "no_contact")],
)
async def test_consent_to_one_channel_is_none_to_a_chat(chats: Chats, handles: dict[str, Any], reason: str):
    known = {name: one for name, one in handles.items() if one}
    await chats.world.receive(profile(handles=known or None))
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("cancelled", reason)
    assert chats.telegram.taken == []


async def test_who_has_blocked_the_bot_is_written_to_no_more(chats: Chats):
    await chats.agrees()
    chats.telegram.fails(403, {"ok": False, "description": "Forbidden: bot was blocked by the user"})
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("failed", "telegram_403")
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("cancelled", "suppressed")
    assert len(chats.telegram.asked) == 1


async def test_the_bot_waits_as_long_as_it_is_told_to(chats: Chats):
    await chats.agrees()
    chats.telegram.fails(429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 600}})
    request = await chats.asks_of_stock("telegram")
    assert await chats.ends(request) == ("pending", "telegram_429")
    row = await chats.world.row(request)
    assert row["next_at"] - chats.world.now > timedelta(seconds=599)


async def test_a_signed_link_ties_the_chat_to_its_customer(chats: Chats):
    await chats.world.receive(profile())
    async with chats.web() as client:
        answer = await Person(client).writes(f"/start {await payload_of(client)}")
    assert answer.status_code == 200
    said = answer.json()
    assert (said["method"], said["chat_id"]) == ("sendMessage", int(CHAT))
    assert "Nordwind" in said["text"]
    assert [*chats.world.carts.tied.values()] == [("anna", CHAT, True)]


async def test_a_link_that_is_forged_too_old_or_of_nobody_ties_nothing(chats: Chats):
    await chats.world.receive(profile())
    async with chats.web() as client:
        person, payload = Person(client), await payload_of(client)
        swapped = "A" if payload[10] != "A" else "B"
        forged = [payload[:10] + swapped + payload[11:], payload[:-1], "x" * 48, "ref_123", payload + "A"]
        for one in forged:
            assert (await person.writes(f"/start {one}")).status_code == 200
        chats.world.now += timedelta(days=1, seconds=1)
        await person.writes(f"/start {payload}")
        assert (await link_of(client, "nobody")).status_code == 404
        await chats.world.receive(profile("guest:0f3c"))
        assert (await link_of(client, "guest:0f3c")).status_code == 404
    assert chats.world.carts.tied == {}


async def test_where_the_cart_service_is_down_telegram_has_to_come_again(chats: Chats):
    await chats.world.receive(profile())
    async with chats.web() as client:
        person, payload = Person(client), await payload_of(client)
        chats.world.carts.down = True
        assert (await person.writes(f"/start {payload}", number=7)).status_code == 503
        chats.world.carts.down = False
        assert (await person.writes(f"/start {payload}", number=7)).status_code == 200
    assert [*chats.world.carts.tied.values()] == [("anna", CHAT, True)]


@pytest.mark.parametrize("words", ["/stop", "/stop@nordwind_bot", "STOP", "Stop. Thank you"])
async def test_stop_ends_the_reminders_in_the_chat_says_so_and_start_brings_them_back(chats: Chats, words: str):
    await chats.agrees()
    async with chats.web() as client:
        person = Person(client)
        answer = (await person.writes(words)).json()
        assert (answer["chat_id"], "Nordwind" in answer["text"]) == (int(CHAT), True)
        assert await chats.ends(await chats.asks_of_stock("telegram")) == ("cancelled", "suppressed")
        await person.writes("/start")
        assert await chats.ends(await chats.asks_of_stock("telegram")) == ("sent", None)


async def test_blocking_the_bot_is_a_stop_before_anything_is_sent(chats: Chats):
    await chats.agrees()
    async with chats.web() as client:
        person = Person(client)
        told = {"my_chat_member": {"chat": person.chat, "new_chat_member": {"status": "kicked"}}}
        assert (await person.updates(told)).json() == {}
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("cancelled", "suppressed")


async def test_nothing_is_believed_without_the_secret_and_nothing_twice(chats: Chats):
    await chats.agrees()
    async with chats.web() as client:
        person = Person(client)
        for secret in ("", "wrong", WEBHOOK + "x"):
            assert (await person.writes("/stop", secret)).status_code == 403
        await person.writes("/stop", number=100)
        await person.writes("/start", number=101)
        await person.writes("/stop", number=100)
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("sent", None)


async def test_groups_and_updates_of_other_kinds_are_passed_over(chats: Chats):
    await chats.agrees()
    async with chats.web() as client:
        person = Person(client)
        group = {"message": {"chat": {"id": -100, "type": "group"}, "text": "/stop"}}
        others: list[dict[str, Any]] = [{"edited_message": {"chat": person.chat, "text": "/stop"}}, {}, {"message": []}]
        for update in (group, *others):
            answer = await person.updates(update)
            assert (answer.status_code, answer.json()) == (200, {})
    assert await chats.ends(await chats.asks_of_stock("telegram")) == ("sent", None)
