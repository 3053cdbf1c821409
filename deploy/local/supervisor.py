"""Starts a stack in the order of its dependencies, keeps it running, and ends it in the opposite order."""

import asyncio
import os
import signal
from asyncio.subprocess import PIPE
from collections.abc import Callable, Coroutine
from typing import Any

from deploy.local.child import Child
from deploy.local.errors import LocalStackError, in_words
from deploy.local.folders import ProcessState, Running
from deploy.local.output import Log
from deploy.local.program import Program
from deploy.local.servers import databases, dsn_of, kafka_member, own_kafka, own_postgres, postgres_member
from deploy.local.services import Member, campaigns, services, topics
from deploy.local.stack import Stack

Say = Callable[[str], None]
"""Tells the person how far the start is; a text that ends with "…" is about to be followed by a better one."""

RECORD_AGAIN_S = 5.0


class Supervisor:
    """One run of a stack."""

    def __init__(self, stack: Stack, log: Log, say: Say) -> None:
        self._stack, self._log, self._say = stack, log, say
        self._dsn = dsn_of(stack)
        self._steps: list[list[Child]] = [[]]
        self._ready = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM; `ready` is called once everything is up. Raises `LocalStackError`."""
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._asked_to_stop, stop)
        starting = asyncio.create_task(self._start())
        waiting = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                await starting
                self._ready = True
                self._record()
                ready()
                await waiting
            self._say("Stopping …")
        finally:
            starting.cancel()
            waiting.cancel()
            await asyncio.gather(starting, waiting, return_exceptions=True)
            await self._stop()

    def _asked_to_stop(self, stop: asyncio.Event) -> None:
        if stop.is_set():
            for child in self._children:
                child.kill()
        stop.set()

    @property
    def _children(self) -> list[Child]:
        return [child for step in self._steps for child in step]

    async def _start(self) -> None:
        self._record()
        await _together(self._start_postgres(), self._start_kafka())
        for step in services(self._stack, self._dsn):
            self._steps.append([])
            await _together(*(self._start_member(member) for member in step))

    async def _start_postgres(self) -> None:
        if server := own_postgres(self._stack):
            await self._start_member(await asyncio.to_thread(postgres_member, server))
        await self._run_once(databases(self._stack))
        await self._run_once(campaigns(self._stack, self._dsn))

    async def _start_kafka(self) -> None:
        members = [await asyncio.to_thread(kafka_member, node, self._fetching) for node in own_kafka(self._stack)]
        await _together(*(self._start_member(member) for member in members))
        await self._run_once(topics(self._stack))

    def _fetching(self, done: int, total: int) -> None:
        self._say(f"fetching Apache Kafka, {done} of {total} files" + (" …" if done < total else ""))

    async def _start_member(self, member: Member) -> None:
        child = Child(member, self._log, self._record)
        self._steps[-1].append(child)
        took = await child.start()
        self._say(f"{member.name:<20} ready after {took:.1f} s" + (f", port {member.port}" if member.port else ""))

    async def _run_once(self, program: Program) -> None:
        process = await asyncio.create_subprocess_exec(*program.argv, stdout=PIPE, **program.options())
        try:
            output, _ = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            raise
        lines = output.decode(errors="replace").splitlines()
        for line in lines:
            self._log.line(program.name, line)
        if process.returncode:
            raise LocalStackError(f"{program.name} failed: {lines[-1] if lines else f'status {process.returncode}'}")
        self._say(f"{program.name:<20} done")

    async def _stop(self) -> None:
        for step in reversed(self._steps):
            await asyncio.gather(*(child.stop() for child in step))

    def _record(self) -> None:
        processes = (
            ProcessState(child.member.name, child.pid, child.member.port, child.restarts) for child in self._children
        )
        try:
            Running(os.getpid(), self._ready, tuple(processes)).save(self._stack.state)
        except OSError as error:
            self._log.line("evercart", f"what runs could not be noted: {in_words(error)}")
            asyncio.get_running_loop().call_later(RECORD_AGAIN_S, self._record)


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Run side by side; the first failure ends the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failures:
        raise _first(failures) from None


def _first(failure: BaseException) -> BaseException:
    return _first(failure.exceptions[0]) if isinstance(failure, BaseExceptionGroup) else failure
