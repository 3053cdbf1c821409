"""Every message that was handed over, newest readable at once, kept over a restart, the oldest dropped at the bound."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Protocol

from deploy.playground.folder import DurableFolder
from deploy.playground.messages import Summary, summarize

log = logging.getLogger(__name__)
SEEN_KEYS = 200_000
Render = Callable[[int], tuple[str, bytes]]
"""Given the message's id, its file's ending (``eml`` or ``json``) and content."""


class Keeper(Protocol):
    """What the mail server and the phones need: somebody who keeps messages."""

    async def add(self, render: Render) -> Summary:
        """Returns once the message is kept; raises `OSError` if it can't be."""
        ...


class Mailbox:
    """All methods belong to one event loop; files are written by worker threads, many waiting messages in one go."""

    def __init__(self, folder: DurableFolder, keep: int) -> None:
        self._folder = folder
        self._keep = keep
        self._kept: dict[int, Summary] = {}
        self._seen: dict[int, None] = {}
        self._last_id = 0
        self._waiting: list[tuple[Render, asyncio.Future[Summary]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._closing = False
        self.received = 0
        self.duplicates = 0
        for name in folder.names():
            self._restore(name)

    async def add(self, render: Render) -> Summary:
        """Returns once the message would survive a crash; raises `OSError` if it cannot be kept."""
        done: asyncio.Future[Summary] = asyncio.get_running_loop().create_future()
        self._waiting.append((render, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        return await done

    def get(self, number: int) -> Summary | None:
        """The message with this id, unless it was dropped."""
        return self._kept.get(number)

    def read(self, summary: Summary) -> bytes:
        """The bytes that were kept; raises `FileNotFoundError` if they have been dropped meanwhile."""
        return self._folder.read(summary.file_name)

    def find(
        self, to: str | None = None, after: int = 0, channel: str | None = None, limit: int = 100
    ) -> list[Summary]:
        """Newest first; ``after`` is an id and excludes itself."""
        found: list[Summary] = []
        for summary in reversed(self._kept.values()):
            if summary.id <= after or len(found) == limit:
                break
            if (to is None or summary.concerns(to)) and channel in (None, summary.channel):
                found.append(summary)
        return found

    async def wait_for(
        self, to: str | None, after: int, channel: str | None, limit: int, seconds: float
    ) -> list[Summary]:
        """As `find`, but waits for up to that many seconds until there is something to find."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := self.find(to, after, channel, limit)) and not self._closing:
                    await self._changed.wait()
                return found
        except TimeoutError:
            return []

    def stop_waiting(self) -> None:
        """Answers all who wait, now and from now on, with what there is."""
        self._closing = True
        self._announce()

    def clear(self, to: str | None = None) -> int:
        """Forgets all messages, or those of one recipient, and what was seen of them; returns how many."""
        gone = self.find(to, limit=len(self._kept))
        for summary in gone:
            del self._kept[summary.id]
            self._seen.pop(hash(summary.key), None)
        self._folder.remove([summary.file_name for summary in gone])
        return len(gone)

    def totals(self) -> dict[str, int]:
        """How many messages came, how many of them again, how many are kept; a restart counts those still kept."""
        return {"received": self.received, "duplicates": self.duplicates, "kept": len(self._kept)}

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            files = []
            for render, _ in batch:
                self._last_id = max(self._last_id + 1, time.time_ns() // 1000)
                ending, content = render(self._last_id)
                files.append((f"{self._last_id:016d}.{ending}", content))
            try:
                await asyncio.to_thread(self._folder.write_all, files)
            except OSError as failure:
                log.exception("messages could not be kept")
                for _, done in batch:
                    _settle(done, failure)
                continue
            for (_, done), (name, content) in zip(batch, files, strict=True):
                _settle(done, self._index(summarize(name, content)))
            self._announce()
            self._drop_oldest()

    def _index(self, summary: Summary) -> Summary:
        self.received += 1
        if summary.key is not None and hash(summary.key) in self._seen:
            summary = replace(summary, duplicate=True)
            self.duplicates += 1
        if summary.key is not None:
            self._seen[hash(summary.key)] = None
        if len(self._seen) > SEEN_KEYS:
            del self._seen[next(iter(self._seen))]
        self._kept[summary.id] = summary
        return summary

    def _announce(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _drop_oldest(self) -> None:
        oldest = list(islice(self._kept.values(), max(0, len(self._kept) - self._keep)))
        for summary in oldest:
            del self._kept[summary.id]
        self._folder.remove([summary.file_name for summary in oldest])

    def _restore(self, name: str) -> None:
        try:
            self._last_id = self._index(summarize(name, self._folder.read(name))).id
        except (ValueError, KeyError, OSError):
            log.warning("left aside a file that is not a kept message: %s", name)


def _settle(done: asyncio.Future[Summary], outcome: Summary | OSError) -> None:
    if done.done():
        return
    if isinstance(outcome, OSError):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
