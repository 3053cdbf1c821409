"""What exactly was sent can be shown again, to whom it may be shown; and its links open nothing."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.contracts.events import ReminderRequested
from libs.http.server_keys import NamedKey
from services.notifier import main
from services.notifier.domain.short_link import hashed
from services.notifier.handlers import last_word
from services.notifier.rendering.copies import read
from services.notifier.web.messages.contents import SentContent
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.integration.notifier.test_erasure import everything
from tests.integration.notifier.test_erasure import request as erasure
from tests.integration.notifier.web.customers.test_export import ask
from tests.support.answers import as_documented

KEY = "nk_support_0123456789abcdef"
HEADERS = {"Authorization": f"Bearer {KEY}"}
VIEWS = "SELECT viewed_by, reminder_id FROM content_views ORDER BY view_id"


@pytest.fixture
async def viewer(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever has a key that is made for it."""
    named = {STORE: (NamedKey(name="support", key=KEY, scopes=frozenset({"contents:read"})),)}
    settings = world.settings.model_copy(update={"keys": named})
    application = main.web(settings, world.pool, world.stores, {}, world.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        yield client


async def shown(client: httpx.AsyncClient, request: ReminderRequested, **headers: str) -> httpx.Response:
    path = f"/v1/stores/{STORE}/messages/{request.reminder_id}/content"
    return await client.get(path, headers=HEADERS | headers)


async def views(world: World) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await world.pool.fetch(VIEWS)]


async def test_what_exactly_did_we_send(world: World, viewer: httpx.AsyncClient):
    """Story (keila#398, posthog#46579): support could say that something was sent, and not what."""
    await world.knows()
    request = await world.asks()
    await world.deliver()
    answer = await shown(viewer, request)
    assert as_documented(answer.content, SentContent)
    told = answer.json()
    sent = world.relay.body().replace("\r\n", "\n")
    token = next(word for word in sent.split() if "/u/" in word).rpartition("/")[2]
    cart = f"r1_{request.cart_id.hex if request.cart_id else ''}"
    assert told["text"] == sent.replace(token, "********").replace(cart, "********")
    assert told["html"] == world.relay.body("html").replace("\r\n", "\n").replace(token, "********").replace(
        cart, "********"
    )
    assert told["subject"] == world.relay.messages[0]["Subject"]
    assert (told["state"], told["customer_id"], told["channel"]) == ("sent", "anna", "email")
    page = await shown(viewer, request, Accept="text/html")
    assert page.text == told["html"]
    assert "sandbox" in page.headers["content-security-policy"]
    assert await views(world) == [("support", request.reminder_id)] * 2


async def test_a_text_is_shown_without_subject_and_page(world: World, viewer: httpx.AsyncClient):
    await world.knows()
    request = await world.asks(channel="sms")
    await world.deliver()
    told = (await shown(viewer, request, Accept="text/html")).json()
    assert (told["subject"], told["html"]) == (None, None)
    assert "/c/********" in told["text"]


async def test_nobody_who_looks_can_use_what_they_see(world: World):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    row = await world.row(request)
    kept = str(read(row["content"]))
    for url in world.relay.body().split():
        if "/u/" in url or "/p/" in url:
            assert hashed(url.rpartition("/")[2]) == row["unsubscribe_link"], "it is the secret"
            assert url.rpartition("/")[2] not in kept
    assert "r1_" not in kept


async def test_a_message_that_was_written_anew_is_kept_as_it_went_out(
    world: World, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
):
    await world.knows()
    request = await world.asks()
    monkeypatch.setattr(last_word, "FRESH_S", 0.0)
    looks = 0

    async def change() -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            world.carts.holds(request.cart_id, title="Another name")

    world.carts.before_answer = change
    await world.deliver()
    assert "Another name" in world.relay.body()
    assert "Another name" in (await shown(viewer, request)).json()["text"]


async def test_of_what_was_not_sent_nothing_is_kept(world: World, viewer: httpx.AsyncClient):
    await world.knows()
    ordered = await world.asks()
    world.carts.holds(ordered.cart_id, status="ordered")
    await world.deliver()
    await world.knows("ben")
    refused = await world.asks(customer_id="ben")
    world.relay.fails("550 5.1.1 nobody", "data")
    await world.deliver()
    assert (await world.row(refused))["sending_at"] is not None
    for request in (ordered, refused):
        assert (await world.row(request))["state"] in ("cancelled", "failed")
        assert (await world.row(request))["content"] is None
        gone = await shown(viewer, request)
        assert (gone.status_code, gone.json()["type"]) == (404, "urn:evercart:problem:nothing-kept")
    assert await views(world) == [], "there was nothing to look at"


async def test_what_may_be_out_is_kept_too(world: World, viewer: httpx.AsyncClient):
    class CrashError(Exception):
        pass

    def at(point: str, _: object) -> None:
        if point == "before_send":
            raise CrashError

    await world.knows()
    request = await world.asks()
    with pytest.raises(CrashError):
        await world.deliver(at)
    assert (await shown(viewer, request)).json()["state"] == "sending"
    await world.passes()
    await world.deliver()
    assert (await shown(viewer, request)).json()["state"] == "unknown"


async def test_erasure_takes_it_and_export_has_it(world: World, viewer: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    [message] = (await ask(world, "anna")).json()["messages"]
    assert message["content"] == {
        name: (await shown(viewer, request)).json()[name] for name in ("subject", "text", "html")
    }
    await world.receive(erasure(world))
    assert (await shown(viewer, request)).status_code == 404
    assert "anna" not in await everything(world)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {SERVERS_KEY}"}, 403),
        ({"Authorization": "Bearer nk_orders_0123456789abcdef"}, 403),
    ],
)
async def test_a_key_for_other_things_shows_nothing(world: World, headers: dict[str, str], status: int):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    other = NamedKey(name="orders", key="nk_orders_0123456789abcdef", scopes=frozenset({"orders:read"}))
    settings = world.settings.model_copy(update={"keys": {STORE: (other,), "*": SecretStr(SERVERS_KEY)}})
    application = main.web(settings, world.pool, world.stores, {}, world.clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.example") as client:
        path = f"/v1/stores/{STORE}/messages/{request.reminder_id}/content"
        assert (await client.get(path, headers=headers)).status_code == status
    assert await views(world) == []


async def test_a_message_of_another_store_is_not_shown(world: World, viewer: httpx.AsyncClient):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    await world.pool.execute("UPDATE deliveries SET store_id = 'other'")
    assert (await shown(viewer, request)).status_code == 404
