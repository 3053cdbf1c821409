"""What a recipient changes on their page: kept, told and noted with its proof, in the caller's transaction."""

from collections import defaultdict
from datetime import datetime
from typing import Final

from libs.contracts.events import PreferencesSet
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import contacts, lifting, preferences, suppressions
from services.notifier.db.preferences import Kept, Link
from services.notifier.domain.preferences import ChannelState, Preferences, Wish, before
from services.notifier.domain.purposes import DECLINABLE
from services.notifier.handlers.reach import tell_reach_of_neighbours
from services.notifier.handlers.source import SOURCE
from services.notifier.handlers.unsubscribed import tell_unsubscribed

PAGE = "preference_centre"
BY = suppressions.ClosedBy("preferences")
UNSUBSCRIBED: Final = "unsubscribed"


async def read(connection: Connection, link: Link) -> Preferences:
    """How all channels stand that reach whom a message went to; that of the message alone where nobody knows them."""
    contact = await contacts.read(connection, link.store_id, link.customer_id)
    if contact is None:
        names: dict[str, tuple[str, ...]] = {link.channel: (link.recipient,)}
        states = [ChannelState(link.channel, (link.recipient,), None, agreed=True)]
        return await _as_kept(connection, link, states, names, proven=True)
    reached = {channel: address for channel in CHANNELS if (address := contact.address(channel)) is not None}
    hashes = dict(zip(reached, await preferences.subjects(connection, list(reached.values())), strict=True))
    proven = hashes.get(link.channel) == link.recipient
    of_customer = f"customer:{link.customer_id}"
    names = {channel: (of_customer, hashed) for channel, hashed in hashes.items()}
    states = [
        ChannelState(channel, names[channel], address if proven else None, agreed=contact.consents(channel))
        for channel, address in reached.items()
    ]
    return await _as_kept(connection, link, states, names, proven=proven)


async def _as_kept(
    connection: Connection, link: Link, states: list[ChannelState], names: dict[str, tuple[str, ...]], *, proven: bool
) -> Preferences:
    subjects = sorted({name for of_channel in names.values() for name in of_channel})
    kept = [
        one
        for one in await preferences.of_subjects(connection, link.store_id, subjects)
        if one.subject in names.get(one.channel, ())
    ]
    closed: dict[str, set[str]] = defaultdict(set)
    for row in await lifting.of_subjects(connection, link.store_id, subjects):
        if row["subject"] in names.get(row["channel"], ()):
            closed[row["channel"]].add(row["reason"])
    untils = [one.paused_until for one in kept if one.paused_until is not None]
    return Preferences(
        tuple(
            ChannelState(
                one.channel,
                one.subjects,
                one.address,
                one.agreed,
                closed=min(closed[one.channel] - {UNSUBSCRIBED}, default=None),
                unsubscribed=UNSUBSCRIBED in closed[one.channel],
                declined=frozenset().union(*(row.declined for row in kept if row.channel == one.channel)),
                of_link=one.channel == link.channel,
            )
            for one in states
        ),
        max(untils, default=None),
        proven,
    )


async def change(
    connection: Connection, link: Link, stands: Preferences, wish: Wish, wording: str, now: datetime
) -> int | None:
    """Does what is wished; under which number the proof is kept, None where nothing is changed.

    The caller holds the lock of `preferences.lock` since before `stands` was read.
    """
    if not wish:
        return None
    way_back = before(stands, wish, now)
    if wish.wanted.get(link.channel) == frozenset():
        await tell_unsubscribed(connection, link.reminder_id, link.channel, "preferences", now)
    for state in stands.channels:
        if state.channel in wish.wanted:
            await _open_or_close(connection, link, state, wish.wanted[state.channel])
    await preferences.write(connection, link.store_id, _rows(stands, wish, now))
    known = await contacts.read(connection, link.store_id, link.customer_id) is not None
    if not known:
        return None
    said = (way_back.as_json(), wish.as_json())
    change_id = await preferences.note(connection, link, was=said[0], became=said[1], wording=wording, now=now)
    for state in stands.channels:
        await tell_reach_of_neighbours(connection, link.store_id, link.customer_id, state.channel, now)
    await _tell(connection, link, await read(connection, link), wording, now)
    return change_id


async def _open_or_close(connection: Connection, link: Link, state: ChannelState, on: frozenset[str]) -> None:
    """A channel of which nothing is wanted is unsubscribed: so a newer consent opens it again, as it does any other."""
    if not on:
        for subject in state.subjects:
            await suppressions.suppress_subject(connection, link.store_id, state.channel, subject, UNSUBSCRIBED, BY)
    elif state.unsubscribed:
        what = lifting.Lift(state.channel, state.subjects, [UNSUBSCRIBED], "recipient", PAGE)
        await lifting.lift(connection, link.store_id, what)


def _rows(stands: Preferences, wish: Wish, now: datetime) -> list[Kept]:
    until = wish.paused_until if wish.speaks_of_pause else stands.resting(now)
    rows = []
    for state in stands.channels:
        declined = state.declined
        if (on := wish.wanted.get(state.channel)) is not None:
            declined = frozenset(DECLINABLE) - on if on else frozenset()
        rows += [Kept(state.channel, subject, declined, until) for subject in state.subjects]
    return rows


async def _tell(connection: Connection, link: Link, stands: Preferences, wording: str, now: datetime) -> None:
    told = PreferencesSet(
        event_id=uuid7(),
        occurred_at=now,
        store_id=link.store_id,
        customer_id=link.customer_id,
        wanted={one.channel: tuple(sorted(one.wanted)) for one in stands.channels},
        paused_until=stands.resting(now),
        reminder_id=link.reminder_id,
        page=PAGE,
        wording=wording,
        changed_at=now,
    )
    await outbox.append(connection, [told], SOURCE)
