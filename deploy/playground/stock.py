"""The shop's own stock book, from which Evercart learns how many are left."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from deploy.playground.catalogue import PRODUCTS
from deploy.playground.folder import DurableFolder
from deploy.playground.http import ProblemError

log = logging.getLogger(__name__)
BOOK = "stock.json"
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 30.0
Announce = Callable[[Mapping[str, int]], Awaitable[None]]


class Stock:
    """Levels by sku. A level that could not be announced is announced later; after a restart too."""

    def __init__(self, folder: DurableFolder, announce: Announce) -> None:
        self._folder = folder
        self._announce = announce
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self.levels = {product.sku: product.stock for product in PRODUCTS}
        self._due = set(self.levels)
        if BOOK in folder.names():
            book = json.loads(folder.read(BOOK))
            self.levels |= book["levels"]
            self._due = set(book["due"]) | (self._due - set(book["levels"]))

    async def set(self, sku: str, level: int) -> None:
        """Writes a level down and announces it at once if the cart service answers."""
        await self._change({sku: level})

    async def take(self, quantities: Mapping[str, int]) -> None:
        """Takes what was ordered; a level does not fall under 0."""
        await self._change(
            {sku: max(0, self.levels[sku] - units) for sku, units in quantities.items() if sku in self.levels}
        )

    async def announce_due(self) -> None:
        """Runs until cancelled: announces what is due, with growing pauses while nobody answers."""
        pause = FIRST_RETRY_SECONDS
        while True:
            if await self._announced():
                pause = FIRST_RETRY_SECONDS
                await self._wake.wait()
                self._wake.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY_SECONDS)

    async def _change(self, levels: Mapping[str, int]) -> None:
        async with self._lock:
            self.levels |= levels
            self._due |= set(levels)
            await self._write()
        if not await self._announced():
            self._wake.set()

    async def _announced(self) -> bool:
        async with self._lock:
            due = {sku: self.levels[sku] for sku in self._due}
            if not due:
                return True
            try:
                await self._announce(due)
            except ProblemError as failure:
                log.info("stock levels wait for the cart service: %s", failure.slug)
                return False
            self._due -= {sku for sku, level in due.items() if self.levels[sku] == level}
            await self._write()
            return not self._due

    async def _write(self) -> None:
        book = json.dumps({"levels": self.levels, "due": sorted(self._due)}).encode()
        await asyncio.to_thread(self._folder.write_all, [(BOOK, book)])
