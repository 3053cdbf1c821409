"""A draft of campaigns beside what is in force, as a page shows it: steps, reasons, cost, and bars of days. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Prices = Mapping[str, Decimal]
HEIGHT, WIDTH = 96, 640


@dataclass(frozen=True, slots=True)
class Both:
    """A number of what is in force, and of the draft."""

    live: int
    draft: int

    @property
    def change(self) -> int:
        """How many more the draft has."""
        return self.draft - self.live


@dataclass(frozen=True, slots=True)
class StepTried:
    """A step of either version: messages, and those not sent, by reason, the most first."""

    campaign: str
    step: str
    channel: str
    messages: Both
    skipped: tuple[tuple[str, Both], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: where it stands in its picture, how tall both are (units of the picture), and how many messages."""

    day: date
    x: float
    width: float
    live: float
    draft: float
    messages: Both


@dataclass(frozen=True, slots=True)
class Tried:
    """All of it. `costs` are of both by the prices that are known, None where none is; `unpriced` are channels without.

    `bars` are of each day, `most` is what the tallest stands for. `held_back` were not sent by the store's rules or
    because nobody was reached, `put_off` went out later than they were due, by why, the most first.
    """

    people: Both
    messages: Both
    steps: tuple[StepTried, ...]
    costs: tuple[Decimal, Decimal] | None
    unpriced: tuple[str, ...]
    bars: tuple[Bar, ...]
    most: int
    held_back: tuple[tuple[str, Both], ...]
    put_off: tuple[tuple[str, Both], ...]


def tried_of(result: Mapping[str, Any], prices: Prices) -> Tried:
    """What the trigger has told of a backtest, with what it would cost."""
    live, draft = result["live"], result["draft"]
    channels = _sums(live, "channel"), _sums(draft, "channel")
    used = sorted({channel for side in channels for channel, number in side.items() if number})
    priced = [channel for channel in used if channel in prices]
    costs = None
    if priced:
        before, after = (
            sum((prices[channel] * side.get(channel, 0) for channel in priced), Decimal()) for side in channels
        )
        costs = before, after
    bars, most = _bars(live["days"], draft["days"])
    return Tried(
        people=Both(live["people"], draft["people"]),
        messages=Both(live["messages"], draft["messages"]),
        steps=_steps(live["steps"], draft["steps"]),
        costs=costs,
        unpriced=tuple(channel for channel in used if channel not in prices),
        bars=bars,
        most=most,
        held_back=_by_reason(live.get("held_back", {}), draft.get("held_back", {})),
        put_off=_by_reason(live.get("put_off", {}), draft.get("put_off", {})),
    )


def _sums(side: Mapping[str, Any], by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for step in side["steps"]:
        found[step[by]] = found.get(step[by], 0) + step["messages"]
    return found


def _steps(live: Sequence[Mapping[str, Any]], draft: Sequence[Mapping[str, Any]]) -> tuple[StepTried, ...]:
    before, after = ({_place(one): one for one in side} for side in (live, draft))
    nothing: dict[str, Any] = {"messages": 0, "skipped": {}}
    found = []
    for place in dict.fromkeys([*before, *after]):
        one, other = before.get(place, nothing), after.get(place, nothing)
        skipped = _by_reason(one["skipped"], other["skipped"])
        campaign, step, channel = place
        found.append(StepTried(campaign, step, channel, Both(one["messages"], other["messages"]), skipped))
    return tuple(found)


def _by_reason(live: Mapping[str, int], draft: Mapping[str, int]) -> tuple[tuple[str, Both], ...]:
    found = [(why, Both(live.get(why, 0), draft.get(why, 0))) for why in {*live, *draft}]
    return tuple(sorted(found, key=lambda said: (-max(said[1].live, said[1].draft), said[0])))


def _place(step: Mapping[str, Any]) -> tuple[str, str, str]:
    return step["campaign"], step["step"], step["channel"]


def _bars(live: Sequence[Mapping[str, Any]], draft: Sequence[Mapping[str, Any]]) -> tuple[tuple[Bar, ...], int]:
    """Two bars a day on one scale, from the first day on which anything is told to the last."""
    before, after = (_by_day(side) for side in (live, draft))
    days = sorted({*before, *after})
    if not days:
        return (), 0
    most = max([*before.values(), *after.values()])
    number = (days[-1] - days[0]).days + 1
    wide = WIDTH / number
    bars = []
    for at in range(number):
        day = days[0] + timedelta(days=at)
        both = Both(before.get(day, 0), after.get(day, 0))
        live_tall, draft_tall = (round(one / most * HEIGHT, 1) for one in (both.live, both.draft))
        bars.append(Bar(day, round(at * wide, 1), round(wide * 0.4, 1), live_tall, draft_tall, both))
    return tuple(bars), most


def _by_day(days: Sequence[Mapping[str, Any]]) -> dict[date, int]:
    found: dict[date, int] = {}
    for one in days:
        day = date.fromisoformat(one["day"])
        found[day] = found.get(day, 0) + one["messages"]
    return found


def prices_said(form: Mapping[str, str], channels: Sequence[str]) -> dict[str, Decimal] | None:
    """What a form says that messages cost, by channel; None where one is no price. An empty field says nothing."""
    found = {}
    for channel in channels:
        text = form.get(f"price.{channel}", "").strip().replace(",", ".")
        if not text:
            continue
        try:
            price = Decimal(text)
        except ArithmeticError:
            return None
        if not price.is_finite() or not 0 <= price < 1000 or price != round(price, 6):
            return None
        found[channel] = price
    return found
