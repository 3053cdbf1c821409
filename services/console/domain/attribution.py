"""To which click an order is credited: the last one within the window of its channel, or none. Pure.

It rests on facts alone, so it comes out the same whenever it is asked, and with another window as if that had been the
window all along.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.console.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Click:
    """A click of the person who ordered; one that is `suspected` may be a machine's."""

    reminder_id: UUID
    channel: str
    at: datetime
    suspected: bool


def credited(placed_at: datetime, clicks: Iterable[Click], rules: Rules) -> UUID | None:
    """The reminder that an order placed then is credited to. Of two clicks at once the higher id, so that the order in
    which they are told is nothing.
    """
    counted = [
        click
        for click in clicks
        if not click.suspected and click.at <= placed_at <= click.at + rules.window(click.channel)
    ]
    last = max(counted, key=lambda click: (click.at, click.reminder_id), default=None)
    return None if last is None else last.reminder_id
