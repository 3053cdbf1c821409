"""A chat that a guest has left is asked whether it is theirs before anything else is sent there."""

import re
from typing import Any

import pytest

from libs.contracts.events import ConsentConfirmed, Handle
from tests.integration.notifier.channels.chats.conftest import APPROVED, CHAT, NUMBER, Chats
from tests.integration.notifier.conftest import profile
from tests.integration.notifier.stand_ins import willing

GUEST = "guest:a"
ADDRESSES = {"telegram": CHAT, "whatsapp": NUMBER}
ASKS = APPROVED | {"name": "confirm", "parameters": ["store"]}
STATES = "SELECT state, reason FROM deliveries WHERE kind = 'confirmation'"


async def leaves(chats: Chats, channel: str, version: int = 1, **known: Any) -> None:
    """A guest has left a chat, as the cart service tells of it."""
    waiting = willing(version, reach={channel: True}, consent={channel: False}) | {"unconfirmed": [channel]}
    chats.world.carts.sees(GUEST, recipient=waiting)
    left = {
        "handles": {channel: Handle(handle=ADDRESSES[channel])},
        "unconfirmed": (channel,),
        "email": None,
        "phone": None,
        "email_consent": False,
        "sms_consent": False,
    }
    await chats.world.receive(profile(GUEST, version, **left | known))


async def answers(chats: Chats) -> list[ConsentConfirmed]:
    rows = await chats.world.pool.fetch("SELECT value FROM outbox WHERE topic = 'customer.consents' ORDER BY id")
    return [ConsentConfirmed.model_validate_json(row["value"]) for row in rows]


async def asked_link(chats: Chats, channel: str) -> str:
    """The way to the yes in the only message that went out."""
    await chats.world.deliver()
    if channel == "telegram":
        [message] = chats.telegram.taken
        assert message["chat_id"] == int(CHAT)
        [path] = re.findall(r"https://n\.nordwind\.example(/y/[A-Za-z0-9_-]{11})", message["text"])
        for word in ("mug", "guest:", "/c/"):
            assert word not in message["text"].lower()
        return str(path)
    [message] = chats.whatsapp.taken
    template = message["template"]
    assert (message["to"], template["name"]) == (NUMBER[1:], "confirm")
    body, button = template["components"]
    assert [one["text"] for one in body["parameters"]] == ["Nordwind"]
    return f"/y/{button['parameters'][0]['text']}"


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
async def test_the_first_message_asks_and_its_yes_is_told_once(chats: Chats, channel: str):
    chats.world.shop["channels"]["whatsapp"]["templates"]["confirmation"] = ASKS
    chats.whatsapp.templates["confirm", "en_US"] = (1, True)
    await leaves(chats, channel, version=7)
    link = await asked_link(chats, channel)
    async with chats.web() as web:
        assert (await web.get(link)).status_code == 200
        assert await answers(chats) == []
        for _ in range(2):
            assert "Thank you" in (await web.post(link)).text
    (told,) = await answers(chats)
    assert (told.customer_id, told.channel, told.profile_version) == (GUEST, channel, 7)


async def test_the_same_chat_again_is_asked_no_more_and_a_yes_is_no_other_chats(chats: Chats):
    await leaves(chats, "telegram")
    link = await asked_link(chats, "telegram")
    await leaves(chats, "telegram", version=2)
    await chats.world.deliver()
    states = {tuple(row) for row in await chats.world.pool.fetch(STATES)}
    assert states == {("sent", None), ("cancelled", "asked_lately")}
    await leaves(chats, "telegram", version=3, handles={"telegram": Handle(handle="4712")})
    async with chats.web() as web:
        assert "nothing to confirm" in (await web.post(link)).text
    assert await answers(chats) == []


async def test_a_chat_that_has_agreed_waits_for_nothing(chats: Chats):
    await leaves(chats, "telegram")
    agreed = {"telegram": Handle(handle=CHAT, consent=True, consent_at=chats.world.now)}
    await chats.world.receive(profile(GUEST, 2, handles=agreed, email=None, phone=None, unconfirmed=None))
    rows = await chats.world.pool.fetch("SELECT channel, confirmed_at IS NOT NULL AS confirmed FROM confirmations")
    assert [tuple(row) for row in rows] == [("telegram", True)]
