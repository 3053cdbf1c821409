"""Rows of sums put together to what figures are made of."""

from collections.abc import Iterable
from typing import Any

from libs.postgres.pool import Row
from services.console.domain.experiments import HOLDOUT, together
from services.console.domain.figures import CampaignFunnel, Money, Reason, Revenue, Step

Group = tuple[dict[int, int], int]
"""How many people spent how much, and how many of them ordered."""
Groups = dict[str, dict[str, Group]]
_PLACE = ("campaign", "step", "channel", "arm")


def by_place(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    """The rows by what stands in these columns, in their order."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[name] for name in names), []).append(row)
    return found


def both_sides(held: Iterable[dict[str, Group]]) -> tuple[Group, ...]:
    """Over all campaigns with a holdout those who were reminded, and those who were held out."""
    of_arms = [(name == HOLDOUT, *group) for arms in held for name, group in arms.items()]
    return tuple(
        (
            together([spent for out, spent, _ in of_arms if out == held_out]),
            sum(ordered for out, _, ordered in of_arms if out == held_out),
        )
        for held_out in (False, True)
    )


def campaign_funnels(
    steps: list[Row], reasons: list[Row], earned: list[Row], people: Groups, currency: str | None
) -> tuple[CampaignFunnel, ...]:
    """A funnel for each campaign, in the order of `steps`; whoever went quiet was decided on at its first step."""
    found, why, led_to = [], by_place(reasons, *_PLACE), by_place(earned, *_PLACE)
    for (name, kind), rows in by_place(steps, "campaign", "kind").items():
        first = min(row["step"] for row in rows)
        held_out, ordered = people.get(name, {}).get(HOLDOUT, ({}, 0))
        funnel = CampaignFunnel(
            name,
            kind,
            versions=tuple(sorted({version for row in rows for version in row["versions"] or ()})),
            went_quiet=sum(row["decided"] for row in rows if row["step"] == first),
            held_out=sum(row["held_out"] for row in rows if row["step"] == first),
            held_out_people=sum(held_out.values()),
            held_out_ordered=ordered,
            steps=tuple(_step(row, why.get(_at(row), []), led_to.get(_at(row), []), currency) for row in rows),
        )
        found.append(funnel)
    return tuple(found)


def _step(row: Row, why: list[Row], credited: list[Row], currency: str | None) -> Step:
    counts = ("decided", "held_out", "asked", "waiting", "sent", "delivered", "bounced", "complained", "opened")
    return Step(
        row["step"],
        row["step_name"] or None,
        row["channel"],
        row["arm"] or None,
        **{count: row[count] for count in (*counts, "clicked", "suspected")},
        ordered=number_of(credited),
        revenue=revenue_of(credited, currency),
        skipped=tuple(Reason(one["reason"], one["number"]) for one in why if one["stage"] == "skipped"),
        not_sent=tuple(
            Reason(one["reason"] or one["stage"], one["number"]) for one in why if one["stage"] != "skipped"
        ),
    )


def _at(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in _PLACE)


def groups_of(rows: Iterable[Row]) -> Groups:
    """By campaign and arm: how many people spent how much, and how many ordered."""
    found: Groups = {}
    for row in rows:
        spent, ordered = found.setdefault(row["campaign"], {}).get(row["arm"], ({}, 0))
        spent[row["spent"]] = row["people"]
        found[row["campaign"]][row["arm"]] = (spent, ordered + row["ordered"])
    return found


def days_of(rows: Iterable[Row]) -> int:
    """Over how many days they reach."""
    of = list(rows)
    return int((max(row["until"] for row in of) - min(row["since"] for row in of)).days) + 1


def number_of(rows: Iterable[Row]) -> int:
    """How many orders they are."""
    return sum(row["orders"] for row in rows)


def revenue_of(rows: Iterable[Row], currency: str | None) -> Revenue:
    """What orders came to by currency, and in the store's where all of that is known."""
    of = list(rows)
    amounts = tuple(Money(row["currency"], row["net"]) for row in of if row["currency"])
    if currency is None or any(row["in_store"] is None for row in of):
        return Revenue(amounts)
    return Revenue(amounts, Money(currency, sum(row["in_store"] for row in of)))
