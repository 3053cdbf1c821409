"""Reminders one by one, a page at a time, and a customer's line of time."""

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from libs.postgres.pool import Connection, Row
from services.console.db import messages
from services.console.domain.figures import Money
from services.console.domain.messages import Entry, Message, Messages

PAGE = 50
_ANSWERS = ("delivered", "bounced", "complained", "opened", "clicked")


async def page_of(connection: Connection, store_id: str, wanted: dict[str, str], after: str) -> Messages:
    """A page, the newest first. What is no place of ours begins at the newest."""
    rows = await messages.page(connection, store_id, _place(after), wanted, PAGE + 1)
    found = tuple(
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
        )
        for row in rows[:PAGE]
    )
    return Messages(found, _mark(found[-1]) if len(rows) > PAGE else None)


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


def _mark(message: Message) -> str:
    return base64.urlsafe_b64encode(f"{message.at.isoformat()}|{message.reminder_id}".encode()).decode()


def _place(after: str) -> messages.Place | None:
    try:
        at, _, reminder_id = base64.urlsafe_b64decode(after.encode()).decode().partition("|")
        place = datetime.fromisoformat(at), UUID(reminder_id)
    except (ValueError, binascii.Error):
        return None
    return place if place[0].tzinfo is not None else None
