"""What somebody chose on their page counts for what is sent: from the next message on, by channel and purpose."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.notifier.db import deliveries
from tests.integration.notifier.conftest import LEASE, World, low_stock, reminder
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.test_about_no_cart import ORDER
from tests.integration.notifier.web.recipients.choosing import ALL, link, outcome, reach, save, ticks, told


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
