"""The campaign files of a folder, kept fresh: a changed file counts at once, a broken one leaves the old in force.

What is wrong with a file is told as file, line, field, rule.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from libs.files.yaml_file import FileFaultError, Stamp, load, stamps
from libs.inbox.consumer import OUTSIDE
from libs.postgres.clock import DatabaseClock, database_now
from libs.postgres.pool import Pool
from libs.runtime.run_every import run_every
from services.trigger.db.activations import sync_activations
from services.trigger.domain.activations import EVERY_STORE
from services.trigger.domain.campaigns import ActiveCampaign, CampaignFile, StoreCampaigns

CampaignFileError = FileFaultError
"""A campaign file that can't be used; each line of the message names file, line and field."""


def load_campaigns(path: Path) -> CampaignFile:
    """The campaigns of a file. Raises `CampaignFileError`, also when it can't be read."""
    return load(path, CampaignFile)


log = structlog.get_logger(__name__)

_DEFAULT = "default"
_STORE_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NONE = StoreCampaigns()

BROKEN = Gauge("evercart_trigger_campaign_file_broken", "1 while a campaign file is not in force as it is", ["file"])
RELOADS = Counter("evercart_trigger_campaign_reloads_total", "Times that changed campaign files were read")


class CampaignRegistry:
    """All stores' campaigns: `<store_id>.yaml`, and `default.yaml` for the stores without a file of their own."""

    def __init__(self, folder: Path, pool: Pool, clock: DatabaseClock = database_now) -> None:
        self._folder, self._pool, self._clock = folder, pool, clock
        self._stamps: dict[str, Stamp] = {}
        self._files: Mapping[str, CampaignFile] = {}
        self._readable = True
        self._stores: Mapping[str, StoreCampaigns] = {}

    def of(self, store_id: str) -> StoreCampaigns:
        """What is switched on for a store."""
        return self._stores.get(store_id) or self._stores.get(EVERY_STORE, _NONE)

    async def open(self) -> None:
        """Reads all files for the first time. Raises `CampaignFileError` with every fault when one is broken."""
        try:
            self._stamps = stamps(self._folder)
        except OSError as error:
            raise CampaignFileError(f"{self._folder}: {error.strerror}") from None
        files, faults = {}, []
        for name in self._stamps:
            try:
                files[name] = self._load(name)
            except CampaignFileError as error:
                faults.append(str(error))
        if faults:
            raise CampaignFileError("\n".join(faults))
        await self._put_in_force(files)

    async def refresh(self) -> None:
        """Reads what has changed since; a broken file is told of in log and metric, and its old content stays.

        While the folder can't be read everything stays: a store whose file is gone has none, but not so all of them.
        """
        try:
            found = stamps(self._folder)
        except OSError as error:
            if self._readable:
                log.error("campaigns.folder_unreadable", error=error.strerror)  # noqa: TRY400 - no trace helps
            self._readable = False
            return
        self._readable = True
        if found == self._stamps:
            return
        files = {name: file for name in found if (file := self._read(name)) is not None}
        for gone in self._stamps.keys() - found.keys():
            BROKEN.labels(gone).set(0)
        if files != self._files:
            await self._put_in_force(files)
            RELOADS.inc()
            log.info("campaigns.reloaded", files=sorted(files))
        self._stamps = found

    async def watch(self, every_s: float) -> None:
        """Refreshes until cancelled."""
        await run_every(every_s, self.refresh, "campaigns.refresh_failed", OUTSIDE, wait_first=True)

    def _read(self, name: str) -> CampaignFile | None:
        try:
            file = self._load(name)
        except CampaignFileError as error:
            BROKEN.labels(name).set(1)
            log.error("campaigns.broken", error=str(error), kept_old=name in self._files)  # noqa: TRY400 - no trace helps
            return self._files.get(name)
        BROKEN.labels(name).set(0)
        return file

    def _load(self, name: str) -> CampaignFile:
        if _STORE_ID.fullmatch(name) is None:
            raise CampaignFileError(f"{ascii(name)[1:-1]}.yaml:1: file: the name is no store id")
        return load_campaigns(self._folder / f"{name}.yaml")

    async def _put_in_force(self, files: Mapping[str, CampaignFile]) -> None:
        by_store = {EVERY_STORE if name == _DEFAULT else name: file for name, file in files.items()}
        named = {store_id: [c.name for c in file.campaigns] for store_id, file in by_store.items()}
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            since = await sync_activations(connection, named, await self._clock(connection))
        # a store whose own file has gone has that of all, with what was out for it switched on anew
        of_all = by_store.get(EVERY_STORE, CampaignFile(campaigns=()))
        by_store = {store_id: of_all for store_id, _ in since} | by_store
        self._stores = {
            store_id: StoreCampaigns(
                tuple(
                    ActiveCampaign(c, since.get((store_id, c.name)) or since[EVERY_STORE, c.name])
                    for c in file.campaigns
                )
            )
            for store_id, file in by_store.items()
        }
        self._files = files
