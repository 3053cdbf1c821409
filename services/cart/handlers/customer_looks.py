"""The last look at a customer: everything that a message which is about no cart must still be true to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic_core import to_json

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.cart.db import carts, customer_looks, identities
from services.cart.db.orders import order_events, orders
from services.cart.domain.cart_json import CartView, dump_lines, empty_view
from services.cart.domain.orders.fulfilment import followed_at, standing_of
from services.cart.domain.orders.remaining import remaining_lines
from services.cart.domain.tokens import RECOVERY_VALIDITY, Recovery
from services.cart.handlers.orders.fulfilment import facts_of


@dataclass(frozen=True, slots=True)
class CustomerLook:
    """A customer's active cart (an empty one where there is none, without `link`), levels, whether they may be written
    to (null without a profile), the order that was asked for (null if it is not theirs), the item if they wait for it,
    what they looked at of what was asked for, when they last ordered.
    """

    cart: CartView
    link: Recovery | None
    goods_version: int | None
    silent_since: datetime | None
    inventory: str
    recipient: str
    order: bytes
    watched: str
    viewed: str
    ordered_at: datetime | None
    as_of: datetime


async def look_at_customer(
    pool: Pool, store_id: str, customer_id: str, order_id: str | None, sku: str | None, viewed: Sequence[str]
) -> CustomerLook:
    """All of one snapshot. Whoever acts for another customer is shown as that one."""
    async with (
        pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        owner = await identities.resolve(connection, store_id, customer_id)
        row = await customer_looks.read(connection, store_id, owner, sku, viewed)
        order = await _order_json(connection, store_id, owner, order_id) if order_id else b"null"
    has_cart = row["cart_id"] is not None
    valid_until = row["as_of"] + RECOVERY_VALIDITY
    return CustomerLook(
        cart=carts.view_of(row) if has_cart else empty_view(store_id, owner),
        link=Recovery(row["cart_id"], valid_until, row["recovery_epoch"]) if has_cart else None,
        goods_version=row["goods_version"],
        silent_since=row["silent_since"],
        inventory=row["inventory"],
        recipient=row["recipient"] or "null",
        order=order,
        watched=row["watched"] or "null",
        viewed=row["viewed"],
        ordered_at=row["ordered_at"],
        as_of=row["as_of"],
    )


async def _order_json(connection: Connection, store_id: str, customer_id: str, order_id: str) -> bytes:
    """The `OrderNow` of the API; null where the customer has no such order."""
    order = await orders.read(connection, store_id, order_id)
    if order is None or order.customer_id != customer_id:
        return b"null"
    facts = facts_of(order, await order_events.read(connection, store_id, order_id))
    standing = standing_of(order.units, facts)
    known = await customer_looks.lines_of(connection, store_id, order.closed_carts)
    head = {
        "order_id": order.order_id,
        "status": standing.status,
        "placed_at": order.placed_at,
        "currency": order.currency,
        "total": order.total,
        "tracking_url": followed_at(facts),
    }
    return b'%s,"lines":%s}' % (to_json(head)[:-1], dump_lines(remaining_lines(standing.left, known)))
