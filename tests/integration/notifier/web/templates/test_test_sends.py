"""A test of a message goes to whoever runs the store, says that it is one, and is counted nowhere."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.web.templates.preview_send import SentTest
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.support.answers import as_documented
from tests.unit.notifier.languages import LANGUAGES

AT = f"/v1/stores/{STORE}/preview/send"
NAMED = "sk_key_of_who_writes_campaigns"
MIA, PHONE = "mia@nordwind.example", "+48221234567"
TEST: dict[str, Any] = {"to": MIA, "template": "abandoned_cart_1"}
KEPT = ("deliveries", "outbox", "suppressions", "answers", "contacts")


@pytest.fixture
async def shop(world: World) -> AsyncIterator[httpx.AsyncClient]:
    keys = [{"name": "writer", "key": NAMED, "scopes": ["messages:write"]}]
    world.extra |= {"keys": {STORE: keys, "*": SERVERS_KEY}}
    world.shop |= {"test_addresses": (MIA, PHONE)}
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    head = {"Authorization": f"Bearer {NAMED}"}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example", headers=head) as client:
        yield client


async def test_a_letter_goes_to_an_operator_marked_and_leaves_no_trace(world: World, shop: httpx.AsyncClient):
    answer = await shop.post(AT, json=TEST | {"to": "Mia@NORDWIND.example"})
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, SentTest)
    assert answer.json() == {"outcome": "accepted", "reason": None}
    (message,) = world.relay.messages
    assert message["Subject"].startswith("[Test] ")
    assert message["To"].lower() == MIA
    for table in KEPT:
        assert await world.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_a_text_is_marked_too(world: World, shop: httpx.AsyncClient):
    answer = await shop.post(AT, json=TEST | {"to": PHONE, "channel": "sms", "language": "pl"})
    assert answer.json()["outcome"] == "accepted"
    assert world.twilio.taken[0]["body"].startswith("[Test] Nordwind: ")
    assert world.twilio.taken[0]["to"] == PHONE


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_in_any_language(world: World, shop: httpx.AsyncClient, locale: str):
    await shop.post(AT, json=TEST | {"language": locale, "template": "low_stock_several", "coupon": "SAVE10"})
    assert world.relay.messages[0]["Content-Language"].startswith(locale.partition("-")[0])


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"to": "anna@mail.example"}, 403, "not-a-test-address"),
        ({"to": f"x{MIA}"}, 403, "not-a-test-address"),
        ({"to": f"{MIA}\r\nBcc: all@mail.example"}, 422, "invalid-request"),
        ({"to": PHONE}, 422, "invalid-request"),
        ({"channel": "sms"}, 422, "invalid-request"),
        ({"channel": "pigeon"}, 422, "invalid-request"),
        ({"template": "nobody_has_this"}, 404, "unknown-template"),
        ({"gossip": 1}, 422, "invalid-request"),
    ],
)
async def test_nobody_else_is_sent_a_test(
    world: World, shop: httpx.AsyncClient, body: dict[str, Any], status: int, slug: str
):
    await world.knows()
    answer = await shop.post(AT, json=TEST | body)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, slug)
    assert not world.relay.messages
    assert not world.twilio.taken


async def test_without_addresses_or_the_scope_no_test_goes_out(world: World, shop: httpx.AsyncClient):
    denied = await shop.post(AT, json=TEST, headers={"Authorization": f"Bearer {SERVERS_KEY}"})
    assert denied.status_code == 403
    world.shop |= {"test_addresses": ()}
    assert world.stores
    assert (await shop.post(AT, json=TEST)).status_code == 403
    assert not world.relay.messages


async def test_what_the_provider_says_is_told(world: World, shop: httpx.AsyncClient):
    await world.relay.stop()
    answer = await shop.post(AT, json=TEST)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "postponed"
    await world.relay.start()


async def test_it_may_have_the_name_of_a_customer_and_goes_to_the_operator_all_the_same(
    world: World, shop: httpx.AsyncClient
):
    await world.knows("anna", name="Annegret", locale="de")
    assert (await shop.post(AT, json=TEST | {"customer_id": "anna"})).json()["outcome"] == "accepted"
    (message,) = world.relay.messages
    assert message["To"] == MIA
    assert message["Content-Language"].startswith("de")
    assert "Annegret" in world.relay.body()
    unknown = await shop.post(AT, json=TEST | {"customer_id": "nobody"})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:evercart:problem:unknown-customer")
    assert len(world.relay.messages) == 1
