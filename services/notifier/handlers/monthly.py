"""Somebody would like to have a product every month: asked to confirm it, and then told to the shop. The caller has the
transaction.
"""

from datetime import datetime

from libs.contracts.events import SubscriptionRequested
from libs.outbox import store as outbox
from libs.postgres.pool import Connection
from libs.runtime.ids import uuid7
from services.notifier.db import deliveries, monthly_wishes
from services.notifier.db.monthly_wishes import Question
from services.notifier.domain.confirmation import may_ask
from services.notifier.domain.kinds.monthly_confirmation import asks_for_yes
from services.notifier.handlers.source import SOURCE


async def wish(connection: Connection, of: Question, sku: str, wording: str, now: datetime) -> bool:
    """Writes the wish down, and asks for its yes, again once at most; False where it has one."""
    known, asked = await monthly_wishes.add(connection, of, sku, wording, now), 1
    if known is not None:
        if known.confirmed or not may_ask(known.asked_at, known.asked, now):
            return not known.confirmed
        await monthly_wishes.ask_again(connection, of, sku, wording, now)
        asked = known.asked + 1
    asking = asks_for_yes((of.store_id, of.customer_id, of.order_id), sku, asked, now)
    await deliveries.add(connection, [asking])
    await deliveries.wake(connection)
    return True


async def confirm(connection: Connection, of: Question, wording: str, now: datetime) -> bool:
    """Takes the yes, and tells the shop of it in the same transaction; False where it has one, or the wish is gone."""
    if of.sku is None or not await monthly_wishes.confirm(connection, of, wording, now):
        return False
    requested = SubscriptionRequested(
        event_id=uuid7(),
        occurred_at=now,
        store_id=of.store_id,
        customer_id=of.customer_id,
        sku=of.sku,
        order_id=of.order_id,
        every="month",
        wording=wording,
        confirmed_at=now,
    )
    await outbox.append(connection, [requested], SOURCE)
    return True
