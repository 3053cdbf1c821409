"""Open streams of the cart API: `python -m deploy.bench.streams URL [--streams 1000] [--changes 200] [--pid PID]`.

Every customer of the benchmark's store opens one stream; then some of them add a line, one at a time, and the time from
before the request to the event on the stream is taken. With `--pid` it also tells what a stream costs that process.
"""

import argparse
import asyncio
import json
import random
import statistics
import time

import httpx
import psutil

from deploy.bench.shoppers import CURRENCY, JWT_KEY, STORE
from deploy.traffic.cart_api import Store

PATH = f"/v1/stores/{STORE}/cart"
LINE = {"sku": "tea", "title": "Tea", "price": 500, "currency": CURRENCY}
_STORE = Store(STORE, JWT_KEY, "", CURRENCY)


class Listening:
    """One customer's open stream: `seen` is set by each event."""

    def __init__(self, number: int) -> None:
        self.headers = _STORE.customer(f"streams-{number}")
        self.seen = asyncio.Event()

    async def run(self, http: httpx.AsyncClient) -> None:
        """Listens until cancelled."""
        async with http.stream("GET", f"{PATH}/stream", headers=self.headers, timeout=None) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("id:"):
                    self.seen.set()


async def _changed(http: httpx.AsyncClient, one: Listening) -> float:
    one.seen.clear()
    began = time.perf_counter()
    answer = await http.post(f"{PATH}/lines", headers=one.headers, json=LINE)
    answer.raise_for_status()
    async with asyncio.timeout(15):
        await one.seen.wait()
    return (time.perf_counter() - began) * 1000


async def measure(url: str, write_url: str, streams: int, changes: int, pid: int | None) -> dict[str, float]:
    """Milliseconds from the request to the event, and kilobytes of the process a stream."""
    process = psutil.Process(pid) if pid else None
    before = process.memory_info().rss if process else 0
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=url, limits=limits) as http, httpx.AsyncClient(base_url=write_url) as writer:
        everybody = [Listening(number) for number in range(streams)]
        tasks = [asyncio.create_task(one.run(http)) for one in everybody]
        async with asyncio.timeout(60):
            for one in everybody:
                await one.seen.wait()
        held = (process.memory_info().rss - before) / 1024 / streams if process else 0.0
        taken = sorted([await _changed(writer, one) for one in random.choices(everybody, k=changes)])  # noqa: S311
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    p99 = taken[int(len(taken) * 0.99) - 1]
    return {"streams": streams, "p50_ms": statistics.median(taken), "p99_ms": p99, "max_ms": taken[-1], "kB_each": held}


def main() -> None:
    """Prints one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url")
    arguments.add_argument("--write-url", help="another replica, to which changes are sent")
    arguments.add_argument("--streams", type=int, default=1000)
    arguments.add_argument("--changes", type=int, default=200)
    arguments.add_argument("--pid", type=int)
    given = arguments.parse_args()
    found = asyncio.run(measure(given.url, given.write_url or given.url, given.streams, given.changes, given.pid))
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


if __name__ == "__main__":
    main()
