"""The rounds: ours, the reference, ours, the reference, so that a machine that slows down slows both."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from deploy.bench.rows import Row, Turn
from deploy.bench.scratch import Bench

CALLERS = (1, 8, 32, 64)
NAMES = (
    *(f"{what}, {n} caller{'s' * (n > 1)}" for what in ("add to cart", "read cart") for n in CALLERS),
    "relay, outbox to Kafka",
    "timers, events taken in and armed",
    "timers, claimed and fired",
    "timers, due to requested",
    "fan-out, holders told",
    "messages, delivered by SMTP",
    "messages, beside aiosmtplib",
)
_HTTP_SHARE = 0.55
_BATCH, _WARM_MESSAGES = 500, 64

Tell = Callable[[str, float], None]
Pairs = list[tuple[Turn, Turn]]
"""Ours and the reference's turn, of each row that a step measures."""
Step = Callable[[], Awaitable[Pairs]]
Job = tuple[str, *tuple[object, ...]]
"""What a load generator is asked to do, and with what."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: rounds, seconds for each turn of HTTP, and how much work for each of the others."""

    rounds: int
    window: float
    relayed: int
    carts: int
    due: int
    holders: int
    messages: int

    @classmethod
    def of(cls, seconds: float, rounds: int) -> "Plan":
        """About so many seconds altogether, besides what it takes to start and to prepare each turn."""
        window = max(0.3, seconds * _HTTP_SHARE / (rounds * len(CALLERS) * 4))
        each = seconds / rounds
        batches = max(4, int(each / 3))
        return cls(
            rounds, window, int(each * 800), batches * _BATCH, int(each * 10), batches * _BATCH, max(100, int(each * 8))
        )


QUICK = Plan.of(24, rounds=2)


def rows_named(beginning: str) -> tuple[str, ...]:
    """Those of `NAMES` that begin so. Raises `ValueError` where none does."""
    found = tuple(name for name in NAMES if name.startswith(beginning))
    if not found:
        raise ValueError(f"no row begins with {beginning!r}; there are: {', '.join(NAMES)}")
    return found


async def measure(bench: Bench, plan: Plan, tell: Tell, wanted: Collection[str] = NAMES) -> list[Row]:
    """The rows that are wanted of `NAMES`, in their order, and those that are measured together with one of them."""
    found: dict[str, Pairs] = {}
    await bench.ours.ask("fill", "read")
    await bench.bare.ask("bare_fill")
    await bench.ours.ask("open_sink")
    await _warm(bench, wanted)
    for number in range(plan.rounds):
        steps = [one for one in _steps(bench, plan, number) if not set(wanted).isdisjoint(one[0])]
        for done, (names, step) in enumerate(steps):
            tell(f"round {number + 1} of {plan.rounds}: {names[0]}", (number + done / len(steps)) / plan.rounds)
            for name, pair in zip(names, await step(), strict=True):
                found.setdefault(name, []).append(pair)
    return [Row.of(name, turns) for name, turns in found.items()]


async def _warm(bench: Bench, wanted: Collection[str]) -> None:
    """Has servers plan the statements of rows that are wanted; those that are started for each turn do so in it."""
    if any(name.startswith(("add", "read")) for name in wanted):
        await bench.ours.ask("warm")
    if any(name.startswith("messages") for name in wanted):
        await bench.ours.ask("messages", "first", _WARM_MESSAGES)


def _steps(bench: Bench, plan: Plan, number: int) -> list[tuple[tuple[str, ...], Step]]:
    """What a round measures, and which rows that gives."""
    names = iter(NAMES)
    steps: list[tuple[tuple[str, ...], Step]] = []
    for job in ("add", "read"):
        for callers in CALLERS:
            tag = "read" if job == "read" else f"r{number}c{callers}"
            ours: Job = (job, tag, callers, plan.window)
            bare: Job = (f"bare_{job}", callers, plan.window)
            steps.append(((next(names),), both(bench, ours, bare)))
    steps.append(((next(names),), both(bench, ("relay", plan.relayed), ("bare_relay", plan.relayed))))
    steps.append(((next(names), next(names)), both(bench, ("timers", plan.carts), ("bare_timers", plan.carts))))
    steps.append(((next(names),), both(bench, ("due", plan.due), ("bare_due", plan.due))))
    steps.append(((next(names),), both(bench, ("fan_out", plan.holders), ("bare_fan_out", plan.holders))))
    steps.append(((next(names), next(names)), _messages(bench, f"m{number}", plan.messages)))
    return steps


def both(bench: Bench, ours: Job, bare: Job) -> Step:
    """A step: our load generator does its job, then the bare one does another."""

    async def step() -> Pairs:
        mine, theirs = await bench.ours.ask(*ours), await bench.bare.ask(*bare)
        return list(zip(_turns(mine), _turns(theirs), strict=True))

    return step


def _messages(bench: Bench, tag: str, messages: int) -> Step:
    """One turn of ours beside two clients, which get more to do for they are faster."""

    async def step() -> Pairs:
        mine = _turns(await bench.ours.ask("messages", tag, messages))
        bare = await bench.bare.ask("bare_messages", messages * 10, bench.ours.pid)
        library = await bench.bare.ask("library_messages", messages * 3, bench.ours.pid)
        return list(zip(mine * 2, _turns(bare) + _turns(library), strict=True))

    return step


def _turns(answer: Any) -> list[Turn]:  # noqa: ANN401 - what a load generator has answered
    return [Turn(**one) for one in (answer if isinstance(answer, list) else [answer])]
