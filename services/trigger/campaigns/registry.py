"""The campaign files of a folder, kept fresh: a changed file counts at once, a broken one leaves the old in force.

What is wrong with a file is told as file, line, field, rule.
"""

from collections.abc import Mapping
from pathlib import Path

import structlog
from prometheus_client import Counter, Gauge

from libs.files.watched_folder import WatchedFolder
from libs.files.yaml_file import FileFaultError, load
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
_STORE_ID = r"[a-z0-9][a-z0-9_-]{0,63}"
_NONE = StoreCampaigns()

BROKEN = Gauge("evercart_trigger_campaign_file_broken", "1 while a campaign file is not in force as it is", ["file"])
RELOADS = Counter("evercart_trigger_campaign_reloads_total", "Times that changed campaign files were read")


class _Told:
    """Faults go to log and metric."""

    def broken(self, name: str, error: str, *, kept_old: bool) -> None:
        BROKEN.labels(name).set(1)
        log.error("campaigns.broken", error=error, kept_old=kept_old)

    def mended(self, name: str) -> None:
        BROKEN.labels(name).set(0)


class CampaignRegistry:
    """All stores' campaigns: `<store_id>.yaml`, and `default.yaml` for the stores without a file of their own."""

    def __init__(self, folder: Path, pool: Pool, clock: DatabaseClock = database_now) -> None:
        self._pool, self._clock = pool, clock
        self._folder = WatchedFolder(folder, CampaignFile, _STORE_ID, _Told(), "campaigns")
        self._stores: Mapping[str, StoreCampaigns] = {}

    def of(self, store_id: str) -> StoreCampaigns:
        """What is switched on for a store."""
        return self._stores.get(store_id) or self._stores.get(EVERY_STORE, _NONE)

    async def open(self) -> None:
        """Reads all files for the first time. Raises `CampaignFileError` with every fault when one is broken."""
        await self._put_in_force(self._folder.first())

    async def refresh(self) -> None:
        """Reads what has changed since; a broken file is told of in log and metric, and its old content stays."""
        files = self._folder.changed()
        if files is not None:
            await self._put_in_force(files)
            RELOADS.inc()
            log.info("campaigns.reloaded", files=sorted(files))

    async def watch(self, every_s: float) -> None:
        """Refreshes until cancelled."""
        await run_every(every_s, self.refresh, "campaigns.refresh_failed", OUTSIDE, wait_first=True)

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
        self._folder.hold(files)
