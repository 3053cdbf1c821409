"""All stores' campaigns, kept fresh: files of a folder, and what stores have said by the API.

A changed file counts at once, a broken one leaves the old in force; what is wrong is told as file, line, field, rule.
What the API says counts in every process as soon as it has looked at the number of the newest revision.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from prometheus_client import Counter

from libs.contracts.names import STORE_ID
from libs.files.watched_folder import Known as KnownOfFiles
from libs.files.watched_folder import WatchedFolder
from libs.files.yaml_file import FileFaultError, load
from libs.inbox.consumer import OUTSIDE
from libs.postgres.clock import DatabaseClock, database_now
from libs.postgres.pool import Connection, Pool
from libs.runtime.run_every import run_every
from services.trigger.campaigns.faults import log, told_of
from services.trigger.campaigns.known import known_of
from services.trigger.campaigns.own import Own, taken
from services.trigger.db.activations import Known, lock_activations, sync_activations
from services.trigger.db.campaign_versions import newest_revision, read_since
from services.trigger.domain.activations import EVERY_STORE, Activations
from services.trigger.domain.campaigns import ActiveCampaign, CampaignFile, Source, StoreCampaigns

CampaignFileError = FileFaultError
"""A campaign file that can't be used; each line of the message names file, line and field."""


def load_campaigns(path: Path, known: Mapping[str, Any] | None = None) -> CampaignFile:
    """The campaigns of a file, checked by what is `known` of the store. Raises `CampaignFileError`, also when it can't
    be read.
    """
    return load(path, CampaignFile, known)


_DEFAULT = "default"
_NONE = StoreCampaigns()
_NO_CAMPAIGNS = CampaignFile(campaigns=())

RELOADS = Counter("evercart_trigger_campaign_reloads_total", "Times that changed campaigns were read")


@dataclass(frozen=True, slots=True)
class Said:
    """All that is said: by `files` (store, or `*` for all others), and by the API (`own`), up to a revision."""

    files: Mapping[str, CampaignFile]
    own: Mapping[str, Own]
    revision: int = 0

    def of(self, store_id: str) -> tuple[Source, CampaignFile, str]:
        """Where a store's campaigns are said, they, and their version. A file goes before the API."""
        own = self.own.get(store_id)
        if store_id != EVERY_STORE and store_id in self.files:
            return "file", self.files[store_id], self.files[store_id].digest
        if own is not None:
            return "api", own.file, str(own.version)
        of_all = self.files.get(EVERY_STORE, _NO_CAMPAIGNS)
        return "default", of_all, of_all.digest

    @property
    def names(self) -> dict[str, list[str]]:
        """Store or `*` → the names of its campaigns."""
        of_files = {store_id: file.names for store_id, file in self.files.items()}
        return {store_id: list(own.names) for store_id, own in self.own.items()} | of_files


class CampaignRegistry:
    """All stores' campaigns: `<store_id>.yaml`, what the API said, and `default.yaml` for the stores with neither."""

    def __init__(self, folder: Path, pool: Pool, clock: DatabaseClock = database_now) -> None:
        self._pool, self.clock = pool, clock
        self._folder = WatchedFolder(folder, CampaignFile, STORE_ID, told_of, "campaigns")
        self._files: Mapping[str, CampaignFile] = {}
        self._said = Said({}, {})
        self._known: KnownOfFiles = {}
        self._stores: Mapping[str, StoreCampaigns] = {}

    def of(self, store_id: str) -> StoreCampaigns:
        """What is switched on for a store."""
        return self._stores.get(store_id) or self._stores.get(EVERY_STORE, _NONE)

    def said_of(self, store_id: str) -> tuple[Source, CampaignFile, str]:
        """Where a store's campaigns are said, they as a whole, and their version."""
        return self._said.of(store_id)

    async def open(self) -> None:
        """Reads everything for the first time. Raises `CampaignFileError` with every fault when a file is broken."""
        await self._put_in_force(self._folder.first())
        await self._is_newer()

    async def refresh(self) -> None:
        """Reads what has changed since; what is broken is told of in log and metric, and its old content stays."""
        newer = await self._is_newer()
        files = self._folder.changed(self._known)
        if files is None and not newer:
            return
        await self._put_in_force(self._files if files is None else files)
        RELOADS.inc()
        log.info("campaigns.reloaded", files=sorted(self._files), revision=self._said.revision)

    async def watch(self, every_s: float) -> None:
        """Refreshes until cancelled."""
        await run_every(every_s, self.refresh, "campaigns.refresh_failed", OUTSIDE, wait_first=True)

    async def locked(self, connection: Connection) -> tuple[Known, Said]:
        """What is switched on and all that is said, as the database has it: nobody says anything else until the
        transaction ends.
        """
        return await lock_activations(connection), await self._newest(connection, self._said.files)

    async def _is_newer(self) -> bool:
        async with self._pool.acquire(timeout=5) as connection:
            known = await known_of(connection, self._folder.names() - {_DEFAULT})
            newer = await newest_revision(connection) > self._said.revision
        if known != self._known:
            self._known = known
            self._folder.check(known)
        return newer

    async def _newest(self, connection: Connection, files: Mapping[str, CampaignFile]) -> Said:
        newer = await read_since(connection, self._said.revision)
        revision = max((one.revision for one in newer), default=self._said.revision)
        return Said(files, taken(self._said.own, newer), revision)

    async def _put_in_force(self, files: Mapping[str, CampaignFile]) -> None:
        by_store = {EVERY_STORE if name == _DEFAULT else name: file for name, file in files.items()}
        async with self._pool.acquire(timeout=5) as connection, connection.transaction():
            # under the lock: who knew less than was said already would switch off what others have just switched on
            before = await lock_activations(connection)
            said = await self._newest(connection, by_store)
            since = await sync_activations(connection, before, said.names, await self.clock(connection))
        # a store whose own campaigns have gone has those of all, with what was out for it switched on anew
        all_of_them = {EVERY_STORE, *said.files, *said.own, *(store_id for store_id, _ in since)}
        self._stores = {store_id: active(store_id, said, since) for store_id in all_of_them}
        self._said, self._files = said, files
        self._folder.hold(files)


def active(store_id: str, said: Said, since: Activations) -> StoreCampaigns:
    """A store's campaigns with since when each is on."""
    source, file, version = said.of(store_id)
    return StoreCampaigns(
        tuple(ActiveCampaign(c, on_since(store_id, c.name, since)) for c in file.campaigns),
        source,
        version,
        file.segments,
    )


def on_since(store_id: str, campaign: str, since: Activations) -> datetime:
    """Since when a campaign is on for a store."""
    return since.get((store_id, campaign)) or since[EVERY_STORE, campaign]
