"""Somebody would like to have products again and again: asked to confirm it, and then told to the shop. The caller has
the transaction.
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


async def wish(connection: Connection, of: Question, wording: str, now: datetime) -> bool:
    """Writes the wish for its `skus` down, and asks for its yes, again once at most; False where it has one."""
    known, asked = await monthly_wishes.add(connection, of, wording, now), 1
    if known is not None:
        if known.confirmed or not may_ask(known.asked_at, known.asked, now):
            return not known.confirmed
        await monthly_wishes.ask_again(connection, of, wording, now)
        asked = known.asked + 1
    asking = asks_for_yes((of.store_id, of.customer_id, of.order_id), of.skus, asked, now)
    await deliveries.add(connection, [asking])
    await deliveries.wake(connection)
    return True


async def confirm(connection: Connection, of: Question, wording: str, now: datetime) -> bool:
    """Takes the yes, and tells the shop of each product in the same transaction; False where it has one, or is gone."""
    if not await monthly_wishes.confirm(connection, of, wording, now):
        return False
    requested = [
        SubscriptionRequested(
            event_id=uuid7(),
            occurred_at=now,
            store_id=of.store_id,
            customer_id=of.customer_id,
            sku=sku,
            order_id=of.order_id,
            every=of.every,
            wording=wording,
            confirmed_at=now,
        )
        for sku in of.skus
    ]
    await outbox.append(connection, requested, SOURCE)
    return True
