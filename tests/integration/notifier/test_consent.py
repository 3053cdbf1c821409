"""Consent as both know it who hear of it, withdrawn in time and given again."""

from datetime import timedelta

import pytest
from starlette.responses import JSONResponse

from services.notifier.db import suppressions
from tests.integration.notifier.conftest import World, low_stock, profile
from tests.integration.notifier.stand_ins import STORE, willing

NO = {"email": False}


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        (willing(consent=NO), "no_consent"),
        (willing(2, consent=NO), "no_consent"),
        (willing(2, reach=NO), "no_contact"),
        (None, "no_contact"),
    ],
)
async def test_a_consent_that_was_withdrawn_where_nobody_has_read_it_yet_counts(world: World, recipient, reason):
    """The profile's change lies in the cart service's outbox while the relay is down: only the last look knows."""
    await world.knows()
    request = await world.asks()
    world.carts.carts[str(request.cart_id)].recipient = recipient
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)
    assert world.relay.messages == []


async def test_a_consent_to_text_messages_is_none_to_e_mail_in_the_last_look_either(world: World):
    await world.knows()
    by_mail, by_text = await world.asks(), await world.asks(channel="sms")
    for one in (by_mail, by_text):
        world.carts.carts[str(one.cart_id)].recipient = willing(consent=NO)
    await world.deliver()
    assert await world.ended(by_mail) == ("cancelled", "no_consent")
    assert await world.ended(by_text) == ("sent", None)


async def test_a_newer_profile_that_nobody_has_read_yet_is_waited_for(world: World):
    """What was agreed to is agreed for the address that stands in it."""
    await world.knows(email="old@mail.example")
    request = await world.asks()
    world.carts.carts[str(request.cart_id)].recipient = willing(2)
    await world.deliver()
    assert await world.ended(request) == ("pending", "profile_unread")
    await world.receive(profile(version=2, email="new@mail.example"))
    await world.passes()
    await world.deliver()
    assert world.relay.recipients == ["new@mail.example"]


async def test_a_newer_profile_that_stays_unread_past_the_budget_ends_the_reminder(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.carts[str(request.cart_id)].recipient = willing(2)
    await world.deliver()
    await world.passes(request.expires_at - request.due_at)
    await world.deliver()
    assert await world.ended(request) == ("expired", "profile_unread")


async def test_an_answer_that_says_nothing_of_consent_is_no_answer(world: World):
    await world.knows()
    request = await world.asks()
    told = world.carts.carts[str(request.cart_id)].document()
    del told["recipient"]
    world.carts.answer = JSONResponse(told)
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")


async def closed_by(world: World, reason: suppressions.SuppressionReason) -> None:
    async with world.pool.acquire() as connection:
        await suppressions.suppress_customer(connection, STORE, "anna", "email", reason)


async def agrees(world: World, version: int, **after: float) -> None:
    """Anna's profile comes, with a consent of so long after the present moment."""
    moment = await world.pool.fetchval("SELECT now()")
    await world.knows(version=version, email_consent_at=moment + timedelta(**after))


async def reached(world: World) -> bool:
    request = await world.asks(**low_stock(channel="email"))
    await world.deliver()
    ended = await world.ended(request)
    assert ended in {("sent", None), ("cancelled", "suppressed")}
    return ended[0] == "sent"


async def test_who_agrees_again_is_written_to_again(world: World):
    """listmonk#588, mautic#323: could never subscribe again."""
    await world.knows()
    await closed_by(world, "unsubscribed")
    assert not await reached(world)
    await agrees(world, 2, seconds=1)
    assert await reached(world)


async def test_an_unsubscription_outlives_a_consent_from_before_it_however_often_that_is_told(world: World):
    await agrees(world, 1, seconds=-2)
    await closed_by(world, "unsubscribed")
    await world.knows(version=2, name="Anna told by a shop that knows of no time")
    await agrees(world, 3, seconds=-1)
    assert not await reached(world)


async def test_unsubscribing_again_counts_from_then(world: World):
    await world.knows()
    await closed_by(world, "unsubscribed")
    await world.pool.execute("UPDATE suppressions SET created_at = now() - interval '3 days'")
    await closed_by(world, "unsubscribed")
    await agrees(world, 2, days=-1)
    assert not await reached(world)


@pytest.mark.parametrize("reason", ["complained", "bounced", "stop"])
async def test_consent_lifts_no_complaint_and_no_bounce_whatever_came_first(world: World, reason):
    await world.knows()
    await closed_by(world, "unsubscribed")
    await closed_by(world, reason)
    await agrees(world, 2, seconds=1)
    assert not await reached(world)
    assert {row["reason"] for row in await world.pool.fetch("SELECT reason FROM suppressions")} == {reason}


async def test_a_profile_that_an_older_one_comes_after_lifts_nothing(world: World):
    await world.knows(version=5, email_consent=False)
    await closed_by(world, "unsubscribed")
    await agrees(world, 4, seconds=1)
    await world.knows(version=6)
    assert not await reached(world)
