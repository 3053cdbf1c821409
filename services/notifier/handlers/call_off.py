"""A message that waits is cancelled by somebody of the shop, before it begins to be sent; what comes later is, too.

Row and event are one commit. The consumer adds messages while it holds the lock of erasures beside others: alone with
it, either the message is there, or our note is seen by whoever adds it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from libs.contracts.events import MessageCancelled, ReminderRequested
from libs.erasure import store as erasure
from libs.outbox import store as outbox
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from libs.runtime.ids import uuid7
from services.notifier.db import called_off, coupons
from services.notifier.domain.reminder import State
from services.notifier.handlers.source import SOURCE
from services.notifier.metrics import DELIVERIES

CALLED_OFF: Final = "called_off"
"""Why a message is cancelled that somebody of the shop has cancelled."""


class Standing(NamedTuple):
    """How a message stands, and why: `awaited` is one that is cancelled when it comes."""

    state: State | Literal["awaited"]
    reason: str | None


async def call_off(pool: Pool, clock: Clock, store_id: str, reminder_id: UUID) -> Standing:
    """How the message stands after it: cancelled, noted for when it comes, or as it was where it is too late."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        async with connection.transaction():
            standing = await _cancelled(connection, clock, store_id, reminder_id)
        if standing is None or standing.state == "pending":  # it came between our two looks
            async with connection.transaction():
                await erasure.hold(connection, alone=True)
                standing = await _cancelled(connection, clock, store_id, reminder_id)
                if standing is None:
                    await called_off.note(connection, store_id, reminder_id)
                    return Standing("awaited", CALLED_OFF)
    return standing


async def cancel_awaited(
    connection: Connection, requests: Sequence[ReminderRequested], now: datetime
) -> list[MessageCancelled]:
    """Cancels those of the messages that were just added whose cancellation was noted before; tells nothing yet."""
    noted = await called_off.among(connection, [(r.store_id, r.reminder_id) for r in requests])
    rows: list[dict[str, Any]] = []
    for store_id in sorted({store for store, _ in noted}):
        ids = [reminder_id for store, reminder_id in noted if store == store_id]
        rows += await called_off.cancel(connection, store_id, ids, CALLED_OFF)
    return [_told(row, now) for row in rows]


async def _cancelled(connection: Connection, clock: Clock, store_id: str, reminder_id: UUID) -> Standing | None:
    """None where nothing was heard of it."""
    rows = await called_off.cancel(connection, store_id, [reminder_id], CALLED_OFF)
    if rows:
        await coupons.let_go(connection, [reminder_id])
        told = [_told(row, clock()) for row in rows]
        await outbox.append(connection, told, SOURCE)
        DELIVERIES.labels(told[0].channel, "cancelled", CALLED_OFF).inc()
    found = await called_off.state(connection, store_id, reminder_id)
    return None if found is None else Standing(*found)


def _told(row: dict[str, Any], now: datetime) -> MessageCancelled:
    return MessageCancelled(event_id=uuid7(), occurred_at=now, **row)
