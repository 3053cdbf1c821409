"""A load generator in a process of its own: one JSON job a line in, one JSON answer a line out."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop

from libs.kafka.settings import cluster_from
from libs.runtime.logging import configure_logging
from libs.runtime.process import spare_collections

Job = Callable[..., Awaitable[Any]]


def jobs(place: dict[str, Any]) -> dict[str, Job]:
    """What this process can do, by name. `place` says where, as `scratch` has set it up."""
    from deploy.bench.due_load import DueLoad
    from deploy.bench.http_load import HttpLoad
    from deploy.bench.message_load import MessageLoad
    from deploy.bench.peers.load import add as peer_add
    from deploy.bench.reference_load import ReferenceLoad
    from deploy.bench.relay_load import RelayLoad
    from deploy.bench.timer_load import TimerLoad

    http, timers = HttpLoad(place["url"], place["api_pid"], place["cart"]), TimerLoad(place["trigger"])
    reference = ReferenceLoad(place["reference_cart"], place["reference_trigger"])
    kafka, prefix = cluster_from(place["kafka"]), place["prefix"]
    relay = RelayLoad(place["cart"], kafka, prefix)
    pids = {"notifier": place["notifier_pid"], "API": place["api_pid"]}
    messages = MessageLoad(http, place["notifier"], place["smtp_port"], pids)
    due = DueLoad(place["cart"], place["trigger"], place["reference_trigger"], kafka, prefix)
    return {
        "fill": http.fill,
        "warm": http.warm,
        "crowd": http.crowd,
        "add": http.add,
        "read": http.read,
        "relay": relay.relay,
        "timers": timers.timers,
        "fan_out": timers.fan_out,
        "due": due.ours,
        "bare_due": due.bare,
        "open_sink": messages.open_sink,
        "messages": messages.ours,
        "bare_fill": reference.fill,
        "bare_add": reference.add,
        "bare_read": reference.read,
        "bare_relay": relay.bare,
        "bare_timers": reference.timers,
        "bare_fan_out": reference.fan_out,
        "bare_messages": messages.bare,
        "library_messages": messages.by_library,
        "peer_add": peer_add,
    }


async def serve() -> None:
    """Works until the input ends; a job that fails ends the process, its traceback on stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever else is printed is for people, what is logged as well
    configure_logging("bench", "warning", "console")
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    known = jobs(json.loads(await reader.readline()))
    spare_collections()  # as our processes run
    while line := await reader.readline():
        job = json.loads(line)
        print(json.dumps(await known[job["do"]](*job["with"])), file=answers, flush=True)


if __name__ == "__main__":
    uvloop.run(serve())
