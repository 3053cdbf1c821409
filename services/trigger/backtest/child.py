"""One backtest in a process of its own, within bounds: what is asked comes in by stdin, what is known goes to stdout.

The process that claimed the backtest (services/trigger/backtests.py) begins it, and ends it when nobody wants it any
more. Each line that it writes is JSON: how far it is, and last of all what it came to.
"""

import asyncio
import json
import os
import pickle
import resource
import sys
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.inbox.recorded import Recorded
from libs.kafka.cluster import Servers
from libs.policy.laws import Laws
from services.trigger.backtest.beforehand import beforehand
from services.trigger.backtest.trying import Trying, begins_to_matter
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.facts import TRIED_ON

NICER = 10
"""Whatever else the machine has to do goes first."""
TELLS_EVERY_S = 0.5
_EVENTS_AT_ONCE = 200
"""Between two looks at the clock, and at whatever else waits in the process: the fetcher of Kafka."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is tried, over whose events. `most_bytes` is all the memory that it may take, `most_s` all the processor's
    time. `unset` are the rules of a store that says none, `laws` those on texts.
    """

    servers: Servers
    topic_prefix: str
    store_id: str
    live: CampaignFile
    draft: CampaignFile
    begins_at: datetime
    until: datetime
    most_bytes: int
    most_s: int
    unset: dict[str, Any]
    laws: Laws | None


async def try_out(asked: Asked) -> None:
    """Leads the events past both versions, and says what it comes to."""
    since = begins_to_matter(asked.begins_at, asked.live, asked.draft)
    recorded = Recorded(asked.servers, asked.topic_prefix, asked.store_id, TRIED_ON, since)
    before = await beforehand(asked.servers, asked.topic_prefix, asked.store_id)
    held = before.held(asked.store_id, asked.unset, asked.laws)
    trying = Trying(asked.live, asked.draft, asked.begins_at, held)
    told_at = 0.0
    async with aclosing(recorded.events()) as events:
        async for event in events:
            trying.event(event)
            if trying.read % _EVENTS_AT_ONCE == 0:
                await asyncio.sleep(0)
                if time.monotonic() - told_at > TELLS_EVERY_S:
                    told_at = time.monotonic()
                    _tell({"events": trying.read, "reached": event.occurred_at.isoformat()})
    _tell({"result": trying.end(asked.until) | {"unreadable": recorded.unreadable}})


def _tell(said: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def keep_within(asked: Asked) -> None:
    """Takes no more from here on than was allowed, and lets all else go first."""
    os.nice(NICER)
    with suppress(ValueError, OSError):  # what the machine allows less of is bounded already
        resource.setrlimit(resource.RLIMIT_DATA, (asked.most_bytes, asked.most_bytes))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (asked.most_s, asked.most_s + 5))


if __name__ == "__main__":
    given: Asked = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that has begun this one
    keep_within(given)
    try:
        asyncio.run(try_out(given))
    except MemoryError:
        sys.exit(3)
