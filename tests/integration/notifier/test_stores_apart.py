"""A customer of one store and one of the same name, address or number in another are two people to the notifier."""

from typing import Any
from uuid import uuid4

import pytest

from libs.contracts.events import ReminderRequested
from services.notifier.db import deliveries, recipient_state, suppressions
from services.notifier.domain.reminder import RecipientState
from tests.integration.notifier.conftest import LEASE, World, erased, profile, reminder, unsubscribe_token
from tests.integration.notifier.stand_ins import STORE

OTHER = "other"


async def known_in_both(world: World, **of_other: Any) -> None:
    await world.receive(profile(), profile(**of_other).model_copy(update={"store_id": OTHER}))


async def standing(world: World, store_id: str, channel: str = "email") -> RecipientState:
    """What is known of the Anna of a store, as a reminder that is due would see it."""
    request = reminder(world.now, store_id=store_id, channel=channel)
    await world.receive(request)
    async with world.pool.acquire() as connection:
        found = await deliveries.claim(connection, 100, uuid4(), LEASE)
        [mine] = [one for one in found if one.reminder_id == request.reminder_id]
        return (await recipient_state.read(connection, [mine]))[0]


async def test_consent_to_one_store_is_no_consent_to_another(world: World):
    await known_in_both(world, email_consent=False, email="anna@elsewhere.example")
    here, there = await standing(world, STORE), await standing(world, OTHER)
    assert here.contact is not None
    assert there.contact is not None
    assert (here.contact.email_consent, there.contact.email_consent) == (True, False)
    assert (here.contact.email, there.contact.email) == ("anna@mail.example", "anna@elsewhere.example")


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_who_ends_reminders_of_one_store_still_gets_those_of_another(world: World, channel: str):
    await known_in_both(world)
    async with world.pool.acquire() as connection:
        if channel == "email":
            await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
        else:
            await suppressions.suppress_address(connection, STORE, "sms", "+4915112345678", "stop")
    assert (await standing(world, STORE, channel)).suppressed is not None
    assert (await standing(world, OTHER, channel)).suppressed is None


async def test_a_link_to_unsubscribe_names_its_store(world: World):
    def token(store_id: str) -> str:
        return unsubscribe_token(world, reminder(world.now, store_id=store_id))

    assert token(STORE) != token(OTHER)


async def test_messages_of_one_store_do_not_count_towards_the_cap_of_another(world: World):
    await known_in_both(world)
    await world.asks()
    await world.deliver()
    assert (await standing(world, STORE)).last_sent_at is not None
    assert (await standing(world, OTHER)).last_sent_at is None


async def test_who_is_erased_in_one_store_is_still_known_in_another(world: World):
    await known_in_both(world)
    waiting: list[ReminderRequested] = [reminder(world.now, store_id=store_id) for store_id in (STORE, OTHER)]
    await world.receive(*waiting)
    await world.receive(erased())
    assert [(await world.row(request))["state"] for request in waiting] == ["cancelled", "pending"]
    assert (await standing(world, STORE)).contact is None
    assert (await standing(world, OTHER)).contact is not None
