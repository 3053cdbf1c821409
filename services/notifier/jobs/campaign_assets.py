"""Tells of what stores' campaigns may name where it was never told, or where files say something else than before."""

from collections.abc import Mapping

from libs.outbox.waker import Waker
from libs.postgres.errors import FAILURES
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from libs.runtime.run_every import run_every
from services.notifier.db import campaign_assets
from services.notifier.domain.campaign_assets import Said
from services.notifier.domain.store import Store
from services.notifier.handlers.campaign_assets import assets_of, said_by_files, tell_assets
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.rendering.templates import BrokenTemplateError

INTERVAL_S = 10.0


class AssetsJob:
    """Looks at all stores at the start and each interval; reads alone, where all has been told."""

    def __init__(
        self, pool: Pool, stores: Mapping[str, Store], templates: StoreTemplates, waker: Waker, clock: Clock
    ) -> None:
        self._pool, self._stores, self._templates = pool, stores, templates
        self._waker, self._clock = waker, clock

    async def run(self) -> None:
        """Looks until cancelled; an outage is waited out."""
        await run_every(INTERVAL_S, self.round, "campaign_assets.failed", FAILURES)

    async def round(self) -> list[str]:
        """One look; returns the stores of which it told."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            told, pools = await campaign_assets.told(connection), await campaign_assets.pools(connection)
        stale = []
        for store_id, store in self._stores.items():
            if not store.closed and told.get(store_id) != assets_of(self._said(store), {}, pools.get(store_id, ())):
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                    if await tell_assets(connection, store_id, said_by_files(self._templates, store), self._clock()):
                        stale.append(store_id)
        if stale:
            self._waker.touch()
        return stale

    def _said(self, store: Store) -> Said | None:
        """All that this process knows of the store's, also what was said by the API: read again where it differs."""
        try:
            return self._templates.of(store).said
        except BrokenTemplateError:
            return None
