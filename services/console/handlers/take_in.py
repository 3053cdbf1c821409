"""What events tell becomes rows: in any order, and however often, it comes to the same rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from libs.contracts.by_type import of_types
from libs.contracts.events import (
    CartEvent,
    ErasureRequested,
    Event,
    LevelCrossed,
    MessageEvent,
    OrderEvent,
    OrderPlaced,
    ReminderDecided,
    StoreClosed,
    StoreDescribed,
)
from libs.erasure import store as erasure
from libs.postgres.pool import Connection
from services.console.db import carts, orders, stock_levels, stores, touches
from services.console.domain.carts import by_cart
from services.console.domain.orders import fact
from services.console.domain.touches import by_reminder, first_decisions
from services.console.handlers.erasure import erase

Erased = Mapping[erasure.Person, erasure.Erased]


async def take_in(connection: Connection, events: Sequence[Event]) -> None:
    """A batch, in a transaction of the caller's: erasures first, and nothing of who was erased before them."""
    requests = of_types(events, ErasureRequested)
    await erasure.hold(connection, alone=bool(requests))
    for request in requests:
        await erase(connection, request)
    await _stores(connection, events)
    cart_events = of_types(events, CartEvent)
    order_events: list[OrderPlaced | OrderEvent] = of_types(events, OrderPlaced, OrderEvent)
    decisions, messages = of_types(events, ReminderDecided), of_types(events, MessageEvent)
    people = {(e.store_id, who) for e in cart_events if (who := e.recipient) is not None}
    people |= {(e.store_id, e.customer_id) for e in order_events if e.customer_id is not None}
    people |= {(e.store_id, e.customer_id) for e in decisions} | {(e.store_id, e.customer_id) for e in messages}
    erased = await erasure.among(connection, people)
    if erased:
        cart_events = [e for e in cart_events if not _past(erased, e.store_id, e.recipient, e.occurred_at)]
        order_events = [e for e in order_events if not _past(erased, e.store_id, e.customer_id, e.occurred_at)]
        decisions = [e for e in decisions if not _past(erased, e.store_id, e.customer_id, e.occurred_at)]
        messages = [e for e in messages if not _past(erased, e.store_id, e.customer_id, e.occurred_at)]
    await carts.keep(connection, by_cart(cart_events).values())
    await orders.keep(connection, map(fact, order_events))
    await touches.keep_decisions(connection, first_decisions(decisions))
    await touches.keep_told(connection, by_reminder(messages).values())
    await stock_levels.keep(connection, of_types(events, LevelCrossed))


async def _stores(connection: Connection, events: Sequence[Event]) -> None:
    told: list[StoreDescribed | StoreClosed] = of_types(events, StoreDescribed, StoreClosed)
    for event in told:
        if isinstance(event, StoreDescribed):
            await stores.keep(connection, event)
        else:
            await stores.close(connection, event)


def _past(erased: Erased, store_id: str, customer_id: str | None, at: datetime) -> bool:
    """Whether it is about somebody from before they were erased, however late it comes."""
    found = erased.get((store_id, customer_id)) if customer_id is not None else None
    return found is not None and at <= found.until
