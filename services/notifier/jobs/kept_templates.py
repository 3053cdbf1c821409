"""The templates that stores have said by the API, as folders of files: new versions count within a second or two."""

import shutil
from collections import defaultdict
from pathlib import Path
from tempfile import mkdtemp

import structlog
from pydantic import ValidationError

from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.run_every import run_every
from services.notifier.db import template_versions
from services.notifier.db.template_versions import KeptTemplate
from services.notifier.domain.template_document import TemplateDocument, files_of
from services.notifier.rendering.store_templates import write_files

log = structlog.get_logger(__name__)

INTERVAL_S = 1.0


class KeptTemplates:
    """A folder for each store that has said any, written anew when it says more; `at` holds them all.

    The folder before stays as long as somebody may still read it: until the change after the next.
    """

    def __init__(self, pool: Pool, at: Path) -> None:
        self._pool, self._at = pool, at
        self._revision = 0
        self._documents: dict[str, dict[str, TemplateDocument]] = defaultdict(dict)
        self._folders: dict[str, Path] = {}
        self._past: dict[str, Path] = {}

    def folder(self, store_id: str) -> Path | None:
        """Where a store's are, None where it has none."""
        return self._folders.get(store_id)

    async def run(self) -> None:
        """Looks until cancelled; while the database is away, what is known holds."""
        await run_every(INTERVAL_S, self.refresh, "templates.stale", FAILURES, wait_first=True)

    async def refresh(self) -> None:
        """Reads what was said since. Raises what the database raises."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await template_versions.since(connection, self._revision)
        for kept in found:
            self._take(kept)
        for store_id in sorted({kept.store_id for kept in found}):
            self._write(store_id)
            log.info("templates.changed", store_id=store_id)
        self._revision = max((kept.revision for kept in found), default=self._revision)

    def _take(self, kept: KeptTemplate) -> None:
        if kept.document is None:
            self._documents[kept.store_id].pop(kept.name, None)
            return
        try:
            self._documents[kept.store_id][kept.name] = TemplateDocument.model_validate_json(kept.document)
        except ValidationError as error:  # a newer release has said it: what was known of it holds
            log.error("templates.unreadable", store_id=kept.store_id, name=kept.name, faults=error.error_count())  # noqa: TRY400

    def _write(self, store_id: str) -> None:
        if (past := self._past.pop(store_id, None)) is not None:
            shutil.rmtree(past, ignore_errors=True)
        if (before := self._folders.pop(store_id, None)) is not None:
            self._past[store_id] = before
        if self._documents[store_id]:
            folder = Path(mkdtemp(prefix=f"{store_id}-", dir=self._at))
            write_files(folder, files_of(self._documents[store_id]))
            self._folders[store_id] = folder
