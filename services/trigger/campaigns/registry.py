"""The campaign files of a folder, kept fresh: a changed file counts at once, a broken one leaves the old in force.

What is wrong with a file is told as file, line, field, rule.
"""

from collections.abc import Mapping
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from libs.files.yaml_file import FileFaultError, Stamp, load, stamps
from libs.inbox.consumer import OUTSIDE
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.run_every import run_every
from services.trigger.db.activations import sync_activations
from services.trigger.domain.campaigns import ActiveCampaign, CampaignFile, StoreCampaigns

CampaignFileError = FileFaultError
"""A campaign file that can't be used; each line of the message names file, line and field."""


def load_campaigns(path: Path) -> CampaignFile:
    """The campaigns of a file. Raises `CampaignFileError`, also when it can't be read."""
    return load(path, CampaignFile)


log = structlog.get_logger(__name__)

EVERY_STORE = "*"
_DEFAULT = "default"
_NONE = StoreCampaigns()

BROKEN = Gauge("evercart_trigger_campaign_file_broken", "1 while a campaign file is not in force as it is", ["file"])
RELOADS = Counter("evercart_trigger_campaign_reloads_total", "Times that changed campaign files were read")


class CampaignRegistry:
    """All stores' campaigns: `<store_id>.yaml`, and `default.yaml` for the stores without a file of their own."""

    def __init__(self, folder: Path, pool: Pool, clock: Clock = utc_now) -> None:
        self._folder, self._pool, self._clock = folder, pool, clock
        self._stamps: dict[str, Stamp] | None = None
        self._files: dict[str, CampaignFile] = {}
        self._stores: Mapping[str, StoreCampaigns] = {}

    def of(self, store_id: str) -> StoreCampaigns:
        """What is switched on for a store."""
        return self._stores.get(store_id) or self._stores.get(EVERY_STORE, _NONE)

    async def open(self) -> None:
        """Reads all files for the first time. Raises `CampaignFileError` when one is broken."""
        self._stamps = self._look()
        self._files = {name: load_campaigns(self._path(name)) for name in self._stamps}
        await self._put_in_force()

    async def refresh(self) -> None:
        """Reads what has changed since; a broken file is told of in log and metric, and its old content stays."""
        found = self._look()
        if found == self._stamps:
            return
        files = {name: file for name in found if (file := self._read(name)) is not None}
        if files != self._files:
            self._files = files
            await self._put_in_force()
            RELOADS.inc()
            log.info("campaigns.reloaded", files=sorted(files))
        self._stamps = found

    async def watch(self, every_s: float) -> None:
        """Refreshes until cancelled."""
        await run_every(every_s, self.refresh, "campaigns.refresh_failed", OUTSIDE, wait_first=True)

    def _read(self, name: str) -> CampaignFile | None:
        try:
            file = load_campaigns(self._path(name))
        except CampaignFileError as error:
            BROKEN.labels(name).set(1)
            log.error("campaigns.broken", error=str(error), kept_old=name in self._files)  # noqa: TRY400 - no trace helps
            return self._files.get(name)
        BROKEN.labels(name).set(0)
        return file

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.yaml"

    def _look(self) -> dict[str, Stamp]:
        return stamps(self._folder.glob("*.yaml"))

    async def _put_in_force(self) -> None:
        by_store = {EVERY_STORE if name == _DEFAULT else name: file for name, file in self._files.items()}
        named = {(store_id, c.name) for store_id, file in by_store.items() for c in file.campaigns}
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            since = await sync_activations(connection, named, self._clock())
        self._stores = {
            store_id: StoreCampaigns(tuple(ActiveCampaign(c, since[store_id, c.name]) for c in file.campaigns))
            for store_id, file in by_store.items()
        }
