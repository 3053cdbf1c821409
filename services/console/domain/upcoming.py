"""What is ahead, as far as the console has read: carts that come due if nobody touches them, and messages that were
asked for and are not out yet. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.console.domain.flow import Flow, StepShown
from services.console.domain.pauses import Scope

KIND = "abandoned_cart"
"""The delays of this kind count from a cart's last change, which is known here; those of others do not."""


@dataclass(frozen=True, slots=True)
class Soon:
    """Carts that a step comes due for, within the next hour, and within the next day (that hour included)."""

    hour: int
    day: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Messages of a step that were asked for and have not ended; `late` of them are due, the first since `since`."""

    campaign: str
    step: int
    step_name: str | None
    channel: str
    waiting: int
    late: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class NextCart:
    """A cart for which a step comes due next, if nobody touches it."""

    cart_id: UUID
    customer_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that was asked for and has not ended."""

    reminder_id: UUID
    customer_id: str
    campaign: str
    step: int
    step_name: str | None
    channel: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Upcoming:
    """As of `now`: carts by the delay of a step, what was asked for, and of that the messages that are due the longest
    (reminder and customer); the carts that come next and the messages that wait, one by one, as far as they are shown.
    """

    now: datetime
    carts: Mapping[timedelta, Soon]
    asked: tuple[Asked, ...]
    longest: tuple[tuple[UUID, str], ...]
    next: tuple[NextCart, ...] = ()
    waiting: tuple[Waiting, ...] = ()


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A step with the carts that it comes due for."""

    campaign: str
    step: StepShown
    paused: bool
    soon: Soon


def delays_of(flows: Iterable[Flow]) -> frozenset[timedelta]:
    """The delays for which carts are to be counted."""
    return frozenset(step.after for _, step in _steps(flows) if step.after is not None)


def ahead_of(flows: Iterable[Flow], carts: Mapping[timedelta, Soon]) -> list[StepAhead]:
    """Steps in the order of their campaigns, those without a cart as well: that nothing comes is told, too."""
    return [
        StepAhead(flow.name, step, flow.paused or step.paused, carts[step.after])
        for flow, step in _steps(flows)
        if step.after is not None and step.after in carts
    ]


def held_back(one: Asked, pauses: Iterable[Scope]) -> bool:
    """Whether a pause is why it waits."""
    return any(scope.covers(one.campaign, one.step, one.channel) for scope in pauses)


def reasons_of(longest: Iterable[UUID], messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Why those wait that are due the longest, as the notifier tells it, the most frequent first; "" is for no reason:
    they are about to go out. What it has ended meanwhile is left out.
    """
    wanted = {str(reminder_id) for reminder_id in longest}
    waiting = {
        one["reminder_id"]: one["reason"] or ""
        for one in messages
        if one["reminder_id"] in wanted and one["state"] in ("pending", "sending")
    }
    return sorted(Counter(waiting.values()).items(), key=lambda found: (-found[1], found[0]))


def _steps(flows: Iterable[Flow]) -> list[tuple[Flow, StepShown]]:
    return [(flow, step) for flow in flows if flow.kind == KIND for step in flow.steps]
