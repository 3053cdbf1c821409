"""What a batch of events says of orders is written, in the caller's transaction."""

from collections.abc import Sequence

from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.trigger.db import orders
from services.trigger.domain.orders import CustomerOrder, OrderFact, OrderKey, fold, skus_of


async def apply_orders(connection: Connection, events: Sequence[OrderFact]) -> None:
    """Applies what was told of orders, in four statements; those of nobody, or who was erased, are passed over."""
    told = [event for event in events if event.customer_id]
    if not told:
        return
    erased = await erasure.among(connection, [(event.store_id, event.customer_id or "") for event in told])
    known = await orders.lock(connection, {(event.store_id, event.order_id) for event in told})
    changed: dict[OrderKey, CustomerOrder] = {}
    for event in told:
        gone = erased.get((event.store_id, event.customer_id or ""))
        if gone is not None and event.occurred_at <= gone.until:
            continue
        key = (event.store_id, event.order_id)
        before = known.get(key)
        after = fold(before, event)
        if after is not None and after is not before:
            known[key] = changed[key] = after
    if changed:
        await orders.save(connection, changed.values())
    if bought := {(event.store_id, event.order_id): skus for event in told if (skus := skus_of(event))}:
        await orders.save_skus(connection, bought)
