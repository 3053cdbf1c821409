"""The templates of every store: loaded when they are first needed, and again when a file of theirs has changed."""

from pathlib import Path

import structlog

from services.notifier.domain.store import Store
from services.notifier.rendering.templates import BrokenTemplateError, Templates

log = structlog.get_logger(__name__)

Stamps = frozenset[tuple[str, int, int]]
"""Of the files of a folder: name, time of the last change (ns), size (bytes)."""


class StoreTemplates:
    """Templates by store; `folder` holds those of the stores, each in a folder that the store names."""

    def __init__(self, folder: Path | None = None) -> None:
        self.shipped = Templates()
        self.shipped.check()
        self._folder = folder
        self._loaded: dict[str, tuple[Stamps, Templates | str]] = {}

    def of(self, store: Store) -> Templates:
        """The store's own, or those that ship. Raises `BrokenTemplateError` while its own can't be used."""
        if store.templates is None:
            return self.shipped
        if self._folder is None or not (own := self._folder / store.templates).is_dir():
            raise BrokenTemplateError(f"there is no folder {store.templates}")
        stamps = _stamps(own)
        known = self._loaded.get(store.templates)
        if known is None or known[0] != stamps:
            known = self._loaded[store.templates] = (stamps, _load(own))
        if isinstance(known[1], str):
            raise BrokenTemplateError(known[1])
        return known[1]

    def or_shipped(self, store: Store) -> Templates:
        """The store's own where they can be used, else those that ship."""
        try:
            return self.of(store)
        except BrokenTemplateError:
            return self.shipped


def _load(own: Path) -> Templates | str:
    """What a folder holds, tried out; else what is wrong with it."""
    try:
        templates = Templates(own)
        templates.check()
    except BrokenTemplateError as error:
        log.error("templates.broken", folder=own.name, error=str(error))  # noqa: TRY400 - the error says it all
        return str(error)
    return templates


def _stamps(own: Path) -> Stamps:
    files = ((path, path.stat()) for path in own.rglob("*") if path.is_file())
    return frozenset((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files)
