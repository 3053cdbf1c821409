"""Reminders one by one, a page at a time, and a customer's line of time."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row
from services.console.db import messages, stores
from services.console.domain.days import bounds, day_of
from services.console.domain.figures import Money
from services.console.domain.messages import Entry, Message, Messages

PAGE = 50
LOOKS = 20_000
"""So many reminders are held against what is wanted for one page: some ten milliseconds of the database."""
FIRST = UUID(int=0)
"""Before every reminder of its moment."""
_ANSWERS = ("delivered", "bounced", "complained", "opened", "clicked")


async def page_of(connection: Connection, store_id: str, wanted: dict[str, str], after: str) -> Messages:
    """A page, the newest first. What is no place of ours begins at the newest.

    What is wanted may be rare, or nowhere: then days of which the sums say so are passed over, and after so many
    reminders it says how far it has looked.
    """
    place, since = _place(after), None
    if wanted:
        zone = (await stores.read(connection, store_id)).time_zone
        day = await messages.likely_day(connection, store_id, place and day_of(place[0], zone), wanted)
        if day is None:
            return Messages((), None)
        _, before = bounds(day, zone)
        place = min(filter(None, (place, (before, FIRST))))
        since = await messages.floor(connection, store_id, place[0], LOOKS)
    rows = _shown(await messages.page(connection, store_id, place, wanted, PAGE + 1, since))
    if len(rows) > PAGE:
        return Messages(rows[:PAGE], _mark(rows[PAGE - 1].at, rows[PAGE - 1].reminder_id))
    return Messages(rows, _mark(since, FIRST) if since else None, since)


async def providers_of(connection: Connection, store_id: str) -> list[str]:
    """By whom messages went, of as many of the newest reminders as are looked at for a page."""
    return await messages.providers(connection, store_id, LOOKS)


def _shown(rows: list[Row]) -> tuple[Message, ...]:
    return tuple(
        Message(
            row["reminder_id"],
            row["happened_at"],
            row["customer_id"],
            row["campaign"],
            kind=row["kind"],
            step=row["step"],
            step_name=row["step_name"],
            channel=row["channel"],
            arm=row["arm"],
            state=row["state"],
            reason=row["why"],
            cart_id=row["cart_id"],
            order_id=row["order_id"],
            due_at=row["due_at"],
            provider=row["provider"],
        )
        for row in rows
    )


def of_customer(touches: list[Row], orders: list[Row], carts: list[Row]) -> tuple[Entry, ...]:
    """One line of time, the newest first."""
    entries = [entry for row in touches for entry in _touch(row)]
    entries += [_order(row) for row in orders]
    entries += [
        Entry(row["changed_at"], "cart", row["closed_by"], cart_id=row["cart_id"], amount=_money(row)) for row in carts
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at, reverse=True))


def _touch(row: Row) -> Iterator[Entry]:
    names = ("campaign", "step", "channel", "arm", "reminder_id", "cart_id", "order_id")
    about = {name: row[name] for name in names}
    if row["decided_at"] is not None:
        yield Entry(
            row["decided_at"], "decided" if row["outcome"] == "would_send" else "skipped", row["reason"], **about
        )
    if row["ended_at"] is not None:
        yield Entry(row["ended_at"], row["ended"], row["ended_reason"], **about)
    for answer in _ANSWERS:
        if row[f"{answer}_at"] is not None:
            yield Entry(row[f"{answer}_at"], answer, **about)


def _order(row: Row) -> Entry:
    return Entry(
        row["happened_at"],
        row["what"],
        cart_id=row["cart_id"],
        order_id=row["order_id"],
        amount=_money(row),
        credited_to=row["credited_to"],
    )


def _money(row: Row) -> Money | None:
    return None if row["total"] is None or row["currency"] is None else Money(row["currency"], row["total"])


def _mark(at: datetime, reminder_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{reminder_id}".encode()).decode()


def _place(after: str) -> messages.Place | None:
    try:
        at, _, reminder_id = base64.urlsafe_b64decode(after.encode()).decode().partition("|")
        place = datetime.fromisoformat(at), UUID(reminder_id)
    except (ValueError, binascii.Error):
        return None
    return place if place[0].tzinfo is not None else None
