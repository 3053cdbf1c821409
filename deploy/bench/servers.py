"""The servers that a benchmark runs on: those of a stack that runs, else a PostgreSQL and a Kafka of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from deploy.commands.stack import running
from deploy.local.child import Child
from deploy.local.folders import take
from deploy.local.output import Log
from deploy.local.servers import kafka_member, own_kafka, own_postgres, postgres_member
from deploy.local.services import Member
from deploy.local.stack import Stack
from deploy.local.up import prepare

Say = Callable[[str], None]


@asynccontextmanager
async def servers(base: Path, number: int | None, say: Say) -> AsyncIterator[Stack]:
    """A stack with its servers up. Where none runs its services stay down: they would only take from the cores.

    `say` is told how far a start is. Raises `LocalStackError`.
    """
    if stack := await running(base, number):
        yield stack
        return
    state, lock = take(base)
    with lock:
        stack, log = prepare(state), Log(state)
        postgres, kafka = own_postgres(stack), own_kafka(stack)
        assert postgres, "a stack that was not pointed at other servers has its own"
        async with AsyncExitStack() as up:
            say("PostgreSQL")
            await _start(await asyncio.to_thread(postgres_member, postgres), log, up)
            say("Apache Kafka")
            nodes = [await asyncio.to_thread(kafka_member, node, _fetching(say)) for node in kafka]
            await asyncio.gather(*(_start(node, log, up) for node in nodes))
            yield stack


def _fetching(say: Say) -> Callable[[int, int], None]:
    return lambda done, total: say(f"Apache Kafka, {done} of {total} files")


async def _start(member: Member, log: Log, up: AsyncExitStack) -> None:
    child = Child(member, log, lambda: None)
    up.push_async_callback(child.stop)
    await child.start()
