"""What is wrong, looked for in everything that the console can ask; who begins and ends is noted, and ops are told."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import structlog

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.console.clients.dead_letters import Letters
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceClient, ServiceError, or_none
from services.console.db import faults
from services.console.db.reading import readings
from services.console.domain.faults import (
    KINDS,
    Fault,
    Sent,
    Unasked,
    behind,
    in_words,
    mail_of,
    over,
    put_aside,
    reputation,
    silence,
    silent_since,
)
from services.console.domain.pauses import Scope
from services.console.domain.pulse import signs_of
from services.console.domain.reading import stuck
from services.console.domain.senders import dns_faults
from services.console.metrics import FAULTS

log = structlog.get_logger(__name__)
Found = tuple[list[Fault], list[Unasked]]
"""What is wrong, and what nobody could ask after."""
AT_ONCE = 8
"""Stores whose senders are asked for at the same time."""


class Mail(Protocol):
    """Who tells ops."""

    async def send(self, subject: str, text: str) -> None:
        """One mail. Raises `MailError`."""


class Faults:
    """Looks for faults at `processes`, by their names, among the `letters` and in the console's own tables."""

    def __init__(
        self, pool: Pool, clock: Clock, processes: Mapping[str, ServiceClient], notifier: Notifier, letters: Letters
    ) -> None:
        self._pool, self._clock = pool, clock
        self._processes, self._notifier, self._letters = processes, notifier, letters

    async def look(self) -> None:
        """Notes what is wrong now, and what is over."""
        of_processes, of_letters, of_stores, of_senders = await asyncio.gather(
            self._of_processes(), self._of_letters(), self._of_stores(), self._of_senders()
        )
        found = [*of_processes[0], *of_letters[0], *of_stores, *of_senders[0]]
        unasked = [*of_processes[1], *of_letters[1], *of_senders[1]]
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            for fault in await faults.see(connection, found, now):
                log.error("fault.begun", kind=fault.kind, what=in_words(fault))
            standing = await faults.in_force(connection)
            ended = over([(one.fault, one.seen_at) for one in standing], unasked, now)
            await faults.end(connection, ended, now)
        for fault in ended:
            log.info("fault.over", kind=fault.kind, what=in_words(fault))
        for kind in KINDS:
            FAULTS.labels(kind).set(sum(one.fault.kind == kind and one.fault not in ended for one in standing))

    async def _of_processes(self) -> Found:
        asked = await asyncio.gather(*(client.measured() for client in self._processes.values()))
        found = [
            fault for name, text in zip(self._processes, asked, strict=True) for fault in behind(name, signs_of(text))
        ]
        return found, [] if all(asked) else [Unasked("lag"), Unasked("outbox")]

    async def _of_letters(self) -> Found:
        try:
            counts = await self._letters.counts()
        except ServiceError:
            return [], [Unasked("dead_letters")]
        return put_aside({one.topic: one.waiting for one in counts}), []

    async def _of_stores(self) -> list[Fault]:
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = stuck(await readings(connection), now)
            for store_id in await faults.open_stores(connection):
                silent = await _silence(connection, store_id, now)
                found += [silent] if silent else []
                for row in await faults.answers(connection, store_id, now):
                    found += reputation(store_id, row["channel"], row["sent"], row["bounced"], row["complained"])
        return [one for one in found if one.kind != "silence" or not await self._all_is_held(one.store_id)]

    async def _of_senders(self) -> Found:
        """What the DNS lacks; the notifier asks it, and keeps what it said. Where that is silent nobody waits long."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            ahead = await faults.open_stores(connection)
        found: list[Fault] = []
        unasked: list[Unasked] = []
        while ahead:
            asked, ahead = ahead[:AT_ONCE], ahead[AT_ONCE:]
            told = await asyncio.gather(*(or_none(self._notifier.senders(store_id)) for store_id in asked))
            for store_id, senders in zip(asked, told, strict=True):
                lacks, unknown = (
                    dns_faults(store_id, senders) if senders is not None else ([], [Unasked("dns", store_id)])
                )
                found += lacks
                unasked += unknown
            if told.count(None) == len(told):
                return found, [*unasked, *(Unasked("dns", store_id) for store_id in ahead)]
        return found, unasked

    async def _all_is_held(self, store_id: str) -> bool:
        """Whether somebody has paused all of the store's messages: then nobody wonders that none goes out."""
        try:
            pauses = await self._notifier.pauses(store_id)
        except ServiceError:
            return False
        return Scope() in [Scope(one["campaign"], one["step"], one["channel"]) for one in pauses]


async def _silence(connection: Connection, store_id: str, now: datetime) -> Fault | None:
    last_at = await faults.last_sent(connection, store_id, now)
    since = silent_since(last_at, now)
    if since is None:
        return None
    weeks = await faults.weeks_before(connection, store_id, since, now)
    return silence(Sent(store_id, last_at, weeks), now)


async def tell(pool: Pool, mail: Mail, pages: str) -> int:
    """Tells ops of all that they do not know yet; how much that was. Each is told once, and again only where the
    process ends between the mail and the note of it. Raises `MailError`: the rest is told next time.
    """
    told = 0
    while True:
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            one = await faults.untold(connection)
            if one is None:
                return told
            await mail.send(*mail_of(one.fault, one.since, one.ended_at, pages))
            await faults.note_told(connection, one)
        told += 1
