"""A customer is erased: what is theirs goes, what closed an address stays, and late records bring nothing back."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from libs.contracts.codec import decode
from libs.contracts.events import CustomerErased, ErasureRequested
from libs.runtime.ids import uuid7
from services.notifier.db import deliveries, replies, sending, suppressions
from services.notifier.db.sending import Sending
from services.notifier.handlers.source import SOURCE
from tests.integration.notifier.conftest import World, ending, erased, profile, reminder
from tests.integration.notifier.stand_ins import STORE


def request(world: World, *names: str, version: int = 9) -> ErasureRequested:
    return ErasureRequested(
        event_id=uuid7(),
        occurred_at=world.now,
        erasure_id=uuid7(),
        store_id=STORE,
        customer_ids=names or ("anna",),
        profile_version=version,
    )


async def reports(world: World) -> list[CustomerErased]:
    found = await world.pool.fetch("SELECT key, headers, value FROM outbox WHERE topic NOT LIKE '%.dlq' ORDER BY id")
    told = [decode(row["key"], json.loads(row["headers"]), row["value"]) for row in found]
    return [event for event in told if isinstance(event, CustomerErased)]


async def everything(world: World) -> str:
    """Every row of every table but the outbox, as text."""
    tables = await world.pool.fetch("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'outbox'")
    found = [await world.pool.fetch(f'SELECT t::text AS row FROM "{one["relname"]}" AS t') for one in tables]
    return "\n".join(row["row"] for table in found for row in table)


async def told_to_stop(world: World, customer_id: str = "anna") -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, customer_id, "email", "unsubscribed")


def rows(report: CustomerErased) -> dict[str, Any]:
    return {place.place: (place.done, place.rows) for place in report.places if place.rows is not None}


async def test_nothing_here_names_an_erased_customer(world: World):
    await world.knows()
    sent, waiting = await world.asks(), reminder(world.now, channel="sms")
    await world.deliver()
    await world.receive(waiting)
    async with world.pool.acquire() as connection, connection.transaction():
        await replies.note(connection, "SM1", STORE, "unclear", "+4915112345678")
    await told_to_stop(world)
    assert (await world.ended(sent))[0] == "sent"
    await world.receive(request(world))
    left = await everything(world)
    for secret in ("anna", "Anna", "+4915112345678"):
        assert secret not in left
    (report,) = await reports(world)
    assert rows(report) == {
        "table contacts": ("deleted", 1),
        "table confirmations": ("deleted", 0),
        "table answers": ("deleted", 0),
        "table coupon_codes": ("anonymised", 0),
        "table deliveries": ("deleted", 2),
        "table replies": ("deleted", 1),
        "table reach": ("deleted", 1),
        "table suppressions": ("hashed", 1),
        "table lifted_suppressions": ("deleted", 0),
        "table preferences": ("hashed", 0),
        "table preference_changes": ("deleted", 0),
        "table pixel_consents": ("deleted", 0),
        "table monthly_wishes": ("deleted", 0),
    }
    topics = {place.place: place.done for place in report.places if place.rows is None}
    assert topics == {
        "topic message.events": "expires",
        "topic customer.consents": "expires",
        "topic reminder.requests.dlq": "expires",
        "topic customer.profiles.dlq": "tombstoned",
        "topic customer.reach": "tombstoned",
    }
    assert await world.deliver() == 0


async def test_dead_letters_of_the_profile_get_a_tombstone_after_what_was_put_there(world: World):
    await world.receive(profile(), erased())
    await world.receive(request(world, "anna", "card-7"))
    buried = await world.pool.fetch("SELECT key, value FROM outbox WHERE topic = 'customer.profiles.dlq' ORDER BY id")
    assert [(row["key"], row["value"]) for row in buried] == [
        (f"{STORE}:anna", None),
        (f"{STORE}:anna", None),
        (f"{STORE}:card-7", None),
    ]


async def test_an_address_that_wanted_no_more_messages_gets_none_after_the_erasure(world: World):
    """Unsubscribed under one address, moved to another, erased, and back: neither address is written to."""
    await world.knows(email="old@mail.example")
    await told_to_stop(world)
    await world.knows(version=2, email="new@mail.example")
    await world.receive(erased(), request(world))
    await world.passes(timedelta(minutes=1))
    for version, address in ((10, "old@mail.example"), (11, "new@mail.example")):
        await world.knows(version=version, email=address)
        again = await world.asks()
        await world.deliver()
        assert await world.ended(again) == ("cancelled", "suppressed")
    await world.knows(version=12, email="third@mail.example")
    fresh = await world.asks()
    await world.deliver()
    assert await world.ended(fresh) == ("sent", None), "a new customer with an address of their own"


async def test_late_records_bring_nothing_back(world: World):
    """The request was read before records that it is about: Kafka keeps no order between topics."""
    await world.receive(request(world, "anna", "card-7"))
    await world.receive(profile(version=9), profile("card-7", version=3), reminder(world.now - timedelta(hours=1)))
    left = await everything(world)
    assert "anna" not in left
    assert "card-7" not in left


async def test_whoever_comes_back_is_new_however_late_the_request_is_read(world: World):
    late = request(world)
    await world.knows(version=4)
    await world.asks()
    await world.passes(timedelta(minutes=5))
    await world.knows(version=10)
    again = await world.asks()
    await world.receive(late)
    await world.deliver()
    assert await world.ended(again) == ("sent", None)
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 1


async def test_a_click_in_an_old_message_keeps_no_name(world: World):
    await world.knows()
    await world.receive(request(world))
    await told_to_stop(world)
    assert "anna" not in await everything(world)


async def test_what_is_being_sent_while_its_customer_is_erased_is_not_recorded(world: World):
    await world.knows()
    await world.asks()
    async with world.pool.acquire() as connection:
        (claimed,) = await deliveries.claim(connection, 1, uuid4(), timedelta(seconds=30))
        handing_over = Sending(claimed, "anna@mail.example", (b"u", b"c"))
        assert await sending.begin(connection, [handing_over], timedelta(seconds=30)) == {claimed.reminder_id}
        await world.receive(request(world))
        assert not await sending.finish(connection, [ending(claimed, "sent", None, "id")], SOURCE)
    assert "anna" not in await everything(world)


async def test_the_same_request_again_changes_nothing(world: World):
    """Killed between the commit and the offset's: Kafka hands the batch over again."""
    await world.knows()
    asked = request(world)
    await world.receive(asked)
    await world.receive(asked)
    first, second = await reports(world)
    assert (rows(first)["table contacts"][1], rows(second)["table contacts"][1]) == (1, 0)
