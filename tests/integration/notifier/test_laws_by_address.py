"""What the shop told of an address says which laws a text waits for, and the last that was told counts."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.contracts.codec import decode, encode
from libs.contracts.events import ReachSet
from libs.runtime.ids import uuid7
from services.cart.domain.customers.profile import Contact, Profile
from tests.integration.notifier.channels.test_answers import shown
from tests.integration.notifier.conftest import World, erased, low_stock
from tests.integration.notifier.stand_ins import SERVERS_KEY, STORE
from tests.integration.notifier.test_reach import events_told

PHONE = "+3545812345"  # of a country with one clock, which is UTC all year


@pytest.fixture
def strict_region(world: World, tmp_path: Path) -> World:
    """Texts to one region of Iceland may go from an hour on that is still to come."""
    opens = (world.now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    closes = opens + timedelta(hours=1)
    hours = f"{opens:%H:%M}-{closes:%H:%M}" if opens.hour < closes.hour else "00:00-00:01"
    rules = tmp_path / "laws.toml"
    rules.write_text(
        "reviewed = 2026-12-01\n"
        f"[[laws]]\ncountry = 'IS'\nstates = ['1']\nhours = '{hours}'\nsource = 'a test'\n"
        "[[laws]]\ncountry = 'IS'\nonce_an_abandonment = true\nsource = 'a test'"
    )
    world.extra["laws"] = rules
    return world


async def put(world: World, version: int = 1, customer_id: str = "anna", **said: Any) -> None:
    """A profile that the cart service took, as it comes by its topic."""
    contact = Contact.model_validate({"phone": PHONE, "sms_consent": True} | said)
    profile = Profile(store_id=STORE, customer_id=customer_id, version=version, updated_at=world.now, contact=contact)
    record = encode(profile.event(uuid7()), "/evercart/cart")
    await world.receive(decode(record.key, record.headers, record.value))


async def becomes(world: World) -> tuple[str, str | None]:
    request = await world.asks(**low_stock(), expires_at=world.now + timedelta(days=2))
    await world.deliver()
    state: tuple[str, str | None] = await world.ended(request)
    return state


@pytest.mark.parametrize(
    ("address", "then"),
    [
        ({}, ("pending", "legal_hours")),
        ({"country": "IS"}, ("pending", "legal_hours")),
        ({"country": "IS", "region": "1"}, ("pending", "legal_hours")),
        ({"country": "IS", "region": "2"}, ("sent", None)),
        ({"country": "GB"}, ("pending", "legal_hours")),
    ],
    ids=str,
)
async def test_a_text_waits_for_the_law_of_the_region_that_the_shop_has_told(
    strict_region: World, address: dict[str, Any], then: tuple[str, str | None]
):
    """Without a region all of the country's hold; another country takes none of those of the number away."""
    await put(strict_region, **address)
    assert await becomes(strict_region) == then


async def test_the_address_that_was_told_last_counts_whichever_customer_told_it(strict_region: World):
    await put(strict_region, 1, country="IS", region="2")
    await put(strict_region, 2, "bert", country="IS", region="1")
    assert await becomes(strict_region) == ("pending", "legal_hours")
    await put(strict_region, 3, country="IS", region="2")
    assert await becomes(strict_region) == ("sent", None)


async def test_where_an_address_is_is_told_to_whoever_tries_campaigns(world: World):
    await put(world, country="US", region="CA")
    await put(world, 2, country="US", region="CA", name="Anna")
    await put(world, 3, country="US")
    told = [(one.country, one.region) for one in await events_told(world) if isinstance(one, ReachSet)]
    assert told == [("US", "CA"), ("US", None)]


async def test_whoever_asks_why_is_told_which_law_holds_and_what_tells_that(
    strict_region: World, web: httpx.AsyncClient
):
    await put(strict_region, country="IS", region="1")
    assert await becomes(strict_region) == ("pending", "legal_hours")
    [message] = await shown(web)
    of_iceland = {"country": "IS", "source": "a test", "told_by": "address"}
    assert message["laws"] == [of_iceland | {"states": ["1"]}, of_iceland | {"states": []}]
    path = f"/v1/stores/{STORE}/messages/{message['reminder_id']}"
    assert (await web.get(path, headers={"Authorization": f"Bearer {SERVERS_KEY}"})).json()["laws"] == message["laws"]
    await put(strict_region, 2, country="IS", region="2")
    [message] = await shown(web)
    assert [one["states"] for one in message["laws"]] == [[]], "as it is known now"
    await strict_region.receive(erased())
    [message] = await shown(web)
    assert message["laws"] is None
