"""What events and answers tell of an order, as it is on record."""

from collections.abc import Iterable
from typing import Any

from libs.contracts.events import OrderedLine
from services.cart.db.orders.orders import StoredOrder
from services.cart.domain.orders.fulfilment import Update, standing_of, total_of


def order_facts(order: StoredOrder, facts: Iterable[Update]) -> dict[str, Any]:
    """The fields of an event of an order that are the same for all of them, after these facts."""
    left = standing_of(order.units, facts).left
    lines = tuple(OrderedLine(sku=sku, units=units, price=order.prices.get(sku)) for sku, units in order.units.items())
    return {
        "order_id": order.order_id,
        "store_id": order.store_id,
        "customer_id": order.customer_id,
        "cart_id": order.cart_id or next(iter(order.closed_carts), None),
        "currency": order.currency,
        "total": total_of(order.total, order.units, left, order.prices),
        "lines": lines or None,
        "channel": order.channel,
        "placed_at": order.placed_at,
    }
