"""Puts a replay's campaigns in force in the store `replay`, for as long as the replay runs."""

import asyncio
import fcntl
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from deploy.local.stack import Stack
from deploy.traffic.campaigns import as_yaml
from libs.http.client import HttpClient
from services.trigger.domain.campaigns import CampaignFile

STORE = "replay"
PATIENCE_S = 20.0
_POLL_S = 0.1
RELOADS = "evercart_trigger_campaign_reloads_total"
LATE_EVENTS = "evercart_trigger_late_events_total"
READ_LAG = 'evercart_trigger_read_lag_seconds{topic="cart.events"}'


class ReplayError(Exception):
    """The replay can't be made; one sentence."""


@asynccontextmanager
async def in_force(stack: Stack, campaigns: CampaignFile) -> AsyncIterator[None]:
    """Begins when the trigger has read them; nothing more falls due afterwards. Raises `ReplayError`."""
    with (stack.campaigns / f"{STORE}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReplayError("Another replay is under way on this stack.") from None
        await _switch_on(stack, campaigns)
        try:
            yield
        finally:
            _write(stack, CampaignFile(campaigns=()))


async def _switch_on(stack: Stack, campaigns: CampaignFile) -> None:
    async with HttpClient(f"http://127.0.0.1:{stack.ports.trigger_health}", size=1) as http:
        before = await _counted(http, RELOADS)
        _write(stack, campaigns)
        deadline = time.monotonic() + PATIENCE_S
        while await _counted(http, RELOADS) == before:
            if time.monotonic() > deadline:
                raise ReplayError(f"The trigger did not read {STORE}.yaml; `evercart logs trigger` may say why.")
            await asyncio.sleep(_POLL_S)


async def late_events(stack: Stack) -> int:
    """How many changes have come to the trigger after it had taken their time for read, since it was started."""
    async with HttpClient(f"http://127.0.0.1:{stack.ports.trigger_health}", size=1) as http:
        return int(await _counted(http, LATE_EVENTS))


async def has_read(stack: Stack, moment: datetime) -> None:
    """Waits until the trigger has read all that had happened by a moment. Raises `ReplayError`."""
    async with HttpClient(f"http://127.0.0.1:{stack.ports.trigger_health}", size=1) as http:
        deadline = time.monotonic() + PATIENCE_S
        while datetime.now(UTC) - timedelta(seconds=await _counted(http, READ_LAG)) < moment:
            if time.monotonic() > deadline:
                raise ReplayError("The trigger does not read on; `evercart logs trigger` may say why.")
            await asyncio.sleep(_POLL_S)


async def _counted(http: HttpClient, counter: str) -> float:
    found = re.search(
        rf"^{re.escape(counter)} (\S+)$", (await http.request("GET", "/metrics")).body.decode(), re.MULTILINE
    )
    return float(found[1]) if found else 0.0


def _write(stack: Stack, campaigns: CampaignFile) -> None:
    """At once and whole: the trigger may be reading."""
    partial = stack.campaigns / f"{STORE}.yaml.partial"
    partial.write_text(as_yaml(campaigns))
    partial.rename(stack.campaigns / f"{STORE}.yaml")
