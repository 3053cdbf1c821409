"""Messages that are about an order, an item or a customer, and not about a cart."""

from typing import Any

import pytest

from libs.contracts.events import MessageSent, ReminderRequested
from services.notifier.db import suppressions
from services.notifier.domain.kinds import registry
from services.notifier.domain.kinds.kind import Kind
from tests.integration.notifier.conftest import World, reminder
from tests.integration.notifier.stand_ins import STORE, willing

ABOUT_NONE: dict[str, Any] = {"cart_id": None, "cart_version": None, "template": "win_back"}
NEWS = {**ABOUT_NONE, "kind": "news", "campaign": "news", "sku": "mug"}
RECEIPT = {**ABOUT_NONE, "kind": "receipt", "campaign": "receipt", "order_id": "o-1001", "template": "order_delivered"}
ORDER = {"order_id": "o-1001", "status": "placed", "placed_at": "2026-03-10T12:00:00Z", "currency": "EUR", "lines": []}


def _nothing(*_: object) -> None:
    return None


@pytest.fixture(autouse=True)
def made_up_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind of each purpose that nobody ships."""
    plain = Kind(_nothing, lambda *_: 1, about="customer")
    monkeypatch.setitem(registry.KINDS, "news", plain)
    receipt = Kind(_nothing, lambda *_: 1, about="customer", purpose="transactional")
    monkeypatch.setitem(registry.KINDS, "receipt", receipt)


async def _asks(world: World, **known: Any) -> ReminderRequested:
    request = reminder(world.now, **known)
    await world.receive(request)
    return request


async def test_a_message_about_an_item_looks_at_the_customer_and_is_sent(world: World):
    await world.knows()
    world.carts.sees("anna", inventory={"mug": 3})
    request = await _asks(world, **NEWS)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert world.carts.asked_for[0] == {"sku": "mug"}
    row = await world.row(request)
    assert (row["cart_id"], row["cart_version"], row["sku"]) == (None, None, "mug")
    assert "https://shop.example/" in world.relay.body()
    assert await world.told() == ["message.sent"]


async def test_what_became_of_it_is_told_without_a_cart(world: World):
    await world.knows()
    world.carts.sees("anna", order=ORDER)
    request = await _asks(world, **RECEIPT)
    await world.deliver()
    value = await world.pool.fetchval("SELECT value FROM outbox WHERE topic = 'message.events'")
    event = MessageSent.model_validate_json(value)
    assert (event.reminder_id, event.cart_id, event.order_id) == (request.reminder_id, None, "o-1001")
    assert (
        await world.pool.fetchval(
            "SELECT headers::json ->> 'ce_dataversion' FROM outbox WHERE topic = 'message.events'"
        )
        == "2"
    )
    assert world.carts.asked_for[0] == {"order_id": "o-1001"}


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"recipient": None}, "no_contact"),
        ({"recipient": willing(consent={"email": False})}, "no_consent"),
        ({"recipient": willing(reach={"email": False})}, "no_contact"),
    ],
)
async def test_marketing_without_a_cart_needs_consent_at_the_moment_too(world: World, seen, reason):
    await world.knows()
    world.carts.sees("anna", **seen)
    request = await _asks(world, **NEWS)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)


async def test_whoever_was_merged_into_another_customer_is_not_written_to(world: World):
    await world.knows()
    world.carts.sees("anna")
    world.carts.customers["anna"]["cart"]["customer_id"] = "maria"
    request = await _asks(world, **NEWS)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_contact")


async def test_a_look_that_fails_is_waited_for(world: World):
    await world.knows()
    world.carts.down = True
    request = await _asks(world, **NEWS)
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")


async def test_of_an_order_somebody_is_told_without_consent_caps_or_quiet_hours(world: World):
    """Story: an order confirmation waited for the end of the night, because a reminder had gone out before."""
    world.shop |= {"email_cap_hours": 24, "quiet_hours": "00:00-23:59"}
    await world.knows(email_consent=False)
    world.carts.sees("anna", order=ORDER, recipient=willing(consent={"email": False}))
    first, second = await _asks(world, **RECEIPT), await _asks(world, **RECEIPT)
    await world.deliver()
    assert [await world.ended(one) for one in (first, second)] == [("sent", None)] * 2


@pytest.mark.parametrize(("status", "ended"), [("shipped", ("sent", None)), ("cancelled", ("cancelled", "cancelled"))])
async def test_that_a_part_was_cancelled_is_told_while_the_rest_of_the_order_stands(
    world: World, status: str, ended: tuple[str, str | None]
):
    await world.knows(email_consent=False)
    world.carts.sees("anna", order=ORDER | {"status": status}, recipient=willing(consent={"email": False}))
    part = {"kind": "order_partly_cancelled", "template": "order_partly_cancelled", "campaign": "part"}
    request = await _asks(world, **(RECEIPT | part))
    await world.deliver()
    assert await world.ended(request) == ended
    if status == "shipped":
        assert world.relay.messages[0]["Subject"] == "Part of your order o-1001 was cancelled"
        assert "/u/" not in world.relay.body()


async def test_what_is_told_of_an_order_uses_up_no_cap_of_reminders(world: World):
    world.shop |= {"email_cap_hours": 24}
    await world.knows()
    world.carts.sees("anna", order=ORDER)
    await _asks(world, **RECEIPT)
    await world.deliver()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


@pytest.mark.parametrize(
    ("reason", "ended"),
    [
        ("unsubscribed", ("sent", None)),
        ("bounced", ("cancelled", "suppressed")),
        ("complained", ("cancelled", "suppressed")),
    ],
)
async def test_an_unsubscription_from_reminders_does_not_hide_what_became_of_an_order(world: World, reason, ended):
    await world.knows()
    async with world.pool.acquire() as connection:
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
        await suppressions.suppress_address(connection, STORE, "email", "anna@mail.example", reason)
    world.carts.sees("anna", order=ORDER)
    request = await _asks(world, **RECEIPT)
    await world.deliver()
    assert await world.ended(request) == ended


async def test_a_message_of_an_order_offers_no_way_out_and_says_why_it_came(world: World):
    await world.knows()
    world.carts.sees("anna", order=ORDER)
    await _asks(world, **RECEIPT)
    await world.deliver()
    assert "List-Unsubscribe" not in world.relay.messages[0]
    assert "/u/" not in world.relay.body() + world.relay.body("html")
    assert "because you ordered at Nordwind" in world.relay.body()


async def test_a_text_about_an_order_has_no_link_to_a_cart(world: World):
    await world.knows()
    world.carts.sees("anna", order=ORDER)
    await _asks(world, **RECEIPT, channel="sms")
    await world.deliver()
    [text] = world.twilio.taken
    assert "https://shop.example/" in text["body"]
    assert "STOP" not in text["body"]


BACK = {**ABOUT_NONE, "kind": "back_in_stock", "campaign": "back", "template": "back_in_stock", "sku": "mug"}
WATCHED = {"sku": "mug", "title": "Blue mug", "url": "https://shop.example/mug"}


async def test_whoever_watches_an_item_is_told_that_it_is_back(world: World):
    await world.knows()
    world.carts.sees("anna", inventory={"mug": 3}, watched=WATCHED)
    request = await _asks(world, **BACK)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert world.carts.asked_for[0] == {"sku": "mug"}
    assert "Blue mug" in world.relay.body()


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"inventory": {"mug": 0}, "watched": WATCHED}, "sold_out"),
        ({"inventory": {"mug": 3}, "watched": None}, "not_watched"),
        ({"inventory": {"mug": 3}, "watched": WATCHED, "recipient": willing(consent={"email": False})}, "no_consent"),
    ],
)
async def test_what_is_not_there_or_not_wanted_any_more_is_told_to_nobody(world: World, seen, reason):
    await world.knows()
    world.carts.sees("anna", **seen)
    request = await _asks(world, **BACK)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)


async def test_whoever_unsubscribed_is_not_told_of_what_they_watch(world: World):
    await world.knows()
    world.carts.sees("anna", inventory={"mug": 3}, watched=WATCHED)
    async with world.pool.acquire() as connection:
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
    request = await _asks(world, **BACK)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")


LOOKED = {**ABOUT_NONE, "kind": "browse", "campaign": "looked", "template": "browse", "viewed": ("mug", "jug")}
MUG = {"sku": "mug", "title": "Stoneware mug", "url": "https://shop.example/mug", "image_url": None}
JUG = {"sku": "jug", "title": None, "url": None, "image_url": None}


async def test_what_a_customer_looked_at_is_asked_for_and_shown(world: World):
    await world.knows()
    world.carts.sees("anna", viewed=[MUG, JUG], inventory={"mug": 3, "jug": 0})
    request = await _asks(world, **LOOKED)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert world.carts.asked_for[0] == {"viewed": "mug,jug"}
    assert "https://shop.example/mug" in world.relay.body()
    assert "jug" not in world.relay.body(), "it is sold out"


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        ({"viewed": [MUG], "inventory": {"mug": 0}}, "sold_out"),
        ({"viewed": []}, "nothing_viewed"),
        ({}, "nothing_viewed"),
    ],
)
async def test_what_is_gone_or_taken_since_is_not_told_of(world: World, seen: dict[str, Any], reason: str):
    await world.knows()
    world.carts.sees("anna", **seen)
    request = await _asks(world, **LOOKED)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)
