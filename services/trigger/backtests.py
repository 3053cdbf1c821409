"""Works on the backtests that stores ask for: one at a time in a process, each in a child of it, within bounds."""

import asyncio
import json
import os
import pickle
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from libs.files.yaml_file import FaultyTextError
from libs.policy.store_rules import unset_rules
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.run_every import run_every
from services.trigger.backtest.child import Asked
from services.trigger.campaigns.documents import kept
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db import backtests
from services.trigger.db.backtests import ClaimedBacktest
from services.trigger.settings import TriggerSettings

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=30)
KEPT: Final = timedelta(days=7)
ATTEMPTS: Final = 2
"""A process that dies with a backtest leaves it to another one; what has killed two is not tried again."""
MOST_BYTES: Final = 384 * 1024 * 1024
MOST_S: Final = 600.0
LOOKS_EVERY_S: Final = 1.0
_LINE: Final = 16 * 1024 * 1024
_WORDS: Final = (sys.executable, "-m", "services.trigger.backtest.child")


class Backtests:
    """Claims what waits, and leads it to its end; `most_s` is how long one may take."""

    def __init__(
        self,
        settings: TriggerSettings,
        pool: Pool,
        campaigns: CampaignRegistry,
        *,
        most_s: float = MOST_S,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._settings, self._pool, self._campaigns = settings, pool, campaigns
        self._most_s, self._most_bytes = most_s, most_bytes

    async def run(self) -> None:
        """Works until cancelled; an outage of PostgreSQL is waited out."""
        await run_every(self._settings.poll_seconds, self.round, "backtests.round_failed", FAILURES)

    async def round(self) -> None:
        """One after the other until none waits, and forgets what is old."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await backtests.forget(connection, KEPT)
        while claimed := await self._claim():
            await self._try_out(claimed)

    async def _claim(self) -> ClaimedBacktest | None:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await backtests.claim(connection, LEASE)

    async def _try_out(self, claimed: ClaimedBacktest) -> None:
        if claimed.attempts > ATTEMPTS:
            await self._end(claimed, "failed", "interrupted")
            return
        try:
            asked = self._asked(claimed)
        except FaultyTextError:
            await self._end(claimed, "failed", "faulty_draft")
            return
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        process = await asyncio.create_subprocess_exec(
            *_WORDS, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE, env=env, start_new_session=True
        )
        try:
            await self._follow(claimed, process, pickle.dumps(asked))
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await asyncio.shield(process.wait())

    def _asked(self, claimed: ClaimedBacktest) -> Asked:
        """What the child has to know. Raises `FaultyTextError` for a draft of a release that said other things."""
        return Asked(
            servers=self._settings.kafka,
            topic_prefix=self._settings.topic_prefix,
            store_id=claimed.store_id,
            live=self._campaigns.said_of(claimed.store_id)[1],
            draft=kept(json.loads(claimed.document)),
            begins_at=claimed.asked_at - timedelta(days=claimed.days),
            until=claimed.asked_at,
            most_bytes=self._most_bytes,
            most_s=int(self._most_s),
            unset=unset_rules(production=self._settings.mode == "production"),
            laws=self._settings.read_laws(),
        )

    async def _follow(self, claimed: ClaimedBacktest, process: Process, asked: bytes) -> None:
        """Hands over what is asked, notes how far it is, and what it came to."""
        assert process.stdin is not None
        assert process.stdout is not None
        reading = asyncio.create_task(_lines(process.stdout, said := _Said()))
        try:
            process.stdin.write(asked)
            process.stdin.close()
            async with asyncio.timeout(self._most_s):
                while not reading.done():
                    await asyncio.wait([reading], timeout=LOOKS_EVERY_S)
                    if not await self._goes_on(claimed, said):
                        log.info("backtest.cancelled", backtest_id=str(claimed.backtest_id))
                        return
                await process.wait()
        except TimeoutError:
            await self._end(claimed, "failed", "too_long")
            return
        except ConnectionError:
            await process.wait()  # it is gone before it was asked: what its end says is all there is
        finally:
            reading.cancel()
        if said.result is not None:
            await self._end(claimed, "done", result=json.dumps(said.result))
        else:
            await self._end(claimed, "failed", _why(process.returncode))

    async def _goes_on(self, claimed: ClaimedBacktest, said: "_Said") -> bool:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await backtests.goes_on(connection, claimed, LEASE, said.events, said.reached)

    async def _end(
        self, claimed: ClaimedBacktest, state: str, reason: str | None = None, result: str | None = None
    ) -> None:
        log.info("backtest.ended", backtest_id=str(claimed.backtest_id), state=state, reason=reason)
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await backtests.end(connection, claimed, state=state, reason=reason, result=result)


class _Said:
    """What the child has said so far."""

    def __init__(self) -> None:
        self.events = 0
        self.reached: datetime | None = None
        self.result: dict[str, Any] | None = None


async def _lines(stream: asyncio.StreamReader, said: _Said) -> None:
    async for line in stream:
        told = json.loads(line)
        if "result" in told:
            said.result = told["result"]
            said.events = told["result"]["events"]
        else:
            said.events, said.reached = told["events"], datetime.fromisoformat(told["reached"])


def _why(code: int | None) -> str:
    if code == 3:
        return "too_much"
    return "too_long" if code == -signal.SIGXCPU else "interrupted" if code is not None and code < 0 else "unanswered"
