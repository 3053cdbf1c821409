"""The records that the shop's own systems write, and an example of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from libs.contracts.topics import INVENTORY_FEED, ORDERS_FEED
from services.cart.feeds.inventory import Goods
from services.cart.feeds.records import Happened, Placed


@dataclass(frozen=True, slots=True)
class FeedRecord:
    """A kind of record: its `name`, its `model`, and one as a shop would write it."""

    name: str
    model: type[BaseModel]
    key: str
    example: Mapping[str, Any]


_PLACED = FeedRecord(
    "placed",
    Placed,
    "10042",
    {
        "type": "placed",
        "store_id": "lantern",
        "order_id": "10042",
        "occurred_at": "2026-03-14T15:09:26Z",
        "customer_id": "c-42",
        "currency": "EUR",
        "total": 5400,
        "lines": [{"sku": "LAMP-1", "quantity": 2, "price": 2700}],
    },
)
_HAPPENED = FeedRecord(
    "shipped, delivered, cancelled, payment_failed, returned",
    Happened,
    "10042",
    {
        "type": "returned",
        "store_id": "lantern",
        "order_id": "10042",
        "occurred_at": "2026-03-20T12:30:00+01:00",
        "lines": [{"sku": "LAMP-1", "quantity": 1}],
    },
)
_GOODS = FeedRecord(
    "level, price, or both",
    Goods,
    "LAMP-1",
    {
        "store_id": "lantern",
        "sku": "LAMP-1",
        "available": 12,
        "location": "warsaw",
        "price": 2700,
        "currency": "EUR",
        "sequence": 881,
    },
)

FEED_RECORDS: Mapping[str, tuple[FeedRecord, ...]] = MappingProxyType(
    {ORDERS_FEED.name: (_PLACED, _HAPPENED), INVENTORY_FEED.name: (_GOODS,)}
)
"""Topic without prefix → what may stand on it."""

_AT = "When it happened, by the shop's clock, with its zone."
_ITEM = "The item, by the shop's own number."
FEED_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "store_id": "The store.",
        "Placed.type": "That it was placed.",
        "Placed.order_id": "The order, by the shop's own number.",
        "Placed.occurred_at": _AT,
        "Placed.placed_at": "When it was ordered, where that is not `occurred_at`.",
        "Placed.customer_id": "Who ordered, if that is known.",
        "Placed.cart_id": "The cart that was ordered, if that is known.",
        "Placed.cart_version": "The version of that cart that was ordered.",
        "Placed.cart_token": "The guest's token of the device that ordered.",
        "Placed.currency": "Of the amounts: ISO 4217.",
        "Placed.total": "What the order costs, in minor units.",
        "Placed.lines": "What was ordered.",
        "Placed.partial": "Whether more of the cart may be ordered apart: fewer units than it holds are no mismatch.",
        "Placed.whole_cart": "Whether all of the cart is taken, whatever the lines are called.",
        "Placed.channel": "A word of the shop for where it was placed, such as `web`, `pos` or `subscription`.",
        "PlacedLine.sku": _ITEM,
        "PlacedLine.quantity": "Units that were ordered.",
        "PlacedLine.price": "What one costs, in minor units.",
        "PlacedLine.line_id": "The cart's line, if that is known.",
        "Happened.type": "What happened.",
        "Happened.order_id": "The order; it may come later.",
        "Happened.occurred_at": _AT,
        "Happened.sequence": "Tells facts of one type and instant apart.",
        "Happened.lines": "To what it happened; without any, to all of the order.",
        "Happened.reopen": "Whether what was cancelled is to be in the cart again.",
        "Happened.tracking_url": "Where what was shipped is followed: a URL of the web, without credentials.",
        "HappenedLine.sku": _ITEM,
        "HappenedLine.quantity": "Units to which it happened.",
        "Goods.sku": _ITEM,
        "Goods.available": "Units that can be sold.",
        "Goods.location": "Where they are; without it, wherever has no name.",
        "Goods.category": "Of the item, as the shop calls it.",
        "Goods.threshold": "So many or fewer are low; null takes it away.",
        "Goods.price": "What one costs, in minor units.",
        "Goods.currency": "Of the price: ISO 4217.",
        "Goods.options": "What was chosen, by name: with these the price is; without any, whatever was chosen.",
        "Goods.sequence": "Grows with every record of the item: an older one is dropped.",
    }
)
"""Model and field, or a field of all of them → what it says."""
