"""When each step of an episode is due, and when too late. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from services.trigger.domain.timing.steps import DEFAULT_LATENESS, Step

NEXT_STEP_DUE = "next_step_due"
"""The reason of a step whose window opens only when a later one is due: two of them would go out together."""


class Slot(NamedTuple):
    """The `number`-th step of an episode; `skip` is why it can't be sent at all, None where it can."""

    number: int
    step: Step
    due_at: datetime
    expires_at: datetime
    skip: str | None


class Schedule:
    """The steps of a campaign, laid out for one episode after the other.

    A step waits for its window to open. It expires before the next is due and when its window closes, so that no outage
    makes two of them go out together or one at night.
    """

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._lateness = lateness_budgets(steps)
        times = zip(steps, self._lateness, strict=True)
        self._plain = [(n, step, step.delay, step.delay + late) for n, (step, late) in enumerate(times, start=1)]
        self.windows = any(step.at for step in steps)
        """Whether a step waits for the time of day."""

    def slots(self, quiet_since: datetime, zone: str | None = None) -> list[Slot]:
        """The steps of a cart that went quiet then, in the order of the campaign; its recipient is in `zone`."""
        if self.windows:
            return self._in_windows(quiet_since, zone)
        new = tuple.__new__  # by its name a named tuple costs twice as much
        return [new(Slot, (n, step, quiet_since + due, quiet_since + end, None)) for n, step, due, end in self._plain]

    def _in_windows(self, quiet_since: datetime, zone: str | None) -> list[Slot]:
        found: list[Slot] = []
        following: datetime | None = None
        for number in range(len(self._steps), 0, -1):
            step, lateness = self._steps[number - 1], self._lateness[number - 1]
            due_at, closes_at = quiet_since + step.delay, None
            if step.at is not None:
                due_at, closes_at = step.at.open_from(due_at, zone)
            bounds = (due_at + lateness, closes_at, following)
            expires_at = min(bound for bound in bounds if bound is not None)
            overtaken = following is not None and due_at >= following
            found.append(Slot(number, step, due_at, max(expires_at, due_at), NEXT_STEP_DUE if overtaken else None))
            following = due_at if following is None else min(due_at, following)
        return found[::-1]


def lateness_budgets(steps: Sequence[Step]) -> tuple[timedelta, ...]:
    """How late each of the steps may be where no window limits it."""
    gaps = [following.delay - step.delay for step, following in pairwise(steps)] + [timedelta.max]
    return tuple(step.lateness or min(gap, DEFAULT_LATENESS) for step, gap in zip(steps, gaps, strict=True))
