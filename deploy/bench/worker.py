"""A load generator in a process of its own: one JSON job a line in, one JSON answer a line out."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from libs.runtime.logging import configure_logging

Job = Callable[..., Awaitable[Any]]


def jobs(place: dict[str, str]) -> dict[str, Job]:
    """What this process can do, by name. `place` says where: url, cart_dsn, trigger_dsn, bootstrap, prefix."""
    from deploy.bench.http_load import HttpLoad
    from deploy.bench.relay_load import RelayLoad
    from deploy.bench.sql_load import SqlLoad
    from deploy.bench.timer_load import TimerLoad

    http, sql = HttpLoad(place["url"]), SqlLoad(place["cart_dsn"])
    relay = RelayLoad(place["cart_dsn"], place["bootstrap"], place["prefix"])
    timers = TimerLoad(place["trigger_dsn"])
    return {
        "fill": http.fill,
        "add": http.add,
        "bare_add": sql.add,
        "read": http.read,
        "bare_read": sql.read,
        "relay": relay.relay,
        "bare_relay": relay.bare,
        "timers": timers.ours,
        "bare_timers": timers.bare,
    }


async def serve() -> None:
    """Works until the input ends; a job that fails ends the process, its traceback on stderr."""
    configure_logging("bench", "warning", "console")
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever else is printed is for people
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    known = jobs(json.loads(await reader.readline()))
    while line := await reader.readline():
        job = json.loads(line)
        print(json.dumps(await known[job["do"]](*job["with"])), file=answers, flush=True)


if __name__ == "__main__":
    uvloop.run(serve())
