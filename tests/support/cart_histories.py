"""Games for the trigger: histories of a few carts, drawn by whoever chooses, a random generator or Hypothesis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from libs.contracts.events import CartEvent
from tests.unit.trigger.making import (
    added,
    claimed,
    cleared,
    closed_otherwise,
    noted,
    ordered,
    removed,
    reopened,
    rest,
    silenced,
)

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
"""Picks one: `random.Random().choice`, or what draws from `hypothesis.strategies.sampled_from`."""

CHANGES = (
    *["add"] * 12,
    *["remove", "guest", "note", "stale", "again"] * 2,
    *["clear", "order", "expire", "claim", "owner", "disown", "reopen", "rest"],
    *["silence"] * 3,
)
"""What can happen to a cart, as often as it stands here. `stale` and `again`: a change that comes late, and another
under a version that was seen. `rest`: what an order left.
"""
OWNERS = {"note": "", "owner": "anna", "disown": None}


@dataclass
class Game:
    """Carts by name, and what was last said of each."""

    moment: datetime
    versions: dict[str, int] = field(default_factory=dict)
    goods: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)
    """At which version the goods of a cart changed last, and what it holds since."""

    def next(self, name: str, change: str) -> CartEvent:
        """The event of a change; what needs goods that were never there is an addition."""
        version = self.versions.get(name, 0)
        known = name in self.goods
        if change == "silence" and known:
            since, holds = self.goods[name]
            return silenced(name, version, self.moment, since, holds=holds)
        if change == "stale" and version > 1:
            return _goods(name, version - 1, self.moment, change)
        if change == "again" and version:
            return _goods(name, version, self.moment, change)
        self.versions[name] = version = version + 1
        if change in OWNERS and known:
            since, holds = self.goods[name]
            return noted(name, version, self.moment, since, holds=holds, customer=OWNERS[change])
        event = _goods(name, version, self.moment, change)
        self.goods[name] = (version, event.holds)
        return event


def _goods(name: str, version: int, at: datetime, change: str) -> CartEvent:
    match change:
        case "remove":
            return removed(name, version, at)
        case "clear":
            return cleared(name, version, at)
        case "order":
            return ordered(name, version, at)
        case "expire":
            return closed_otherwise("expired", name, version, at)
        case "claim":
            return claimed(name, version, at)
        case "reopen":
            return reopened(name, version, at)
        case "rest":
            return rest(name, version, at)
        case "guest":
            return added(name, version, at, customer=None)
    return added(name, version, at, {"tea": 1 + version % 3})


def history(
    choose: Choose[str], gap: Callable[[], timedelta], start: datetime, names: Sequence[str], length: int
) -> list[CartEvent]:
    """So many changes in order of time; gaps of nought make ties."""
    game, events = Game(start), list[CartEvent]()
    for _ in range(length):
        game.moment += gap()
        events.append(game.next(choose(names), choose(CHANGES)))
    return events
