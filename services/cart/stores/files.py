"""One file per store in a folder, kept fresh: a changed file counts at once, a broken one leaves the old in force."""

from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from libs.files.yaml_file import FileFaultError, Stamp, load, stamps
from services.cart.domain.store import Store, StoreId
from services.cart.stores.faults import BROKEN
from services.cart.stores.registry import StoreRegistry

log = structlog.get_logger(__name__)

_STORE_ID = TypeAdapter(StoreId)


class StoreFolder:
    """Tells a registry what `<store_id>.yaml` in a folder says."""

    def __init__(self, folder: Path, registry: StoreRegistry) -> None:
        self._folder, self._registry = folder, registry
        self._stamps: dict[str, Stamp] = {}
        self._readable = True

    def open(self) -> None:
        """Reads all files for the first time. Raises `FileFaultError` with every fault when one is broken."""
        try:
            self._stamps = self._look()
        except OSError as error:
            raise FileFaultError(f"{self._folder}: {error.strerror}") from None
        stores, faults = {}, []
        for name in self._stamps:
            try:
                stores[name] = self._load(name)
            except FileFaultError as error:
                faults.append(str(error))
        if faults:
            raise FileFaultError("\n".join(faults))
        self._registry.put("file", stores)

    def refresh(self) -> None:
        """Reads what has changed since; a broken file is told of in log and metric, and what it said before holds.

        While the folder can't be read everything holds: a store whose file is gone is gone, but not so all of them.
        """
        try:
            found = self._look()
        except OSError as error:
            if self._readable:
                log.error("stores.folder_unreadable", error=error.strerror)  # noqa: TRY400 - no trace helps
            self._readable = False
            return
        self._readable = True
        if found == self._stamps:
            return
        before = self._registry.said("file")
        stores = {name: store for name in found if (store := self._read(name, found[name], before.get(name)))}
        for gone in self._stamps.keys() - found.keys():
            BROKEN.clear("file", gone)
        self._stamps = found
        if stores != before:
            self._registry.put("file", stores)
            log.info("stores.changed", source="file", stores=sorted(stores))

    def _read(self, name: str, stamp: Stamp, before: Store | None) -> Store | None:
        if self._stamps.get(name) == stamp:
            return before
        try:
            store = self._load(name)
        except FileFaultError as error:
            BROKEN.tell("file", name, str(error), kept_old=before is not None)
            return before
        BROKEN.clear("file", name)
        return store

    def _load(self, name: str) -> Store:
        try:
            _STORE_ID.validate_python(name)
        except ValidationError:
            raise FileFaultError(f"{ascii(name)[1:-1]}.yaml:1: file: the name is no store id") from None
        return load(self._folder / f"{name}.yaml", Store)

    def _look(self) -> dict[str, Stamp]:
        return stamps(self._folder)
