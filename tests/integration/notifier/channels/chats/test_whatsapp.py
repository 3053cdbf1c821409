"""WhatsApp: approved templates out, statuses and replies in, by one webhook that Meta signs."""

from typing import Any

import httpx
import pytest

from tests.integration.notifier.channels.chats.conftest import APPROVED, NUMBER, Chats
from tests.integration.notifier.channels.chats.stand_ins import WhatsApp
from tests.integration.notifier.http_stand_ins import SECRET
from tests.unit.notifier.channels.telling import by_meta, of_whatsapp


async def tells(client: httpx.AsyncClient, **value: Any) -> httpx.Response:
    body = of_whatsapp(**value)
    return await client.post("/whatsapp/events", content=body, headers=by_meta(SECRET, body))


def written(text: str, message: str = "wamid.in1") -> dict[str, Any]:
    return {"from": NUMBER[1:], "id": message, "timestamp": "1764500000", "type": "text", "text": {"body": text}}


async def test_a_reminder_goes_out_as_the_template_that_was_approved(chats: Chats):
    await chats.agrees()
    request = await chats.asks("whatsapp")
    assert await chats.ends(request) == ("sent", None)
    [message] = chats.whatsapp.taken
    template = message["template"]
    assert (message["to"], template["name"], template["language"]) == (NUMBER[1:], "cart_left", {"code": "en_US"})
    body, button = template["components"]
    assert [one["text"] for one in body["parameters"]] == ["Anna", "2"]
    assert (button["sub_type"], len(button["parameters"][0]["text"])) == ("url", 11)
    assert message["biz_opaque_callback_data"] == str(request.reminder_id)


async def test_named_places_are_filled_by_their_names(chats: Chats):
    approved = APPROVED | {"named": True, "parameters": ["total", "store"], "button": False}
    chats.world.shop["channels"]["whatsapp"]["templates"] = {"abandoned_cart_1": approved}
    chats.whatsapp.templates["cart_left", "en_US"] = (2, False)
    await chats.agrees()
    assert await chats.ends(await chats.asks("whatsapp")) == ("sent", None)
    [body] = chats.whatsapp.taken[0]["template"]["components"]
    named = {one["parameter_name"]: one["text"] for one in body["parameters"]}
    assert (named["store"], named["total"].replace("\xa0", " ")) == ("Nordwind", "€49.00")


@pytest.mark.parametrize("language", ["de", "pl-PL"])
async def test_who_reads_a_language_without_a_template_gets_that_of_the_store(chats: Chats, language: str):
    approved = APPROVED | {"languages": {"sr": "sr", "en": "en_US"}}
    chats.world.shop["channels"]["whatsapp"]["templates"] = {"abandoned_cart_1": approved}
    await chats.agrees(locale=language)
    assert await chats.ends(await chats.asks("whatsapp")) == ("sent", None)
    assert chats.whatsapp.taken[0]["template"]["language"] == {"code": "en_US"}


async def test_what_no_template_was_approved_for_fails_and_a_place_that_stays_empty_waits(chats: Chats):
    await chats.agrees(name=None)
    assert await chats.ends(await chats.asks("whatsapp", template="abandoned_cart_2")) == ("failed", "unknown_template")
    assert await chats.ends(await chats.asks("whatsapp")) == ("pending", "missing_variable")
    assert chats.whatsapp.taken == []


async def test_a_text_in_a_cart_can_not_break_the_template(chats: Chats):
    approved = APPROVED | {"parameters": ["name", "title"]}
    chats.world.shop["channels"]["whatsapp"]["templates"] = {"abandoned_cart_1": approved}
    await chats.agrees(name="A\tnna       {{1}}")
    request = await chats.asks("whatsapp")
    chats.world.carts.carts[str(request.cart_id)].title = "Mug\n\n{{2}} \u202e" + "x" * 1_000_000
    assert await chats.ends(request) == ("sent", None)
    [body, _] = chats.whatsapp.taken[0]["template"]["components"]
    name, title = (one["text"] for one in body["parameters"])
    assert name == "A nna {{1}}"
    assert len(title) < 1024
    assert "\n" not in title


async def test_meta_learns_that_the_webhook_is_ours_and_nobody_else_does(chats: Chats):
    asked = {"hub.mode": "subscribe", "hub.verify_token": SECRET, "hub.challenge": "1158201444"}
    async with chats.web() as client:
        answer = await client.get("/whatsapp/events", params=asked)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        for wrong in ({"hub.verify_token": "x"}, {"hub.mode": "x"}, {"hub.challenge": "<script>"}):
            assert (await client.get("/whatsapp/events", params=asked | wrong)).status_code == 403


async def test_read_and_failed_are_heard_once_of_the_message(chats: Chats):
    await chats.agrees()
    request = await chats.asks("whatsapp")
    await chats.ends(request)
    status = {"id": "wamid.1", "timestamp": "1764500000", "recipient_id": NUMBER[1:]}
    statuses = [status | {"status": one} for one in ("sent", "delivered", "read", "read")]
    async with chats.web() as client:
        assert (await tells(client, statuses=statuses)).status_code == 204
        assert (await tells(client, statuses=statuses)).status_code == 204
    heard = await chats.world.pool.fetch("SELECT answer, times FROM answers ORDER BY answer")
    assert [tuple(row) for row in heard] == [("delivered", 1), ("opened", 1)]


@pytest.mark.parametrize(
    ("code", "then"), [(131026, ("cancelled", "suppressed")), (131050, ("cancelled", "suppressed")), (131049, None)]
)
async def test_what_failed_later_closes_the_number_only_where_it_speaks_of_it(
    chats: Chats, code: int, then: tuple[str, str | None] | None
):
    await chats.agrees()
    request = await chats.asks("whatsapp")
    await chats.ends(request)
    failed = {"id": "wamid.1", "status": "failed", "timestamp": "1764500000", "errors": [{"code": code}]}
    failed["biz_opaque_callback_data"] = str(request.reminder_id)
    async with chats.web() as client:
        assert (await tells(client, statuses=[failed])).status_code == 204
    assert await chats.ends(await chats.asks("whatsapp")) == (then or ("sent", None))


@pytest.mark.parametrize("more", [{}, {"type": "button", "text": {}, "button": {"text": "Stop"}}])
async def test_stop_ends_messages_to_the_number_once_and_start_brings_them_back(chats: Chats, more: dict[str, Any]):
    await chats.agrees()
    async with chats.web() as client:
        assert (await tells(client, messages=[written("STOP") | more])).status_code == 204
        assert await chats.ends(await chats.asks("whatsapp")) == ("cancelled", "suppressed")
        await tells(client, messages=[written("START", "wamid.in2")])
        await tells(client, messages=[written("STOP") | more])
    assert await chats.ends(await chats.asks("whatsapp")) == ("sent", None)


async def test_a_stop_by_text_message_is_not_one_by_whatsapp(chats: Chats):
    await chats.agrees()
    async with chats.web() as client:
        await tells(client, messages=[written("STOP")])
    request = await chats.asks("sms", template="abandoned_cart_1")
    assert await chats.ends(request) == ("sent", None)


async def test_a_forged_call_stops_nobody(chats: Chats):
    await chats.agrees()
    body = of_whatsapp(messages=[written("STOP")])
    async with chats.web() as client:
        for headers in ({}, by_meta("wrong", body), by_meta(SECRET, body + b" ")):
            assert (await client.post("/whatsapp/events", content=body, headers=headers)).status_code == 403
    assert await chats.ends(await chats.asks("whatsapp")) == ("sent", None)
    assert chats.whatsapp.taken[0]["to"] == NUMBER[1:]
    assert WhatsApp.NUMBER_ID in str(chats.whatsapp.asked[0].url)
