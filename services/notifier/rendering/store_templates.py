"""The templates of every store: loaded when they are first needed, and again when a file of theirs has changed."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from services.notifier.domain.store import Store
from services.notifier.rendering.templates import BrokenTemplateError, Templates

log = structlog.get_logger(__name__)

REMEMBERED = 1000

Stamps = frozenset[tuple[str, int, int]]
"""Of the files of folders: name, time of the last change (ns), size (bytes)."""


class StoreTemplates:
    """Templates by store; `folder` holds those of the stores, each in a folder that the store names. `kept` gives the
    folder of those that a store has said by the API, which come after its own files and before what ships.
    """

    def __init__(self, folder: Path | None = None, kept: Callable[[str], Path | None] = lambda _store_id: None) -> None:
        self.shipped = Templates()
        self.shipped.check()
        self._folder, self._kept = folder, kept
        self._loaded: dict[tuple[Path, ...], tuple[Stamps, Templates | str]] = {}

    def own(self, store: Store) -> Path | None:
        """The store's own folder, if it names one. Raises `BrokenTemplateError` where that is not there."""
        if store.templates is None:
            return None
        if self._folder is None or not (own := self._folder / store.templates).is_dir():
            raise BrokenTemplateError(f"there is no folder {store.templates}")
        return own

    def of(self, store: Store) -> Templates:
        """The store's own, or those that ship. Raises `BrokenTemplateError` while its own can't be used."""
        return self._of(self.own(store), self._kept(store.store_id))

    def of_files(self, store: Store) -> Templates:
        """Those of its own files, or those that ship, without what it has said by the API. Raises as `of`."""
        return self._of(self.own(store))

    def _of(self, *own: Path | None) -> Templates:
        folders = tuple(one for one in own if one is not None)
        if not folders:
            return self.shipped
        stamps = _stamps(folders)
        known = self._loaded.get(folders)
        if known is None or known[0] != stamps:
            if len(self._loaded) >= REMEMBERED:
                self._loaded.clear()
            known = self._loaded[folders] = (stamps, _load(folders))
        if isinstance(known[1], str):
            raise BrokenTemplateError(known[1])
        return known[1]

    def or_shipped(self, store: Store) -> Templates:
        """The store's own where they can be used, else those that ship."""
        try:
            return self.of(store)
        except BrokenTemplateError:
            return self.shipped


def _load(own: Sequence[Path]) -> Templates | str:
    """What folders hold, tried out; else what is wrong with it."""
    try:
        templates = Templates(*own)
        templates.check()
    except BrokenTemplateError as error:
        log.error("templates.broken", folder=own[0].name, error=str(error))  # noqa: TRY400 - the error says it all
        return str(error)
    return templates


def _stamps(own: Sequence[Path]) -> Stamps:
    files = ((path, path.stat()) for folder in own for path in folder.rglob("*") if path.is_file())
    return frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files)


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Writes files into a folder, by their paths in it."""
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
