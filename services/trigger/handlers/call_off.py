"""A step of a cart that is ahead is cancelled by somebody of the shop: decided on at once, not to be sent.

The decision is the one that the timer would record, under the same id: whoever records it first has decided. The cart
is held, so that no timer looks at it meanwhile; where one had it, its decision is seen. A crash leaves all or nothing.
"""

from dataclasses import dataclass
from uuid import UUID

from libs.erasure import store as erasure
from libs.postgres.clock import database_now
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.trigger import metrics
from services.trigger.db.carts import lock_carts
from services.trigger.db.decisions import Recorded, recorded
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.call_off import call_off, step_ahead
from services.trigger.handlers.request_reminders import request_reminders


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What is to be cancelled: the reminder of a cart's step, as it is told ahead."""

    store_id: str
    cart_id: UUID
    reminder_id: UUID


async def cancel_ahead(pool: Pool, campaigns: CampaignsOf, what: Cancelling) -> Recorded | None:
    """What is decided on the reminder from now on, by this or before; None where the cart has no such step ahead."""
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        await erasure.hold(connection, alone=False)
        state = (await lock_carts(connection, [what.cart_id])).get(what.cart_id)
        if state is None or state.store_id != what.store_id:
            return None
        if known := await recorded(connection, what.store_id, [what.reminder_id]):
            return known[what.reminder_id]
        planned = step_ahead(state, campaigns(what.store_id), what.reminder_id)
        if planned is None:
            return None
        now = await database_now(connection)
        await request_reminders(connection, [call_off(state, planned)], now, campaigns)
        metrics.TIMERS.labels("called_off").inc()
        return (await recorded(connection, what.store_id, [what.reminder_id]))[what.reminder_id]


async def decided_early(connection: Connection, store_id: str, ahead: list[UUID]) -> dict[UUID, str]:
    """Why those of the reminders that are ahead are not sent that were decided on before they were due."""
    found = await recorded(connection, store_id, ahead) if ahead else {}
    return {reminder_id: one.reason for reminder_id, one in found.items()}
