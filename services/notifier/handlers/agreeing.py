"""Somebody who had not agreed to a channel agrees on their page: noted with its proof, and told, in one transaction.

What it counts for the cart decides: where the store or the country wants it the address is asked first.
"""

from datetime import datetime

from libs.contracts.events import ConsentGiven
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import contacts, lifting, preferences
from services.notifier.db.preferences import Link
from services.notifier.domain.preferences import Preferences, Wish
from services.notifier.handlers.preferences import PAGE, UNSUBSCRIBED
from services.notifier.handlers.reach import tell_reach_of_neighbours
from services.notifier.handlers.source import SOURCE


async def agree(
    connection: Connection, link: Link, stands: Preferences, channel: str, wording: str, now: datetime
) -> bool:
    """Whether they could agree to it, and did. The caller holds the lock of `preferences.lock` since before `stands`
    was read.
    """
    state = next((one for one in stands.channels if one.channel == channel), None)
    contact = await contacts.read(connection, link.store_id, link.customer_id)
    if state is None or not state.agreeable or contact is None:
        return False
    if state.unsubscribed:
        what = lifting.Lift(channel, state.subjects, [UNSUBSCRIBED], "recipient", PAGE)
        await lifting.lift(connection, link.store_id, what)
        await tell_reach_of_neighbours(connection, link.store_id, link.customer_id, channel, now)
    # of no channel's wishes anything is changed: there is nothing that an undo would find
    nothing = Wish({}).as_json()
    await preferences.note(
        connection, link, was=nothing, became=nothing | {"agreed": channel}, wording=wording, now=now
    )
    told = ConsentGiven(
        event_id=uuid7(),
        occurred_at=now,
        store_id=link.store_id,
        customer_id=link.customer_id,
        channel=channel,
        profile_version=contact.version,
        reminder_id=link.reminder_id,
        page=PAGE,
        wording=wording,
        given_at=now,
    )
    await outbox.append(connection, [told], SOURCE)
    return True
