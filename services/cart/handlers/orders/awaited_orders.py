"""What comes to a customer after it was bought: a guest's cart at log-in, an add that an offline device had queued.

An order remembers what it bought that no cart knew. What comes later and was there before the order is that.
"""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from libs.outbox.store import append
from libs.postgres.pool import Connection
from services.cart.db import carts, reservations
from services.cart.db.orders import orders
from services.cart.db.orders.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Context
from services.cart.domain.commands import AddLine
from services.cart.domain.orders.place import take_from_cart
from services.cart.domain.orders.remainder import bought_before
from services.cart.domain.shopper import Shopper

BOUGHT_LATELY = timedelta(hours=24)
"""So long after an order a log-in may still bring the cart that it was made from."""


async def not_bought(connection: Connection, guest: Cart, customer_id: str, context: Context) -> Cart | None:
    """What of a guest's cart, which a log-in is about to bring to this customer, the customer has not just bought.

    The rest is closed by its order. The cart is held; None where nothing is left of it.
    """
    since = context.now - BOUGHT_LATELY
    for order in await orders.lock_awaiting(connection, guest.store_id, customer_id, since):
        taken = bought_before(order.awaited, order.placed_at, guest.lines)
        if not taken:
            continue
        change, following = take_from_cart(guest, taken, order.order_id, context)
        await carts.save(connection, change.cart, order_id=order.order_id)
        await reservations.ordered(connection, {guest.cart_id: change.cart.holds()})
        for taking_over in following:
            await carts.insert_after(connection, taking_over.cart, taking_over.follows)
        await append(connection, [change.event, *(e for cart in following for e in cart.events)], SOURCE)
        ended = replace(
            order,
            closed_carts=(*order.closed_carts, guest.cart_id),
            next_carts=(*order.next_carts, *(cart.cart.cart_id for cart in following)),
        )
        await orders.update(connection, _found(ended, change.cart.holds()))
        if not following:
            return None
        guest = following[0].cart
    return guest


async def still_to_add(connection: Connection, shopper: Shopper, command: AddLine, made_on: UUID) -> AddLine | None:
    """What of an add, made on a cart that is not the shopper's any more, its order has not bought; None: all of it was.

    What was bought is not awaited any more: the transaction has to end with what becomes of the command.
    """
    order = await orders.lock_of_cart(connection, shopper, made_on)
    bought = min(command.quantity, order.awaited.get(command.sku, 0)) if order else 0
    if order is None or not bought:
        return command
    await orders.update(connection, _found(order, {command.sku: bought}))
    left = command.quantity - bought
    return command.model_copy(update={"quantity": left}) if left else None


def _found(order: StoredOrder, units: dict[str, int]) -> StoredOrder:
    awaited = {sku: count - units.get(sku, 0) for sku, count in order.awaited.items() if count > units.get(sku, 0)}
    return replace(order, awaited=awaited)
