"""Guests who have left an address are people like others: what holds for an address holds for theirs."""

from datetime import timedelta

from libs.contracts.events import ReminderRequested
from services.notifier.db import suppressions
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE

HOME = "home@mail.example"


async def of_guest(world: World, name: str, **known) -> ReminderRequested:
    """A reminder of a guest's cart, at an address that anybody may have typed."""
    recipient = f"guest:{name}"
    await world.knows(recipient, email=HOME)
    request = await world.asks(customer_id=recipient, **known)
    world.carts.holds(request.cart_id, customer_id=None, recipient_id=recipient)
    return request


async def test_a_guest_is_reminded_of_the_cart_and_by_its_contents_alone(world: World):
    request = await of_guest(world, "a")
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    (message,) = world.relay.messages
    links = [part for part in str(message).split() if "http" in part]
    assert not any(HOME in link or "guest" in link for link in links)


async def test_one_address_gets_one_message_whatever_the_number_of_carts(world: World):
    """Story: somebody typed a stranger's address into ten carts, and the stranger had ten letters."""
    requests = [await of_guest(world, str(n), quiet_since=world.now - timedelta(minutes=n)) for n in range(10)]
    await world.deliver()
    assert [(await world.ended(one))[0] for one in requests] == ["sent", *["cancelled"] * 9]
    assert len(world.relay.messages) == 1


async def test_and_no_other_within_the_cap_of_the_address(world: World):
    world.shop = {"email_cap_hours": 16.0}
    await of_guest(world, "a")
    await world.deliver()
    await world.passes(timedelta(hours=2))
    later = await of_guest(world, "b")
    await world.deliver()
    assert await world.ended(later) == ("expired", "frequency_cap")
    assert len(world.relay.messages) == 1


async def test_who_unsubscribed_is_not_written_to_because_somebody_types_the_address(world: World):
    """Story: an unsubscribed address was typed at a checkout with the box ticked, and the letters came again."""
    await world.knows("anna", email=HOME)
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")
    await world.knows("guest:a", email=HOME, email_consent_at=world.now + timedelta(hours=1))
    asked = await of_guest(world, "a")
    await world.deliver()
    assert await world.ended(asked) == ("cancelled", "suppressed")
