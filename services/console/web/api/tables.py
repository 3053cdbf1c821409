"""Figures as CSV (RFC 4180), one row a thing that is counted."""

import csv
import io
from collections.abc import Iterable

from starlette.responses import Response

from services.console.domain.figures import CampaignFunnel, CountRow, Experiment, Revenue, RevenueRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Line = dict[str, object]


def table(lines: Iterable[Line], names: Iterable[str]) -> Response:
    """An answer in CSV with a head. Nobody keeps it."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(names), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in line.items()} for line in lines)
    return Response(written.getvalue(), 200, {"Cache-Control": "no-store"}, "text/csv; charset=utf-8; header=present")


def _cell(value: object) -> object:
    """A text that a spreadsheet would take for a formula is one that is read as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


_MESSAGES = ("asked", "sent", "delivered", "bounced", "complained", "opened", "clicked", "suspected", "ordered")
_EARNED = ("revenue", "in_store", "currency")
FUNNEL = (
    *("campaign", "kind", "step", "name", "channel", "arm", "decided", "held_out", "waiting"),
    *(*_MESSAGES, *_EARNED),
)
REVENUE = ("day", "key", "currency", "orders", "gone", "gross", "net", "in_store")
COUNTS = ("day", "key", "decided", "held_out", *_MESSAGES, *_EARNED)
EXPERIMENTS = (
    *("campaign", "currency", "arm", "people", "ordered", "rate", "rate_low", "rate_high"),
    *("spent", "spent_low", "spent_high", "days_left"),
)


def funnel(campaigns: Iterable[CampaignFunnel]) -> list[Line]:
    """A line for each step."""
    plain = ("step", "name", "channel", "arm", "decided", "held_out", "waiting", *_MESSAGES)
    return [
        {"campaign": one.campaign, "kind": one.kind, **{name: getattr(step, name) for name in plain}}
        | _earned(step.revenue)
        for one in campaigns
        for step in one.steps
    ]


def revenue(rows: Iterable[RevenueRow]) -> list[Line]:
    """A line for each row."""
    return [{name: getattr(row, name) for name in REVENUE} for row in rows]


def counts(rows: Iterable[CountRow]) -> list[Line]:
    """A line for each row."""
    plain = ("day", "key", "decided", "held_out", *_MESSAGES)
    return [{name: getattr(row, name) for name in plain} | _earned(row.revenue) for row in rows]


def experiments(found: Iterable[Experiment]) -> list[Line]:
    """A line for each arm."""
    lines: list[Line] = []
    for one in found:
        for arm in one.arms:
            rate, spent = arm.rate_within, arm.spent_within
            lines.append(
                {
                    "campaign": one.campaign,
                    "currency": one.currency,
                    "arm": arm.arm,
                    "people": arm.people,
                    "ordered": arm.ordered,
                    "rate": arm.rate,
                    "rate_low": rate.low if rate else None,
                    "rate_high": rate.high if rate else None,
                    "spent": arm.spent,
                    "spent_low": spent.low if spent else None,
                    "spent_high": spent.high if spent else None,
                    "days_left": one.days_left,
                }
            )
    return lines


def _earned(of: Revenue) -> Line:
    """All currencies in one cell, and the sum in the store's."""
    return {
        "revenue": " ".join(f"{money.amount} {money.currency}" for money in of.amounts),
        "in_store": of.in_store.amount if of.in_store else None,
        "currency": of.in_store.currency if of.in_store else None,
    }
