"""What events tell of reminders, put together: any order, any number of times, it comes to the same. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from libs.contracts.events import (
    MessageAnswer,
    MessageBounced,
    MessageClicked,
    MessageComplained,
    MessageDelivered,
    MessageEvent,
    MessageOpened,
    ReminderDecided,
)

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """What was heard of a message. Each answer counts from the first time, how it ended as it was told last.

    `provider` is by whom it ended; until that is told, who tells of it.

    A click that may be a machine's (`suspected`) counts only as long as there is none of a person's. None: no click.
    What was fetched ahead is no open.
    """

    event: MessageEvent
    told_at: datetime
    ended: str | None = None
    ended_at: datetime | None = None
    ended_reason: str | None = None
    provider: str | None = None
    delivered_at: datetime | None = None
    bounced_at: datetime | None = None
    complained_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    suspected: bool | None = None


def told(event: MessageEvent) -> Told:
    """What one event says. A kind of answer that nobody here knows says only that the message is there."""
    at = event.occurred_at
    if not isinstance(event, MessageAnswer):
        ended = event.type.removeprefix("message.")
        return Told(event, at, ended=ended, ended_at=at, ended_reason=event.reason, provider=event.provider)
    click = event if isinstance(event, MessageClicked) else None
    return Told(
        event,
        at,
        provider=event.provider,
        delivered_at=at if isinstance(event, MessageDelivered) else None,
        bounced_at=at if isinstance(event, MessageBounced) else None,
        complained_at=at if isinstance(event, MessageComplained) else None,
        opened_at=at if isinstance(event, MessageOpened) and event.prefetch is None else None,
        clicked_at=at if click else None,
        suspected=click.suspected is not None if click else None,
    )


def together(one: Told, other: Told) -> Told:
    """What both say: the same whichever is first."""
    first = min((one, other), key=lambda said: (said.told_at, said.event.event_id))
    last = max((one, other), key=_ending)
    click = min((one, other), key=_click)
    return Told(
        first.event,
        first.told_at,
        last.ended,
        last.ended_at,
        last.ended_reason,
        last.provider,
        delivered_at=_earliest(one.delivered_at, other.delivered_at),
        bounced_at=_earliest(one.bounced_at, other.bounced_at),
        complained_at=_earliest(one.complained_at, other.complained_at),
        opened_at=_earliest(one.opened_at, other.opened_at),
        clicked_at=click.clicked_at,
        suspected=click.suspected,
    )


def by_reminder(events: Iterable[MessageEvent]) -> dict[UUID, Told]:
    """What the events say of each reminder."""
    found: dict[UUID, Told] = {}
    for event in events:
        said = told(event)
        known = found.get(event.reminder_id)
        found[event.reminder_id] = said if known is None else together(known, said)
    return found


def first_decisions(events: Iterable[ReminderDecided]) -> list[ReminderDecided]:
    """Of what was decided on a reminder more than once, what was decided first."""
    found: dict[UUID, ReminderDecided] = {}
    for event in events:
        known = found.get(event.reminder_id)
        if known is None or event.decided_at < known.decided_at:
            found[event.reminder_id] = event
    return list(found.values())


def _ending(said: Told) -> tuple[bool, datetime, str, str, str]:
    when = said.ended_at or _NEVER
    return said.ended_at is not None, when, said.ended or "", said.ended_reason or "", said.provider or ""


def _click(said: Told) -> tuple[bool, bool, datetime]:
    return said.clicked_at is None, bool(said.suspected), said.clicked_at or said.told_at


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
