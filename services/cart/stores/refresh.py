"""Keeps a process's registry of stores as the folder and the table say."""

from libs.runtime.run_every import run_every
from services.cart.stores.files import StoreFolder
from services.cart.stores.table import StoreTable

INTERVAL_S = 2.0
"""A change is known on every replica within 5 s: this, and a slow answer of the database."""


class StoreRefresh:
    """Reads both sources each interval. What can't be read leaves what is known in force."""

    def __init__(self, table: StoreTable, folder: StoreFolder | None, interval_s: float = INTERVAL_S) -> None:
        self._table, self._folder, self._interval_s = table, folder, interval_s

    async def open(self) -> None:
        """Reads everything for the first time. Raises `FileFaultError`, and what the database raises."""
        if self._folder is not None:
            self._folder.open()
        await self._table.refresh()

    async def run(self) -> None:
        """Reads until cancelled."""
        await run_every(self._interval_s, self._round, "stores.stale", wait_first=True)

    async def _round(self) -> None:
        if self._folder is not None:
            self._folder.refresh()
        await self._table.try_refresh()
