"""What is done for many deliveries in one statement is for each of them as if it were alone."""

import asyncio
from typing import Any
from uuid import uuid4

from services.notifier.db import deliveries, recipient_state
from services.notifier.domain.reminder import Reminder
from services.notifier.main import short_links
from tests.integration.notifier.conftest import LEASE, World


async def delivered(world: World) -> None:
    """Takes up everything that is due, all at once."""
    delivery = world.delivery()
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 100, uuid4(), LEASE)
    await asyncio.gather(*(delivery.deliver(one) for one in claimed), return_exceptions=True)


async def asked(world: World, *names: str, **known: Any) -> list[Any]:
    """A reminder for each of these customers, whom the notifier knows."""
    for name in names:
        await world.knows(name, **known)
    return [await world.asks(customer_id=name) for name in names]


async def test_two_customers_of_one_address_get_one_message_within_its_cap(world: World) -> None:
    world.shop["email_cap_hours"] = 2
    await asked(world, "anna", "ben", "carl", email="Family@mail.example")
    await world.knows("ben", version=2, email="family@mail.example")
    await delivered(world)
    assert len(world.relay.messages) == 1


async def test_one_that_can_t_be_begun_keeps_no_other_from_it(world: World) -> None:
    """Its link is that of another message: a fault of the row, not of the database."""
    first, second, third = await asked(world, "anna", "ben", "carl")
    [ended] = await asked(world, "dora")
    link = short_links(world.settings).of(second.reminder_id).hashes[0]
    statement = (
        "UPDATE deliveries SET state = 'sent', finished_at = now(), unsubscribe_link = $2 WHERE reminder_id = $1"
    )
    await world.pool.execute(statement, ended.reminder_id, link)
    await delivered(world)
    assert [(await world.row(one))["state"] for one in (first, second, third)] == ["sent", "pending", "sent"]
    assert sorted(world.relay.recipients) == ["anna@mail.example", "carl@mail.example"]


async def test_whose_lease_was_lost_is_not_sent_by_the_one_who_lost_it_and_the_others_are(world: World) -> None:
    requests = await asked(world, "anna", "ben", "carl")
    statement = "UPDATE deliveries SET lease_token = gen_random_uuid() WHERE reminder_id = $1"

    async def take_away() -> None:
        await world.pool.execute(statement, requests[1].reminder_id)

    world.carts.before_answer = take_away
    await delivered(world)
    assert [(await world.row(one))["state"] for one in requests] == ["sent", "pending", "sent"]
    assert sorted(await world.told()) == ["message.sent"] * 2


async def test_what_is_known_of_many_is_told_to_each_as_if_it_were_alone(world: World) -> None:
    world.shop["email_cap_hours"] = 2
    await asked(world, "anna", "ben")
    await delivered(world)
    requests = await asked(world, "ben", "nobody", "anna")
    await world.pool.execute("DELETE FROM contacts WHERE customer_id = 'nobody'")
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 10, uuid4(), LEASE)
        assert len(claimed) == len(requests)
        together = await recipient_state.read(connection, claimed)
        alone = [(await recipient_state.read(connection, [one]))[0] for one in claimed]
    assert together == alone
    known = {one.customer_id: state for one, state in zip(claimed, together, strict=True)}
    assert {name: state.contact and state.contact.email for name, state in known.items()} == {
        "anna": "anna@mail.example",
        "ben": "ben@mail.example",
        "nobody": None,
    }
    assert [known[name].last_sent_at is not None for name in ("anna", "ben", "nobody")] == [True, True, False]


async def test_locks_of_many_people_are_waited_for_in_one_order(world: World) -> None:
    """In whatever order they are asked for: two transactions that wait for each other would end with an error."""
    requests = await asked(world, *(f"customer{n}" for n in range(6)))
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, len(requests), uuid4(), LEASE)

    async def lock(people: list[Reminder]) -> None:
        async with world.pool.acquire() as connection, connection.transaction():
            await recipient_state.lock(connection, [(one, f"{one.customer_id}@mail.example") for one in people])

    orders = [claimed[n:] + claimed[:n] for n in range(6)] + [claimed[n::-1] + claimed[:n:-1] for n in range(6)]
    await asyncio.gather(*(lock(people) for people in orders * 5))
