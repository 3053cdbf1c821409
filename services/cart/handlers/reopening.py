"""What an order took that came to nothing is in its customer's cart again, in the transaction that tells of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from libs.outbox.store import append
from libs.postgres.pool import Connection
from services.cart.db import carts, identities, order_carts, orders, reservations
from services.cart.db.order_carts import OwnedCart
from services.cart.db.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Change, Context, no_cart_yet
from services.cart.domain.limits import WIDEST
from services.cart.domain.orders.fulfilment import Update, standing_of
from services.cart.domain.orders.place import silence
from services.cart.domain.orders.reopen import Returned, bring_back, what_returns
from services.cart.domain.shopper import Shopper
from services.cart.handlers.merges import Terms

TermsOf = Callable[[str], Terms]
"""How a store merges carts, and what one may hold."""


def plainest(_store_id: str) -> Terms:
    """Of a store that says nothing."""
    return Terms("max", WIDEST)


async def reopen(
    connection: Connection,
    order: StoredOrder,
    before: Sequence[Update],
    update: Update,
    terms: Terms,
    context: Context,
) -> tuple[StoredOrder, list[UUID]]:
    """Gives back what the update says, once, and lets go what was held of it; the order with that, and the carts."""
    closed = [await order_carts.read(connection, order.store_id, cart_id) for cart_id in order.closed_carts]
    records = {one.cart.cart_id: one for one in closed if one is not None}
    standing = standing_of(order.units, before)
    bought = [one.cart for one in records.values()]
    returns = what_returns(bought, order.units, standing, update, order.given_back)
    if not returns:
        return order, []
    released = [(one.record.cart_id, sku, units) for one in returns for sku, units in one.units().items()]
    await reservations.give_up(connection, released)
    into = await _bring_back(connection, order, [(one, records[one.record.cart_id]) for one in returns], terms, context)
    given = dict(order.given_back)
    for _, sku, units in released:
        given[sku] = given.get(sku, 0) + units
    order = replace(order, given_back=given, awaited={})
    await orders.update(connection, order)
    return order, into


async def end_reminders(connection: Connection, order: StoredOrder, context: Context) -> None:
    """What was given back was bought after all, for it is on its way: nobody is reminded of it."""
    closed = [await order_carts.read(connection, order.store_id, cart_id) for cart_id in order.closed_carts]
    owners = [await _owner(connection, order, one) for one in closed if one is not None]
    customers = {owner.customer_id for owner in owners if owner.customer_id is not None}
    tokens = {owner.token_hash for owner in owners if owner.token_hash is not None}
    held = await order_carts.lock(connection, order.store_id, customers, tokens, [])
    changes = [silence(one.cart, order.order_id, context) for one in held]
    await order_carts.silence(connection, [change.cart.cart_id for change in changes], context.now)
    await append(connection, [change.event for change in changes], SOURCE)


async def _bring_back(
    connection: Connection,
    order: StoredOrder,
    returns: Sequence[tuple[Returned, OwnedCart]],
    terms: Terms,
    context: Context,
) -> list[UUID]:
    owners = [await _owner(connection, order, owned) for _, owned in returns]
    customers = {owner.customer_id for owner in owners if owner.customer_id is not None}
    tokens = {owner.token_hash for owner in owners if owner.token_hash is not None}
    held = await order_carts.lock(connection, order.store_id, customers, tokens, [])
    now = {Shopper(order.store_id, one.cart.customer_id, one.token_hash): one.cart for one in held}
    changes = list[Change]()
    for (returned, _), owner in zip(returns, owners, strict=True):
        own = now.get(owner) or no_cart_yet(order.store_id, owner.customer_id, context)
        change = await _save_with(connection, own, returned, owner, order.order_id, terms, context)
        if change is not None:
            now[owner] = change.cart
            changes.append(change)
    await append(connection, [change.event for change in changes], SOURCE)
    return list(dict.fromkeys(change.cart.cart_id for change in changes))


async def _owner(connection: Connection, order: StoredOrder, owned: OwnedCart) -> Shopper:
    """Who ordered, where that is known: a guest who signed up in the checkout has the token no more."""
    customer_id = order.customer_id or owned.cart.customer_id
    if customer_id is None:
        return Shopper(order.store_id, token_hash=owned.token_hash)
    return Shopper(order.store_id, await identities.resolve(connection, order.store_id, customer_id))


async def _save_with(
    connection: Connection,
    own: Cart,
    returned: Returned,
    owner: Shopper,
    order_id: str,
    terms: Terms,
    context: Context,
) -> Change | None:
    skus = list(returned.units())
    stock = await reservations.free(connection, own.store_id, skus, [own.cart_id, returned.record.cart_id])
    change = bring_back(own, returned, terms.mode, stock, order_id, context, terms.limits)
    if change is not None and own.version == 0:
        await carts.insert(connection, change.cart, owner)
    elif change is not None:
        await carts.save(connection, change.cart)
    return change
