"""Whether memory grows: `python -m deploy.bench.soak [--minutes 60] [--rate 500]`, against a stack that runs.

Customers come at a steady pace, each with a cart of five lines; some are written to, some order. What each process of
the stack holds is taken every half minute (its share of what it has together with others), and a line laid through it.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.bench.shoppers import LINES
from deploy.commands.stack import running, store_of
from deploy.local.folders import DEFAULT_BASE
from deploy.local.status import stacks
from deploy.traffic.cart_api import CartApi, Item, RefusedError
from libs.http.client import HttpClient, HttpError

Samples = Mapping[float, Mapping[str, float]]
"""Minutes since the start → process → megabytes."""
STORE = "demo"  # whose reminders fall due after seconds
SETTLED = 1 / 3
"""Of the time: after it caches are full and pools have grown."""
_EVERY_S, _TOGETHER = 30.0, 32
_MOST = 10 * _TOGETHER
"""Customers under way: what can't keep up is not handed more and more, and who does not fit in is counted."""
_WRITTEN_TO, _ORDERS = 10, 20


def drift(samples: Samples) -> dict[str, tuple[float, float, float]]:
    """Of each process: megabytes when settled and at the end, and how many more an hour by the line of least squares.

    Raises `ValueError` where fewer than three samples are settled.
    """
    last = max(samples, default=0.0)
    settled = {minute: taken for minute, taken in samples.items() if minute >= last * SETTLED}
    if len(settled) < 3:
        raise ValueError("too short: fewer than three samples after the first third")
    names = set.intersection(*(set(one) for one in settled.values()))
    return {name: _line([(minute, taken[name]) for minute, taken in sorted(settled.items())]) for name in sorted(names)}


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    slope, start = statistics.linear_regression(*zip(*points, strict=True))
    return start + slope * points[0][0], start + slope * points[-1][0], slope * 60


async def _shop(api: CartApi, number: int, failed: Counter[str]) -> None:
    """One customer, from the first line to the order or to the reminder; one who is refused goes, and is counted."""
    try:
        await _shops(api, number)
    except (RefusedError, HttpError) as error:
        failed[str(error)] += 1


async def _shops(api: CartApi, number: int) -> None:
    customer = f"soak-{number}"
    if number % _WRITTEN_TO == 0:
        await api.set_profile(customer, {"email": f"{customer}@example.com", "email_consent": True})
    caller = api.store.customer(customer, "soak")
    for line in range(LINES):
        await api.add(caller, Item(f"soak-{line}", f"Thing number {line}", 1990))
        await api.cart(caller)
    if number % _ORDERS == 0:
        await api.order(f"order-{customer}", customer)


async def _sampled(base: Path, state: Path, samples: dict[float, dict[str, float]]) -> None:
    began = time.monotonic()
    while True:
        found = await asyncio.to_thread(stacks, base)
        (mine,) = (one for one in found if one.state == state)
        samples[(time.monotonic() - began) / 60] = {one.name: one.memory_mb for one in mine.processes}
        await asyncio.sleep(_EVERY_S)


async def soak(
    base: Path, number: int | None, minutes: float, rate: float
) -> tuple[dict[float, dict[str, float]], Counter[str]]:
    """Adds `rate` lines a second for so long: the samples, and what was refused how often. Raises `LocalStackError`."""
    stack = await running(base, number)
    if stack is None:
        raise SystemExit("No stack runs; `evercart up` starts one.")
    samples: dict[float, dict[str, float]] = {}
    failed, under_way = Counter[str](), set[asyncio.Task[None]]()
    loop, each = asyncio.get_running_loop(), LINES / rate
    began, tag = loop.time(), int(time.time()) * 1_000_000
    async with HttpClient(stack.cart_url, size=_TOGETHER) as http, asyncio.TaskGroup() as tasks:
        api = CartApi(http, store_of(stack, STORE))
        sampling = tasks.create_task(_sampled(base, stack.state, samples))
        for one in itertools.count():
            due = began + one * each
            if due > began + minutes * 60:
                break
            await asyncio.sleep(due - loop.time())
            if len(under_way) >= _MOST:
                failed["too many were under way"] += 1
                continue
            task = tasks.create_task(_shop(api, tag + one, failed))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        sampling.cancel()
    return samples, failed


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=500, help="lines added a second; as many reads beside")
    parser.add_argument("--json", type=Path, help="write all samples there")
    parser.add_argument("--state", type=Path, default=DEFAULT_BASE)
    parser.add_argument("--stack", type=int)
    asked = parser.parse_args()
    samples, failed = asyncio.run(soak(asked.state.absolute(), asked.stack, asked.minutes, asked.rate))
    if asked.json:
        asked.json.write_text(json.dumps(samples, indent=1) + "\n")
    table = Table("process", "MB settled", "MB at the end", "MB more an hour", box=None, pad_edge=False)
    try:
        for name, (settled, end, growth) in drift(samples).items():
            table.add_row(name, f"{settled:,.1f}", f"{end:,.1f}", f"{growth:+,.1f}")
    except ValueError as error:
        sys.exit(f"soak: {error}")
    console = Console(highlight=False)
    console.print(table)
    for what, times in failed.most_common():
        console.print(f"{times} customers were sent away: {what}")


if __name__ == "__main__":
    main()
