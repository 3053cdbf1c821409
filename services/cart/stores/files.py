"""One file per store in a folder, kept fresh: a changed file counts at once, a broken one leaves the old in force."""

from pathlib import Path

import structlog

from libs.contracts.names import STORE_ID
from libs.files.watched_folder import WatchedFolder
from services.cart.domain.store import Store
from services.cart.stores.faults import BROKEN
from services.cart.stores.registry import StoreRegistry

log = structlog.get_logger(__name__)


class _Told:
    """Faults of files among those of all sources."""

    def broken(self, name: str, error: str, *, kept_old: bool) -> None:
        BROKEN.tell("file", name, error, kept_old=kept_old)

    def mended(self, name: str) -> None:
        BROKEN.clear("file", name)


class StoreFolder:
    """Tells a registry what `<store_id>.yaml` in a folder says."""

    def __init__(self, folder: Path, registry: StoreRegistry) -> None:
        self._registry = registry
        self._folder = WatchedFolder(folder, Store, STORE_ID, _Told(), "stores")

    def open(self) -> None:
        """Reads all files for the first time. Raises `FileFaultError` with every fault when one is broken."""
        self._put(self._folder.first())

    def refresh(self) -> None:
        """Reads what has changed since; a broken file is told of in log and metric, and what it said before holds."""
        stores = self._folder.changed()
        if stores is not None:
            self._put(stores)
            log.info("stores.changed", source="file", stores=sorted(stores))

    def _put(self, stores: dict[str, Store]) -> None:
        self._registry.put("file", stores)
        self._folder.hold(stores)
