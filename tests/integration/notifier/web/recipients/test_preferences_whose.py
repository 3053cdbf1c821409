"""Whose choice it is: that of the address, by a link of a message to it and by no other."""

import re

import httpx
import pytest

from tests.integration.notifier.conftest import World, erased, low_stock, profile
from tests.integration.notifier.stand_ins import STORE
from tests.integration.notifier.web.recipients.choosing import ALL, link, link_in, outcome, save, ticks, told


async def test_a_link_to_an_address_of_before_closes_and_opens_nothing(world: World, web: httpx.AsyncClient):
    """Story: a mailbox was given to somebody else, with all the old messages in it."""
    await world.knows()
    url = await link(world)
    await world.knows(version=2, email="new@mail.example")
    page = await web.get(url)
    assert "n•••" not in page.text
    assert "78" not in page.text
    assert ticks((await save(web, url, email="marketing")).text)["email"] == {"marketing"}
    assert ticks((await save(web, url, email=" ".join(ALL))).text)["email"] == {"marketing"}
    change = await world.pool.fetchval("SELECT max(change_id) FROM preference_changes")
    assert ticks((await web.post(url, data={"do": "undo", "change": str(change)})).text)["email"] == {"marketing"}


async def test_it_holds_for_the_address_whoever_has_it(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    await world.knows("bert", email="Anna@Mail.example", phone="+48221234567")
    assert await outcome(world, customer_id="bert") == ("cancelled", "declined")


async def test_a_guest_chooses_too_and_it_goes_on_when_they_log_in(world: World, web: httpx.AsyncClient):
    await world.knows("guest:a", email="anna@mail.example")
    await world.asks(customer_id="guest:a")
    await world.deliver()
    url = link_in(world.relay.body())
    await save(web, url, email="marketing stock_alerts")
    await world.receive(profile(version=5), erased("guest:a"))
    assert await outcome(world) == ("cancelled", "declined")
    page = await web.get(url)
    assert ticks(page.text) == {"email": {"marketing", "stock_alerts"}}, "of the address of the message alone"
    await save(web, url, email=" ".join(ALL))
    assert await outcome(world) == ("sent", None)
    assert [one.customer_id for one in await told(world)] == ["guest:a"], "nobody who was erased is told of"


async def test_what_was_declined_outlives_the_erasure_at_the_address(world: World, web: httpx.AsyncClient):
    await world.knows()
    url = await link(world)
    await save(web, url, email="marketing")
    await world.pool.execute("DELETE FROM preferences WHERE subject LIKE 'address:%'")
    await world.receive(erased())
    await world.knows(version=9)
    assert await outcome(world) == ("cancelled", "declined")
    kept = str(await world.pool.fetch("SELECT * FROM preferences"))
    assert "anna" not in kept


@pytest.mark.parametrize("token", ["aaaaaaaaaaa", "a", "ж" * 11, "u1_x.y", "../u"])
async def test_a_forged_link_leads_nowhere(world: World, web: httpx.AsyncClient, token: str):
    await world.knows()
    await link(world)
    for method in ("GET", "POST"):
        answer = await web.request(method, f"/p/{token}", data={"do": "pause"} if method == "POST" else None)
        assert answer.status_code == 404
    assert await told(world) == []


async def test_links_of_other_uses_too_old_or_of_stores_nobody_knows_lead_nowhere(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.asks(**low_stock())
    await world.deliver()
    [cart] = re.findall(r"/c/(\S{11})", world.twilio.taken[0]["body"])
    assert (await web.get(f"/p/{cart}")).status_code == 404
    url = await link(world)
    await world.pool.execute("UPDATE deliveries SET store_id = 'another' WHERE kind = 'abandoned_cart'")
    assert (await web.post(url, data={"do": "pause"})).status_code == 404
    await world.pool.execute("UPDATE deliveries SET store_id = $1", STORE)
    assert (await web.get(url)).status_code == 200
    await world.pool.execute("UPDATE deliveries SET sending_at = now() - interval '366 days'")
    assert (await web.get(url)).status_code == (await web.post(url, data={"do": "pause"})).status_code == 404
    assert await told(world) == []


async def test_a_change_of_somebody_else_can_not_be_undone(world: World, web: httpx.AsyncClient):
    await world.knows()
    await world.knows("bert", phone="+48221234567")
    url, other = await link(world), await link(world, customer_id="bert")
    await save(web, url, email="marketing")
    change = await world.pool.fetchval("SELECT max(change_id) FROM preference_changes")
    assert "Nothing was changed" in (await web.post(other, data={"do": "undo", "change": str(change)})).text
    assert ticks((await web.get(url)).text)["email"] == {"marketing"}
