"""Channels in order of preference: a reminder goes by the first that is open to its recipient, and never by two."""

import asyncio
from datetime import timedelta

import pytest

from libs.contracts.events import ReminderRequested
from services.notifier.db import suppressions
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE, willing

BOTH = ("email", "sms")


async def goes(world: World, channels: tuple[str, ...] = BOTH, **known) -> ReminderRequested:
    request = await world.asks(channel=channels[0], channels=channels, **known)
    await world.deliver()
    await world.deliver()
    return request


async def by(world: World, request: ReminderRequested) -> tuple[str, str, str | None]:
    row = await world.row(request)
    return row["channel"], row["state"], row["reason"]


def sent(world: World) -> tuple[int, int]:
    return len(world.relay.messages), len(world.twilio.taken)


@pytest.mark.parametrize(("first", "counts"), [("email", (1, 0)), ("sms", (0, 1))])
async def test_it_goes_by_the_one_that_is_preferred(world: World, first, counts):
    await world.knows()
    request = await goes(world, (first, *(other for other in BOTH if other != first)))
    assert await by(world, request) == (first, "sent", None)
    assert sent(world) == counts


@pytest.mark.parametrize(
    "known",
    [{"email": None}, {"email_consent": False}, {"email": "zoë@mail.example"}],
    ids=["no address", "no", "broken"],
)
async def test_whoever_can_not_be_mailed_is_texted(world: World, known):
    await world.knows(**known)
    request = await goes(world)
    assert await by(world, request) == ("sms", "sent", None)
    assert sent(world) == (0, 1)


async def test_whoever_unsubscribed_from_e_mails_is_texted_and_the_event_says_how(world: World):
    await world.knows()
    async with world.pool.acquire() as connection:
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
    request = await goes(world)
    assert await by(world, request) == ("sms", "sent", None)
    told = await world.pool.fetchval(
        "SELECT convert_from(value, 'utf8')::json ->> 'channel' FROM outbox WHERE topic = $1", "message.events"
    )
    assert told == "sms"


async def test_a_store_without_a_sender_of_e_mails_texts(world: World):
    world.shop = {"email_from": None}
    await world.knows()
    request = await goes(world)
    assert await by(world, request) == ("sms", "sent", None)


async def test_a_channel_that_a_newer_trigger_knows_is_passed_over(world: World):
    await world.knows()
    request = await goes(world, ("push", "email"))
    assert await by(world, request) == ("email", "sent", None)


async def test_where_none_is_open_it_ends_by_the_first_with_its_reason(world: World):
    await world.knows(email_consent=False, phone=None)
    request = await goes(world)
    assert await by(world, request) == ("email", "cancelled", "no_consent")
    assert sent(world) == (0, 0)
    assert await world.told() == ["message.cancelled"]


async def test_consent_that_only_the_cart_service_knows_to_be_withdrawn_closes_a_channel_too(world: World):
    await world.knows()
    request = await world.asks(channel="email", channels=BOTH)
    world.carts.holds(request.cart_id, recipient=willing(consent={"email": False}))
    await world.deliver()
    await world.deliver()
    assert await by(world, request) == ("sms", "sent", None)


async def test_a_cap_puts_off_and_does_not_switch(world: World):
    """Story: who had an e-mail in the morning was texted at noon, for the list named both."""
    world.shop = {"email_cap_hours": 2.0}
    await world.knows()
    await goes(world, ("email",))
    second = await goes(world)
    assert await by(world, second) == ("email", "pending", "frequency_cap")
    await world.passes(timedelta(hours=3))
    await world.deliver()
    assert await by(world, second) == ("email", "sent", None)
    assert sent(world) == (2, 0)


async def test_what_may_have_gone_out_never_goes_by_another_channel(world: World):
    """Story: the process died in the middle of an e-mail, consent was withdrawn, and the same came as a text."""
    world.shop = {"delivery": "at_least_once"}
    await world.knows()
    request = await world.asks(channel="email", channels=BOTH)

    def dies(point, _reminder):
        if point == "after_send":
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await world.deliver(dies)
    await world.knows(version=2, email_consent=False)
    await world.passes()
    await world.deliver()
    await world.deliver()
    assert await by(world, request) == ("email", "unknown", "no_consent")
    assert sent(world) == (1, 0)


async def test_a_second_reminder_of_one_abandonment_goes_by_e_mail_where_one_text_is_allowed(world: World):
    world.shop = {"sms_cap_hours": 1.0}
    await world.knows()
    first = await goes(world, ("sms", "email"))
    await world.passes(timedelta(hours=2))
    second = await goes(world, ("sms", "email"), cart_id=first.cart_id, step=2)
    assert await by(world, second) == ("email", "sent", None)
    assert sent(world) == (1, 1)
