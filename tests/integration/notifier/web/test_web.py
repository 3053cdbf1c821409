"""Unsubscribing and asking why, over HTTP."""

import re

import httpx
import pytest

from services.notifier.web.schemas import MessagePage
from tests.integration.notifier.conftest import World, clicks_told, low_stock, unsubscribe_token
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY
from tests.support.answers import as_documented


async def suppressed(world: World) -> object:
    return await world.pool.fetchval("SELECT count(*) FROM suppressions")


async def test_the_link_of_a_message_is_the_one_click_link(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.asks()
    await world.deliver()
    (message,) = world.relay.messages
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = message["List-Unsubscribe"].strip("<>")
    assert link in world.relay.body("html")
    answer = await web.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    second = await world.asks()
    await world.deliver()
    assert await world.ended(second) == ("cancelled", "suppressed")


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_the_links_of_a_message_are_short_secrets_that_tell_nobody_whose_they_are(world: World, channel: str):
    """An id of two hundred characters made a header line of more than 998 octets, and said the id to everybody."""
    world.shop["sms_from"] = "Nordwind"
    name = "ж" * 200
    await world.knows(name, email="anna@mail.example")
    await world.asks(customer_id=name, channel=channel)
    await world.deliver()
    said = world.relay.body() if channel == "email" else world.twilio.taken[0]["body"]
    for raw in world.relay.raw:
        assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert re.search(r"https://n\.nordwind\.example/u/[A-Za-z0-9_-]{11}(\s|$)", said)
    if channel == "sms":
        assert re.search(r"https://n\.nordwind\.example/c/[A-Za-z0-9_-]{11}\s", said)
        assert "/recover/" not in said


async def test_the_short_way_back_leads_to_the_cart_while_it_holds(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    [link] = re.findall(r"https://\S+/c/\S{11}", world.twilio.taken[0]["body"])
    for method in ("GET", "HEAD"):
        answer = await web.request(method, link)
        assert answer.status_code == 302
        assert answer.headers["location"] == f"https://shop.example/recover/r1_{str(request.cart_id).replace('-', '')}"
        assert answer.headers["cache-control"] == "no-store"
    world.carts.down = True
    assert (await web.get(link)).status_code == 503
    world.carts.down = False
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '31 days'")
    assert (await web.get(link)).status_code == 404


async def test_a_link_of_one_use_is_none_of_the_other_and_a_guess_is_neither(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.asks(**low_stock())
    await world.deliver()
    [cart] = re.findall(r"/c/(\S{11})", world.twilio.taken[0]["body"])
    for path in (f"/u/{cart}", "/c/" + "A" * 11, "/u/" + "A" * 11, "/c/short", "/c/ж"):
        assert (await web.get(path)).status_code == 404
    assert (await web.post(f"/u/{cart}")).status_code == 404
    assert await suppressed(world) == 0


async def test_looking_at_the_link_changes_nothing_however_often(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    for method in ("GET", "HEAD", "GET"):
        answer = await web.request(method, f"/u/{unsubscribe_token(world, request)}")
        assert answer.status_code == 200
    assert await suppressed(world) == 0
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_unsubscribing_works_again_and_again(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    for _ in range(3):
        answer = await web.post(f"/u/{unsubscribe_token(world, request)}")
        assert answer.status_code == 200
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")


async def test_unsubscribing_from_e_mail_leaves_text_messages(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    await web.post(f"/u/{unsubscribe_token(world, request)}")
    text = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(text) == ("sent", None)


async def test_unsubscribing_outlives_the_erasure_of_the_customer_and_of_the_address(world: World, web):
    await world.knows()
    request = await world.asks()
    await web.post(f"/u/{unsubscribe_token(world, request)}")
    await world.knows("another", email="Anna@mail.example")
    other = await world.asks(customer_id="another")
    await world.deliver()
    assert await world.ended(other) == ("cancelled", "suppressed")
    kept = str(await world.pool.fetch("SELECT * FROM suppressions"))
    assert "mail.example" not in kept


async def test_a_forged_link_shows_a_page_and_changes_nothing(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    token = unsubscribe_token(world, request)
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "u1_x.y", "ж", token.replace("u1_", "")):
        assert (await web.post(f"/u/{forged}")).status_code == 404
    assert await suppressed(world) == 0


async def test_the_page_speaks_the_customer_s_language(world: World, web: httpx.AsyncClient):
    await world.knows(locale="de")
    request = await world.asks()
    page = await web.get(f"/u/{unsubscribe_token(world, request)}")
    assert '<html lang="de">' in page.text
    assert "Abmelden" in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_every_reminder_can_be_explained(world: World, web: httpx.AsyncClient):
    await world.knows(sms_consent=False)
    sent, text = await world.asks(), await world.asks(**low_stock())
    await world.deliver()
    answer = await web.get(
        "/v1/stores/demo/messages", params={"customer_id": "anna"}, headers={"Authorization": f"Bearer {SERVERS_KEY}"}
    )
    assert answer.status_code == 200
    found = {m["reminder_id"]: (m["state"], m["reason"]) for m in answer.json()["messages"]}
    assert found == {str(sent.reminder_id): ("sent", None), str(text.reminder_id): ("cancelled", "no_consent")}
    assert "mail.example" not in answer.text
    assert as_documented(answer.content, MessagePage)
    by_cart = await web.get(
        "/v1/stores/demo/messages",
        params={"cart_id": str(sent.cart_id)},
        headers={"Authorization": f"Bearer {SERVERS_KEY}"},
    )
    assert [m["reminder_id"] for m in by_cart.json()["messages"]] == [str(sent.reminder_id)]


async def test_messages_are_read_page_by_page(world: World, web: httpx.AsyncClient):
    await world.knows()
    asked = [await world.asks() for _ in range(3)]
    url, key = "/v1/stores/demo/messages", {"Authorization": f"Bearer {SERVERS_KEY}"}
    found: list[str] = []
    params: dict[str, str | int | None] = {"customer_id": "anna", "limit": 1}
    for _ in asked:
        page = (await web.get(url, params=params, headers=key)).json()
        found += [message["reminder_id"] for message in page["messages"]]
        params["after"] = page["next"]
    assert params["after"] is None
    assert found == [str(request.reminder_id) for request in reversed(asked)]
    for wrong in ({"after": "1.x"}, {"after": "x"}, {"limit": 0}, {"limit": 201}):
        answer = await web.get(url, params={"customer_id": "anna", **wrong}, headers=key)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:evercart:problem:invalid-request"), wrong


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer sk_wrong", f"Basic {SERVERS_KEY}", f"Bearer {KEY}"])
async def test_nobody_without_the_store_s_key_learns_anything(world: World, web: httpx.AsyncClient, key):
    for store in ("demo", "elsewhere"):
        answer = await web.get(
            f"/v1/stores/{store}/messages", params={"customer_id": "anna"}, headers={"Authorization": key}
        )
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_question_about_nobody_is_refused(world: World, web: httpx.AsyncClient):
    for params in ({}, {"cart_id": "no uuid"}):
        answer = await web.get(
            "/v1/stores/demo/messages", params=params, headers={"Authorization": f"Bearer {SERVERS_KEY}"}
        )
        assert answer.status_code == 422


async def test_the_api_describes_itself_to_programs_and_to_people(world: World, web: httpx.AsyncClient):
    document = (await web.get("/openapi.json")).json()
    assert set(document["paths"]) >= {"/u/{token}", "/twilio/inbound", "/health/ready"}
    page = await web.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "https://" not in page.text, "it loads nothing from elsewhere"


async def test_who_has_an_address_is_found_however_it_is_spelled_and_nowhere_else(
    world: World, web: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
):
    await world.knows()
    address = await world.pool.fetchval("SELECT email FROM contacts")
    url, key = "/v1/stores/demo/customers/find", {"Authorization": f"Bearer {SERVERS_KEY}"}
    for given in (address, address.upper()):
        answer = await web.post(url, json={"address": given}, headers=key)
        assert (answer.status_code, answer.json()) == (200, {"customer_ids": ["anna"]})
        assert answer.headers["cache-control"] == "no-store"
    for stranger in ("nobody@mail.example", "+48111111111", "%@%"):
        assert (await web.post(url, json={"address": stranger}, headers=key)).json() == {"customer_ids": []}
    assert address.casefold() not in caplog.text.casefold()


@pytest.mark.parametrize(
    "body", [{}, {"address": ""}, {"address": "a b@c.example"}, {"address": 5}, {"address": "a" * 255}]
)
async def test_what_is_no_address_is_refused_without_telling_it(world: World, web: httpx.AsyncClient, body):
    headers = {"Authorization": f"Bearer {SERVERS_KEY}"}
    answer = await web.post("/v1/stores/demo/customers/find", json=body, headers=headers)
    assert answer.status_code == 422
    assert "c.example" not in answer.text


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer sk_wrong", f"Basic {SERVERS_KEY}", f"Bearer {KEY}"])
async def test_nobody_without_the_store_s_key_learns_who_has_an_address(world: World, web: httpx.AsyncClient, key):
    await world.knows()
    for store in ("demo", "elsewhere"):
        url, body = f"/v1/stores/{store}/customers/find", {"address": "anna@mail.example"}
        answer = await web.post(url, json=body, headers={"Authorization": key})
        assert answer.status_code == 401
        assert "anna" not in answer.text


PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1"}


async def test_the_first_click_of_a_message_is_told_once(world: World, web: httpx.AsyncClient):
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    [link] = re.findall(r"https://\S+/c/\S{11}", world.twilio.taken[0]["body"])
    assert (await web.get(link, headers=PHONE)).status_code == 302
    [at_once] = await clicks_told(world)
    assert at_once.suspected == "first_seconds", "what asks at once has not read it"
    await world.pool.execute("UPDATE deliveries SET sending_at = sending_at - interval '1 min'")
    for method, headers in (("HEAD", PHONE), ("GET", {"user-agent": "WhatsApp/2"}), ("GET", PHONE), ("GET", PHONE)):
        assert (await web.request(method, link, headers=headers)).status_code == 302
    assert await world.told() == ["message.sent", "message.clicked"], "what may be a person's is held back"
    again, told = await clicks_told(world)
    assert await world.told() == ["message.sent", "message.clicked", "message.clicked"]
    assert (again, told.suspected) == (at_once, None)
    assert (told.reminder_id, told.customer_id, told.campaign) == (
        request.reminder_id,
        request.customer_id,
        request.campaign,
    )
    assert (told.cart_id, told.sku, told.channel, told.kind) == (request.cart_id, request.sku, "sms", "low_stock")


@pytest.mark.parametrize(
    ("method", "headers", "why"),
    [
        ("HEAD", PHONE, "head"),
        ("GET", PHONE | {"sec-purpose": "prefetch"}, "prefetch"),
        ("GET", {"user-agent": "Barracuda-Scan/1.0"}, "scanner"),
    ],
)
async def test_a_scanner_s_click_is_told_as_suspected_and_never_after_a_person_s(
    world: World, web: httpx.AsyncClient, method: str, headers: dict[str, str], why: str
):
    await world.knows()
    await world.asks(**low_stock())
    await world.asks(**low_stock())
    await world.deliver()
    links = [re.findall(r"https://\S+/c/\S{11}", one["body"])[0] for one in world.twilio.taken]
    await world.pool.execute("UPDATE deliveries SET sending_at = sending_at - interval '1 min'")
    for _ in range(2):
        assert (await web.request(method, links[0], headers=headers)).status_code == 302
    await web.get(links[1], headers=PHONE)
    await clicks_told(world)
    await web.request(method, links[1], headers=headers)
    assert [one.suspected for one in await clicks_told(world)] == [why, None]


async def test_a_short_link_leads_on_with_the_store_s_utm_parameters_and_stays_short(
    world: World, web: httpx.AsyncClient
):
    world.shop["utm"] = {"source": "nordwind", "medium": "{channel}", "content": "{template}-{step}"}
    await world.knows()
    request = await world.asks(**low_stock())
    await world.deliver()
    [text] = [one["body"] for one in world.twilio.taken]
    [link] = re.findall(r"https://\S+/c/\S{11}", text)
    assert "utm_" not in text
    world._stores["demo"] = world._stores["demo"].model_copy(update={"hosts": ("shop.example",)})
    to = (await web.get(link, headers=PHONE)).headers["location"]
    base, _, query = to.partition("?")
    assert base == f"https://shop.example/recover/r1_{request.cart_id.hex if request.cart_id else ''}"
    assert query == f"utm_source=nordwind&utm_medium=sms&utm_content={request.template}-{request.step}"
