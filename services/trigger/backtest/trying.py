"""Two versions of a store's campaigns over what has happened: what each would have told, and what differs. Pure."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from libs.contracts.events import CartEvent, Event
from services.trigger.backtest.compare import Comparison
from services.trigger.backtest.people import People
from services.trigger.backtest.policy import Held
from services.trigger.backtest.run import At, Run, Side
from services.trigger.backtest.summary import Summary
from services.trigger.domain.backtest import Backtest
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.told import Told

SHORT_BY = timedelta(hours=6)
"""A shop that sells at all has an event within so long; where there is none, less is known than was asked for."""


@dataclass(slots=True)
class _Counted:
    """One version: what became of steps that fell due in the days that are asked for."""

    summary: Summary = field(default_factory=Summary)
    people: People = field(default_factory=People)

    def take(self, one: Told) -> None:
        self.summary.take(one)
        if one.outcome == "would_send":
            self.people.add(one.customer_id or "")


class Trying:
    """Leads events past the version in force and a draft. Steps due before `begins_at` are led past, and not counted:
    carts that changed shortly before it have steps after it. `held` is who else has a say; nobody, where it is None.
    """

    def __init__(self, live: CampaignFile, draft: CampaignFile, begins_at: datetime, held: Held | None = None) -> None:
        self._begins_at = begins_at
        self._sides = (_Counted(), _Counted())
        self._kinds: Counter[str] = Counter()
        steps = tuple({(name, step) for name, step, _ in steps_of(one)} for one in (live, draft))
        self._comparison = Comparison(steps, self._differ)
        self._held = held
        self._run = Run([self._side(number, one) for number, one in enumerate((live, draft))])
        self.read = 0
        self.first_at: datetime | None = None
        """When the first thing happened in a cart of all that was read."""

    def event(self, event: Event) -> None:
        """One event, in order of time."""
        if self.first_at is None and isinstance(event, CartEvent):
            self.first_at = event.occurred_at
        self._run.reach(event.occurred_at)
        if self._held is not None:
            self._held.past.learn(event)
        self._run.event(event.occurred_at, event, self.read)
        self.read += 1

    def end(self, until: datetime) -> dict[str, Any]:
        """What it came to, as JSON; up to `until` all is known that happened."""
        self._run.reach(until)
        self._run.end()
        self._comparison.end()
        differ = {"messages": self._comparison.differences, "people": len(self._comparison.people)}
        return {
            "events": self.read,
            "begins_at": self._begins_at.isoformat(),
            "known_from": self.first_at.isoformat() if self.first_at else None,
            "short": self.first_at is None or self.first_at > self._begins_at + SHORT_BY,
            "live": _told(self._sides[0]),
            "draft": _told(self._sides[1]),
            "rules": _rules(self._held) if self._held is not None else None,
            "differ": differ | {kind: self._kinds[kind] for kind in ("added", "dropped", "moved", "open")},
        }

    def _side(self, number: int, file: CampaignFile) -> Side:
        backtest = Backtest(StoreCampaigns.always(file))
        return Side(
            backtest, partial(self._take, number), self._held.policy(backtest) if self._held is not None else None
        )

    def _take(self, number: int, at: At, one: Told) -> None:
        if one.due_at >= self._begins_at:
            self._sides[number].take(one)
            self._comparison.take(number, at, one)

    def _differ(self, _at: At, line: str, alone: int | None) -> None:
        if alone is not None:  # the other version has the step, too: it falls due later than anything is known
            self._kinds["open"] += 1
            return
        told = json.loads(line)
        before, after = (_is_sent(told[side]) for side in ("before", "after"))
        self._kinds["moved" if before and after else "added" if after else "dropped"] += 1


def steps_of(file: CampaignFile) -> list[tuple[str, str, timedelta]]:
    """Every step of a file: campaign, name, and how long after its beginning it falls due."""
    found = []
    for campaign in file.campaigns:
        steps: Sequence[Any] = getattr(campaign, "steps", ())  # each kind has steps of its own sort
        for number, step in enumerate(steps, 1):
            found.append((campaign.name, step.name or str(number), getattr(step, "delay", None) or timedelta()))
    return found


def begins_to_matter(begins_at: datetime, *files: CampaignFile) -> datetime:
    """From when on events have steps that fall due at or after a moment."""
    return begins_at - max((delay for file in files for _, _, delay in steps_of(file)), default=timedelta())


def _is_sent(said: Mapping[str, Any] | None) -> bool:
    return said is not None and said["outcome"] == "would_send"


def _told(side: _Counted) -> dict[str, Any]:
    steps: dict[tuple[str, str, str], dict[str, Any]] = {}
    for (step, outcome, reason), number in sorted(side.summary.counted.items()):
        campaign, name, channel = step
        one = steps.setdefault(
            step, {"campaign": campaign, "step": name, "channel": channel, "messages": 0, "skipped": {}}
        )
        if outcome == "would_send":
            one["messages"] += number
        else:
            one["skipped"][reason] = number
    days = [
        {"day": day.isoformat(), "channel": channel, "messages": number}
        for (day, channel), number in sorted(side.summary.by_day.items())
    ]
    messages = sum(one["messages"] for one in steps.values())
    return {
        "people": len(side.people),
        "messages": messages,
        "steps": list(steps.values()),
        "days": days,
        "held_back": side.summary.held_back,
        "put_off": dict(sorted(side.summary.put_off.items())),
    }


def _rules(held: Held) -> dict[str, Any]:
    """What was gone by, as JSON."""
    rules = held.rules
    caps = {channel: rules.cap(channel).total_seconds() / 3600 for channel in ("email", "sms", *rules.channels)}
    return {"cap_hours": caps, "quiet_hours": rules.quiet_hours or None, "laws": held.laws is not None}
