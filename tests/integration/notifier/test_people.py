"""Addresses are people: what holds of one holds however it is spelled, and whichever customers have it."""

import pytest
from starlette.responses import JSONResponse

from services.notifier.db import suppressions
from tests.integration.notifier.conftest import World, profile
from tests.integration.notifier.stand_ins import STORE, willing

SPELLINGS = ("Anna@FUßBALL.example", "anna@xn--fuball-cta.example")


@pytest.mark.parametrize("bounced", SPELLINGS)
@pytest.mark.parametrize("known", SPELLINGS)
async def test_an_address_is_closed_in_both_its_spellings(world: World, bounced: str, known: str):
    await world.knows(email=known)
    async with world.pool.acquire() as connection:
        await suppressions.suppress_address(connection, STORE, "email", bounced, "bounced")
        await suppressions.suppress_address(connection, STORE, "email", "anna@fussball.example", "bounced")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")


async def test_somebody_else_s_bounce_closes_nothing(world: World):
    await world.knows(email="anna@fußball.example")
    async with world.pool.acquire() as connection:
        await suppressions.suppress_address(connection, STORE, "email", "anna@fussball.example", "bounced")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert world.relay.recipients == ["anna@xn--fuball-cta.example"]


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
