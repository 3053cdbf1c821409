"""One supervised process: started, watched, restarted with back-off when it ends unasked, stopped."""

import asyncio
import contextlib
import signal
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable

from deploy.local.errors import LocalStackError
from deploy.local.output import Log
from deploy.local.services import Member

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 60.0  # after so long a life the next crash counts as the first
READY_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0
_LINE_LIMIT = 2**20


class Child:
    """A member of the stack and its present process. `changed` is called whenever `pid`, `restarts` or `up` changes."""

    def __init__(self, member: Member, log: Log, changed: Callable[[], None]) -> None:
        self.member = member
        self.restarts = 0
        self.up = False
        self._log, self._changed, self._last_words = log, changed, ""
        self._process: Process | None = None
        self._stopping = False
        self._watch: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """The process, None between two."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> float:
        """Start it and wait until it is ready; gives the seconds that took. Raises `LocalStackError` if it ends."""
        began = time.monotonic()
        output = await self._spawn()
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                await self._until_ready(output)
        except TimeoutError:
            raise LocalStackError(f"{self.member.name} was not ready after {READY_WITHIN_S:.0f} s.") from None
        self._watch = asyncio.create_task(self._keep_alive(output))
        return time.monotonic() - began

    async def stop(self) -> None:
        """Ask it to end, insist after a while, and wait until it is gone."""
        self._stopping = True
        if self._watch and self.pid is None:
            self._watch.cancel()
        if self._process and self._process.returncode is None:
            self._send(self.member.program.stop_signal)
            try:
                async with asyncio.timeout(STOP_WITHIN_S):
                    await self._process.wait()
            except TimeoutError:
                self.kill()
                await self._process.wait()
        if self._watch:
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch

    def kill(self) -> None:
        """End it at once."""
        self._stopping = True
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _spawn(self) -> asyncio.Task[None]:
        program = self.member.program
        self._process = await asyncio.create_subprocess_exec(
            *program.argv, stdout=PIPE, limit=_LINE_LIMIT, **program.options()
        )
        self._changed()
        return asyncio.create_task(self._pump(self._process))

    async def _pump(self, process: Process) -> None:
        assert process.stdout
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than the limit; what was read of it is gone
                continue
            if not line:
                return
            self._last_words = line.decode(errors="replace").rstrip()
            self._log.line(self.member.name, self._last_words)

    async def _until_ready(self, output: asyncio.Task[None]) -> None:
        assert self._process
        while not await asyncio.to_thread(self.member.ready):
            if self._process.returncode is not None:
                await output
                raise LocalStackError(
                    f"{self.member.name} ended with status {self._process.returncode} at its start: {self._last_words}"
                )
            await asyncio.sleep(0.05)
        self.up = True
        self._changed()

    async def _keep_alive(self, output: asyncio.Task[None]) -> None:
        pause = FIRST_PAUSE_S
        while True:
            born = time.monotonic()
            assert self._process
            status = await self._process.wait()
            await output
            self.up = False
            self._changed()
            if self._stopping:
                return
            pause = FIRST_PAUSE_S if time.monotonic() - born > STEADY_S else pause
            self._log.line("evercart", f"{self.member.name} ended with status {status}; again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
            self.restarts += 1
            output = await self._spawn()
            self.up = True
            self._changed()
