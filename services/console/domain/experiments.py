"""Arms compared: what each came to, what one has over another, and whether that is enough to say so. Pure."""

import math
from collections.abc import Mapping

from services.console.domain.figures import Arm, Difference, Experiment, SampleRatio
from services.console.domain.intervals import (
    AGAINST,
    ALONE,
    mean,
    mean_within,
    means_apart,
    people_needed,
    rate_within,
    rates_apart,
    sample_ratio,
)

HOLDOUT = "holdout"
FEWEST = 100
"""People in an arm, below which nothing is said of a difference."""
LONGEST_DAYS = 365
Spent = Mapping[int, int]


def arm_of(name: str, spent: Spent, ordered: int) -> Arm:
    """An arm out of how many people spent how much, and how many of them ordered."""
    people = sum(spent.values())
    if not people:
        return Arm(name, 0, 0, rate=None, rate_within=None, spent=None, spent_within=None)
    return Arm(
        name,
        people,
        ordered,
        rate=ordered / people,
        rate_within=rate_within(ordered, people),
        spent=mean(spent),
        spent_within=mean_within(spent, AGAINST if name == HOLDOUT else ALONE),
    )


def difference(one: Arm, other: Arm, spent: Spent, others_spent: Spent) -> Difference | None:
    """What one arm has over another; None where one of them is empty."""
    if one.rate is None or other.rate is None:
        return None
    return Difference(
        one.arm,
        other.arm,
        rate=one.rate - other.rate,
        rate_within=rates_apart(one.ordered, one.people, other.ordered, other.people),
        spent=mean(spent) - mean(others_spent),
        spent_within=means_apart(spent, others_spent),
    )


def together(spents: list[Spent]) -> dict[int, int]:
    """How many people spent how much, over several groups of people."""
    found: dict[int, int] = {}
    for spent in spents:
        for amount, people in spent.items():
            found[amount] = found.get(amount, 0) + people
    return found


def experiment(
    campaign: str,
    currency: str | None,
    groups: Mapping[str, tuple[Spent, int]],
    days: int,
    planned: Mapping[str, float] | None = None,
) -> Experiment:
    """A campaign whose people entered over so many days; `groups` has for each arm what they spent, and how many
    ordered. All arms are compared with the holdout, without one with the first of them.
    """
    arms = [arm_of(name, *groups[name]) for name in sorted(groups, key=lambda name: (name == HOLDOUT, name))]
    against = next((arm for arm in arms if arm.arm == HOLDOUT), arms[0])
    differences = [
        found
        for arm in arms
        if arm is not against
        and (found := difference(arm, against, groups[arm.arm][0], groups[against.arm][0])) is not None
    ]
    ratio = None
    if planned:
        p_value = sample_ratio({arm.arm: arm.people for arm in arms}, planned)
        ratio = SampleRatio(p_value, tuple(sorted(planned.items())))
    return Experiment(campaign, currency, tuple(arms), tuple(differences), ratio, days_left(arms, against, days))


def days_left(arms: list[Arm], against: Arm, days: int) -> int | None:
    """How many days more until the arms can be told apart, if they go on as until now; 0 where that is so already, None
    where they are so alike, or so few, that nobody can say.
    """
    waits = [_wait(arm, against, days) for arm in arms if arm is not against]
    known = [wait for wait in waits if wait is not None]
    return max(known) if known and len(known) == len(waits) else None


def _wait(arm: Arm, against: Arm, days: int) -> int | None:
    fewest = min(arm.people, against.people)
    if arm.rate is None or against.rate is None or days <= 0:
        return None
    within = rates_apart(arm.ordered, arm.people, against.ordered, against.people)
    if fewest >= FEWEST and (within.low > 0 or within.high < 0):
        return 0
    needed = people_needed(arm.rate, against.rate)
    if needed is None:
        return None
    left = math.ceil((max(needed, FEWEST) - fewest) * days / fewest)
    return left if left <= LONGEST_DAYS else None
