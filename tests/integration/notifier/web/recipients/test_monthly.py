"""After delivery a store may ask whether the product should come every month: a letter, a page, a message, a yes."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from libs.contracts.events import ReminderRequested, SubscriptionRequested
from libs.outbox import store as outbox
from services.notifier.db import deliveries, suppressions
from tests.integration.notifier.conftest import World, reminder
from tests.integration.notifier.stand_ins import STORE, willing
from tests.integration.notifier.test_erasure import everything

ABOUT_ORDER: dict[str, Any] = {"cart_id": None, "cart_version": None, "order_id": "o-1001"}
ASKING = "SELECT * FROM deliveries WHERE kind = 'monthly_confirmation' ORDER BY received_at, reminder_id"
WISHES = "SELECT sku, skus, every, order_id, asked, confirmed_at IS NOT NULL AS confirmed, wording FROM monthly_wishes"


def shows(world: World, *skus: str, status: str = "delivered") -> None:
    known = {"price": 900, "quantity": 1, "total": 900}
    lines = [{"sku": sku, "title": f"Coffee {sku}"} | known for sku in skus]
    order = {"order_id": "o-1001", "status": status, "placed_at": "2026-03-10T12:00:00Z", "currency": "EUR"}
    world.carts.sees("anna", order=order | {"lines": lines}, recipient=willing(consent={"email": False}))


async def arrived(world: World, kind: str = "order_delivered", *skus: str) -> ReminderRequested:
    """A letter of an order that Anna, who wants no marketing, has from a store that asks."""
    world.shop.setdefault("ask_monthly", True)
    await world.knows(email_consent=False)
    shows(world, *(skus or ("beans",)))
    asked = reminder(world.now, **ABOUT_ORDER, kind=kind, campaign=kind, template=kind)
    await world.receive(asked)
    await world.deliver()
    assert await world.ended(asked) == ("sent", None)
    return asked


def link_in(text: str, place: str) -> str:
    found: set[str] = set(re.findall(rf"https://n\.nordwind\.example/{place}/[A-Za-z0-9_-]{{11}}", text))
    assert len(found) == 1, found
    return found.pop()


async def wish_link(world: World) -> str:
    await arrived(world)
    return link_in(world.relay.body(number=-1), "m")


async def yes_link(world: World, web: httpx.AsyncClient) -> str:
    await web.post(await wish_link(world))
    await world.deliver()
    return link_in(world.relay.body(number=-1), "s")


async def requested(world: World) -> list[SubscriptionRequested]:
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'subscription.requested' ORDER BY id"
    )
    return [SubscriptionRequested.model_validate_json(row["value"]) for row in rows]


async def test_a_wish_that_was_confirmed_is_told_to_the_shop_once_by_ids_alone(world: World, web: httpx.AsyncClient):
    link = await wish_link(world)
    question = await web.get(link)
    for _ in range(2):
        assert "sent you a message" in (await web.post(link)).text
    (asking,) = await world.pool.fetch(ASKING)
    assert (asking["customer_id"], asking["order_id"], asking["sku"]) == ("anna", "o-1001", "beans")
    (wish,) = await world.pool.fetch(WISHES)
    assert (wish["sku"], wish["order_id"], wish["asked"], wish["confirmed"]) == ("beans", "o-1001", 1, False)
    assert (wish["skus"], wish["every"]) == (["beans"], "month")
    assert wish["wording"] in question.text
    await world.deliver()
    assert await requested(world) == [], "nothing is told before the yes"
    yes = link_in(world.relay.body(number=-1), "s")
    assert "Coffee beans" in world.relay.body(number=-1)
    shown = await web.get(yes)
    assert "gets in touch with you" in (await web.post(yes)).text
    assert "nothing to confirm" in (await web.post(yes)).text
    assert "nothing to do" in (await web.post(link)).text
    (told,) = await requested(world)
    assert (told.store_id, told.customer_id, told.sku, told.order_id) == (STORE, "anna", "beans", "o-1001")
    assert told.every == "month"
    assert told.wording in shown.text
    assert "anna@" not in told.model_dump_json()
    assert len(await world.pool.fetch(ASKING)) == 1


async def test_a_scanner_that_opens_the_links_wishes_and_confirms_nothing(world: World, web: httpx.AsyncClient):
    link = await wish_link(world)
    for method in ("GET", "HEAD"):
        assert (await web.request(method, link)).status_code == 200
    assert await world.pool.fetch(WISHES) == await world.pool.fetch(ASKING) == []
    await web.post(link)
    await world.deliver()
    yes = link_in(world.relay.body(number=-1), "s")
    for method in ("GET", "HEAD"):
        answer = await web.request(method, yes)
        assert answer.status_code == 200
        assert "anna" not in answer.text
    assert await requested(world) == []


async def test_no_other_link_is_one(world: World, web: httpx.AsyncClient):
    """Forged, of another message, or of another use: a page that says so, and nothing changes."""
    await arrived(world, "order_confirmed")
    confirmed = link_in(world.relay.body(number=-1), "p").rpartition("/")[2]
    letter = (await wish_link(world)).rpartition("/")[2]
    await web.post(f"/m/{letter}")
    await world.deliver()
    yes = link_in(world.relay.body(number=-1), "s").rpartition("/")[2]
    for path in (f"/m/{confirmed}", f"/s/{letter}", f"/m/{yes}", f"/y/{yes}", "/m/AAAAAAAAAAA", "/s/x", "/m/%27--"):
        for method in ("GET", "POST"):
            assert (await web.request(method, path)).status_code == 404, path
    assert len(await world.pool.fetch(ASKING)) == 1
    assert await requested(world) == []


@pytest.mark.parametrize(("place", "days"), [("m", 30), ("s", 3)])
async def test_links_end(world: World, web: httpx.AsyncClient, place: str, days: int):
    link = await wish_link(world) if place == "m" else await yes_link(world, web)
    for age, status in ((timedelta(days=days, minutes=-5), 200), (timedelta(days=days, minutes=5), 404)):
        await world.pool.execute("UPDATE deliveries SET sending_at = now() - $1::interval", age)
        assert (await web.get(link)).status_code == status
    assert (await web.post(link)).status_code == 404
    assert await requested(world) == []


async def test_a_store_asks_only_where_it_says_so(world: World, web: httpx.AsyncClient):
    world.shop["ask_monthly"] = False
    await arrived(world)
    assert "/m/" not in world.relay.body(number=-1)
    token = link_in(world.relay.body(number=-1), "p").rpartition("/")[2]
    assert (await web.post(f"/m/{token}")).status_code == 404
    world.shop["ask_monthly"] = True
    await arrived(world, "order_delivered", "beans", "filter")
    assert "/m/" not in world.relay.body(number=-1)


@pytest.mark.parametrize(("skus", "status"), [((), "delivered"), (("a", "b"), "delivered"), (("beans",), "returned")])
async def test_what_is_in_the_order_no_more_is_wished_no_more(
    world: World, web: httpx.AsyncClient, skus: tuple[str, ...], status: str
):
    link = await wish_link(world)
    shows(world, *skus, status=status)
    assert "nothing to do" in (await web.post(link)).text
    assert await world.pool.fetch(WISHES) == await world.pool.fetch(ASKING) == []


async def test_an_order_that_can_t_be_asked_for_is_no_wish_yet(world: World, web: httpx.AsyncClient):
    link = await wish_link(world)
    world.carts.down = True
    assert (await web.post(link)).status_code == 503
    assert await world.pool.fetch(WISHES) == []
    world.carts.down = False
    assert (await web.post(link)).status_code == 200
    assert len(await world.pool.fetch(WISHES)) == 1


async def test_the_yes_is_asked_for_once_more_a_day_later_and_never_again(world: World, web: httpx.AsyncClient):
    link = await wish_link(world)
    for sent in (1, 2, 2, 2):
        assert "sent you a message" in (await web.post(link)).text
        assert len(await world.pool.fetch(ASKING)) == sent
        await world.pool.execute("UPDATE monthly_wishes SET asked_at = asked_at - interval '25 hours'")
    (wish,) = await world.pool.fetch(WISHES)
    assert wish["asked"] == 2


async def test_many_taps_at_once_are_one_wish_and_one_yes(world: World, web: httpx.AsyncClient):
    link = await wish_link(world)
    await asyncio.gather(*(web.post(link) for _ in range(5)))
    assert len(await world.pool.fetch(ASKING)) == 1
    await world.deliver()
    yes = link_in(world.relay.body(number=-1), "s")
    await asyncio.gather(*(web.post(yes) for _ in range(5)))
    assert len(await requested(world)) == 1


@pytest.mark.parametrize("at", ["wish", "yes"])
async def test_a_crash_between_leaves_nothing_half_done(
    world: World, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, at: str
):
    link = await wish_link(world) if at == "wish" else await yes_link(world, web)
    before = await everything(world)

    async def dies(*_: object) -> None:
        raise RuntimeError("the process ends there")

    with monkeypatch.context() as patched:
        patched.setattr(*((deliveries, "add", dies) if at == "wish" else (outbox, "append", dies)))
        assert (await web.post(link)).status_code == 500
    assert await everything(world) == before
    assert (await web.post(link)).status_code == 200
    assert len(await world.pool.fetch(WISHES)) == 1
    assert len(await requested(world)) == (at == "yes")


@pytest.mark.parametrize(("reason", "ended"), [("unsubscribed", "sent"), ("bounced", "cancelled")])
async def test_it_goes_where_news_of_orders_go(world: World, web: httpx.AsyncClient, reason: Any, ended: str):
    await web.post(await wish_link(world))
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, "anna", "email", reason)
    await world.deliver()
    (asking,) = await world.pool.fetch(ASKING)
    assert asking["state"] == ended
