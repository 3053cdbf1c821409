"""Watches that end or go over to somebody because of something else: an order, a log-in, an erasure."""

from collections.abc import Collection, Sequence

from libs.contracts.events import OrderPlaced
from libs.outbox.store import append
from libs.postgres.pool import Connection
from services.cart.db import watches
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.orders.remainder import told_late
from services.cart.domain.shopper import Shopper
from services.cart.domain.watch import Watch, Why, take_over


async def end_ordered(connection: Connection, order: OrderPlaced, guests: Collection[str] = ()) -> None:
    """Whoever has ordered an item waits for it no more, unless they asked later; `guests` are recipients whose order it
    is where it names no customer. What goes over to a customer by the order has to be theirs before.
    """
    names = [*guests] if order.customer_id is None else [order.customer_id]
    if not names or not order.skus:
        return
    gone = await watches.clear_goods(connection, order.store_id, names, order.skus, told_late(order))
    await tell_cleared(connection, gone, "ordered", Context(order.occurred_at))


async def move_watches(connection: Connection, store_id: str, name: str, owner: str, context: Context) -> None:
    """What was waited for under one name is the owner's, under its id: nobody is told twice of one watch."""
    for one in sorted((name, owner)):
        await watches.lock(connection, store_id, one)
    theirs = await watches.of(connection, store_id, [name])
    if not theirs:
        return
    done = take_over(theirs, await watches.of(connection, store_id, [owner]), owner)
    moved = await watches.move(connection, done.moved, owner)
    await watches.clear(connection, store_id, name, [one.watch_id for one in done.ended])
    await append(connection, [one.set_event(context) for one in moved], SOURCE)
    await tell_cleared(connection, done.ended, "watched_already", context)


async def forget_watches(connection: Connection, store_id: str, names: Sequence[str], context: Context) -> int:
    """Ends all watches of people who are forgotten; how many."""
    gone = await watches.clear_all(connection, store_id, names)
    await tell_cleared(connection, gone, "erased", context)
    return len(gone)


async def tell_cleared(connection: Connection, gone: Sequence[Watch], reason: Why, context: Context) -> None:
    """Tells the others of watches that are over."""
    await append(connection, [one.cleared_event(reason, context) for one in gone], SOURCE)


async def lock_guest(connection: Connection, store_id: str, token_hash: bytes) -> None:
    """Nobody else sets or takes over what the bearer of a guest's token waits for meanwhile."""
    await watches.lock(connection, store_id, Shopper(store_id, token_hash=token_hash).caller)


async def recipient_of(connection: Connection, store_id: str, token_hash: bytes) -> str | None:
    """Under which id the bearer of a guest's token waits for something, if they do."""
    theirs = await watches.of_guest(connection, store_id, token_hash)
    return theirs[0].customer_id if theirs else None
