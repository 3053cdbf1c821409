"""Tells how customers can be reached, in the transaction that has changed it: yes or no by channel, and no address."""

from collections.abc import Collection
from datetime import datetime

from libs.contracts.events import Channel, Event, ReachErased, ReachSet
from libs.erasure.store import Person
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import reach
from services.notifier.domain.addresses import spelled
from services.notifier.handlers.source import SOURCE


async def tell_reach(connection: Connection, people: Collection[Person], now: datetime) -> None:
    """Tells of those of whom something else holds than was told last. To be called after all that changes it."""
    if not people:
        return
    found = await reach.hold(connection, people)
    news = [one for one in found if one.known and one.news]
    gone = [one for one in found if not one.known]
    if news:
        await reach.note(connection, news)
    if gone:
        await reach.forget(connection, [(one.store_id, one.customer_id) for one in gone])
    events: list[Event] = [_set(one, now) for one in news]
    events += [_erased(one.store_id, one.customer_id, now) for one in gone if one.was_told]
    await outbox.append(connection, events, SOURCE)


async def tell_reach_of_address(
    connection: Connection, store_id: str, channel: Channel, address: str, now: datetime
) -> None:
    """The same for all who have an address."""
    await tell_reach(connection, await reach.at_address(connection, store_id, channel, spelled(address)), now)


async def tell_reach_of_neighbours(
    connection: Connection, store_id: str, customer_id: str, channel: Channel, now: datetime
) -> None:
    """The same for a customer and all who have the same address."""
    others = await reach.at_address_of(connection, store_id, customer_id, channel)
    await tell_reach(connection, others | {(store_id, customer_id)}, now)


async def bury_reach(connection: Connection, store_id: str, customer_ids: Collection[str], now: datetime) -> None:
    """Has Kafka forget what was told of customers, also where nothing is known of it here any more."""
    await outbox.append(connection, [_erased(store_id, customer_id, now) for customer_id in customer_ids], SOURCE)


def _set(one: reach.Reached, now: datetime) -> ReachSet:
    return ReachSet(
        event_id=uuid7(),
        occurred_at=now,
        store_id=one.store_id,
        customer_id=one.customer_id,
        reach_version=one.version,
        email=one.email,
        sms=one.sms,
        timezone=one.timezone,
        country=one.country,
        region=one.region,
        channels=tuple(one.channels),
    )


def _erased(store_id: str, customer_id: str, now: datetime) -> ReachErased:
    return ReachErased(event_id=uuid7(), occurred_at=now, store_id=store_id, customer_id=customer_id)
