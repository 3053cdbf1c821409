"""A folder of YAML files that are read again when they change: a broken one leaves what it said before in force.

Each file is guarded alone, and read once a change: whatever stands in it, the others count. Who uses them puts them
in force and says so (`hold`): what an outage kept from being put in force is offered again, without being read again.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, Protocol

import structlog

from libs.files.yaml_file import FileFaultError, M, Stamp, load, stamps

log = structlog.get_logger(__name__)


class Told(Protocol):
    """Who is told which files can't be used."""

    def broken(self, name: str, error: str, *, kept_old: bool) -> None:
        """A file was read that can't be used; `kept_old`: what it said before holds."""

    def mended(self, name: str) -> None:
        """A file was read that can be used, or has gone."""


Known = Mapping[str, Mapping[str, Any]]
"""What checks of a file may go by beside the file, by its name."""
NOTHING: Known = MappingProxyType({})


class WatchedFolder(Generic[M]):
    """`<name>.yaml`, each a `kind`, whose `names` fit a pattern; `subject` is what logs call the files."""

    def __init__(self, folder: Path, kind: type[M], names: str, told: Told, subject: str) -> None:
        self._folder, self._kind, self._told, self._subject = folder, kind, told, subject
        self._names = re.compile(names)
        self._read: dict[str, tuple[Stamp, M | None]] = {}
        self._in_force: Mapping[str, M] = {}
        self._readable = True

    def first(self) -> dict[str, M]:
        """What all files say, by name. Raises `FileFaultError` with every fault where one is broken."""
        try:
            found = stamps(self._folder)
        except OSError as error:
            raise FileFaultError(f"{self._folder}: {error.strerror}") from None
        faults, read = [], dict[str, tuple[Stamp, M | None]]()
        for name, stamp in found.items():
            try:
                read[name] = (stamp, self._load(name))
            except FileFaultError as error:
                faults.append(str(error))
        if faults:
            raise FileFaultError("\n".join(faults))
        self._read = read
        return self._files()

    def changed(self, known: Known = NOTHING) -> dict[str, M] | None:
        """What the files say now, None where that is in force already. One that has changed is checked by what is
        `known`.

        While the folder can't be read everything holds: a file that has gone says nothing, but not so all of them.
        """
        try:
            found = stamps(self._folder)
        except OSError as error:
            if self._readable:
                log.error(f"{self._subject}.folder_unreadable", error=error.strerror)  # noqa: TRY400 - no trace helps
            self._readable = False
            return None
        self._readable = True
        for gone in self._read.keys() - found.keys():
            self._told.mended(gone)
        self._read = {name: self._look(name, stamp, known) for name, stamp in found.items()}
        files = self._files()
        return None if files == self._in_force else files

    def check(self, known: Known) -> None:
        """Tells which files could not be used by what is `known` now; what they say stays in force. One that can be
        used now is offered.
        """
        for name, (stamp, file) in self._read.items():
            try:
                self._read[name] = stamp, self._load(name, known)
            except FileFaultError as error:
                self._told.broken(name, str(error), kept_old=file is not None)
            else:
                self._told.mended(name)

    def names(self) -> set[str]:
        """Of the files that there are; none while the folder can't be read."""
        try:
            return set(stamps(self._folder))
        except OSError:
            return set()

    def hold(self, files: Mapping[str, M]) -> None:
        """These were put in force."""
        self._in_force = files

    def _files(self) -> dict[str, M]:
        return {name: file for name, (_, file) in self._read.items() if file is not None}

    def _look(self, name: str, stamp: Stamp, known_of: Known) -> tuple[Stamp, M | None]:
        known, before = self._read.get(name, (None, None))
        if known == stamp:
            return stamp, before
        try:
            file = self._load(name, known_of)
        except FileFaultError as error:
            self._told.broken(name, str(error), kept_old=before is not None)
            return stamp, before
        self._told.mended(name)
        return stamp, file

    def _load(self, name: str, known: Known = NOTHING) -> M:
        if self._names.fullmatch(name) is None:
            raise FileFaultError(f"{ascii(name)[1:-1]}.yaml:1: file: the name is no store id")
        return load(self._folder / f"{name}.yaml", self._kind, known.get(name))
