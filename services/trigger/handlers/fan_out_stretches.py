"""Pages of one fan-out over two connections: while the database writes one, the next is read and decided on.

Each page is a transaction of its own and ends after that of the page before it, so the place moves page by page
(decisions/fan-out-pages.md).
"""

import asyncio
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import AsyncExitStack
from datetime import datetime

import structlog

from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.postgres.pool import Connection, Pool
from services.trigger.db import fan_outs
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.fan_outs import FanOut
from services.trigger.handlers.fan_outs import OvertakenError, Page, tell_page, tell_page_or_fail

log = structlog.get_logger(__name__)

PAGES = 32
"""So many at most for one claim, as long as no other fan-out waits; erasures come between any two."""
ACQUIRE_S = 5.0


class _Page(Page):
    """A page on its way; the first one has none `before` it."""

    def __init__(self, since: datetime | None = None, before: "_Page | None" = None) -> None:
        self.since, self._before = since, before
        self.onward: asyncio.Future[FanOut | None] = asyncio.get_running_loop().create_future()
        """The fan-out as the next page begins; None where that is somebody else's or there is none."""
        self.people: AbstractSet[str] = frozenset()
        self.written, self.alone = False, True
        self.task: asyncio.Task[int | None]

    async def wait_for_same(self, people: AbstractSet[str]) -> bool:
        if self._before is None or self._before.written or self._before.people.isdisjoint(people):
            return False
        await self._until_written()
        return True

    def decided(self, onward: FanOut | None, people: AbstractSet[str]) -> None:
        self.people = people
        self.onward.set_result(onward if self.alone else None)

    async def begin_to_write(self, connection: Connection, fan_out: FanOut) -> None:
        if self._before is None:
            return
        await self._until_written()
        assert self.since is not None, "all but the first page know when the fan-out was claimed"
        if not await fan_outs.go_on(connection, fan_out, self.since):
            raise OvertakenError

    async def _until_written(self) -> None:
        assert self._before is not None
        await asyncio.wait({self._before.task})
        if not self._before.written:
            raise OvertakenError


async def tell_pages(pool: Pool, campaigns: CampaignsOf, told: Callable[[int], None]) -> bool:
    """Tells up to `PAGES` pages of one fan-out's holders; returns whether there was one.

    `told` hears after each how many reminders were asked for.
    """
    async with AsyncExitStack() as held:
        lanes = [await held.enter_async_context(pool.acquire(timeout=ACQUIRE_S))]
        pages = [_Page()]
        pages[0].task = asyncio.create_task(_first(lanes[0], campaigns, pages[0], told))
        try:
            while (fan_out := await pages[-1].onward) is not None and len(pages) < PAGES:
                if len(lanes) == 1:
                    lanes.append(await held.enter_async_context(pool.acquire(timeout=ACQUIRE_S)))
                if len(pages) > 1:
                    await pages[-2].task  # its connection is free again
                page = _Page(pages[-1].since, pages[-1])
                lane = lanes[len(pages) % 2]
                page.task = asyncio.create_task(_next(lane, campaigns, page, fan_out, told))
                pages.append(page)
            outcomes = [await page.task for page in pages]
            return outcomes[0] is not None
        except asyncio.CancelledError:
            for page in pages:
                page.task.cancel()
            raise
        finally:  # what is behind a page that has failed ends by itself
            await asyncio.gather(*(page.task for page in pages), return_exceptions=True)


async def _first(
    connection: Connection, campaigns: CampaignsOf, page: _Page, told: Callable[[int], None]
) -> int | None:
    try:
        async with connection.transaction():
            await erasure.hold(connection, alone=False)
            claimed = await fan_outs.claim_fan_out(connection)
            if claimed is None:
                return None
            page.since, page.alone = claimed.now, not await fan_outs.others_open(connection, claimed)
            asked = await tell_page_or_fail(connection, claimed, campaigns(claimed.store_id), page)
        page.written = True
    finally:
        _end(page)
    told(asked)
    return asked


async def _next(
    connection: Connection, campaigns: CampaignsOf, page: _Page, fan_out: FanOut, told: Callable[[int], None]
) -> int:
    try:
        async with connection.transaction():
            await erasure.hold(connection, alone=False)
            now, others = await fan_outs.look_again(connection, fan_out)
            page.alone = not others
            asked = await tell_page(connection, now, campaigns(now.store_id), page)
        page.written = True
    except OvertakenError:
        return 0
    except OUTSIDE:
        raise
    except Exception:
        log.exception("fan_out.page_failed", crossing_id=str(fan_out.crossing_id))
        return 0  # whoever claims it next begins with this page, and ends it if it fails again
    finally:
        _end(page)
    told(asked)
    return asked


def _end(page: _Page) -> None:
    if not page.onward.done():
        page.onward.set_result(None)
