"""What an order took that came to nothing is in its customer's cart again, in the transaction that tells of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from libs.outbox.store import append
from libs.postgres.pool import Connection
from services.cart.db import carts, identities, reservations
from services.cart.db.orders import order_carts, orders
from services.cart.db.orders.order_carts import OwnedCart
from services.cart.db.orders.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Change, Context, no_cart_yet
from services.cart.domain.limits import WIDEST
from services.cart.domain.orders.fulfilment import Update, standing_of
from services.cart.domain.orders.place import silence
from services.cart.domain.orders.reopen import Returned, bring_back, still_awaited, still_held, what_returns
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
    """Gives back what the update says, once; the order with that, and the carts."""
    records = await records_of(connection, order)
    bought = order.units or _units_of(records.values())
    closed = [one.cart for one in records.values()]
    returns = what_returns(closed, bought, standing_of(bought, before), update, order.given_back)
    if not returns:
        return order, []
    into = await _bring_back(connection, order, [(one, records[one.record.cart_id]) for one in returns], terms, context)
    given = Counter(order.given_back)
    for one in returns:
        given.update(one.units())
    reopened = tuple(dict.fromkeys((*order.reopened, *into)))
    order = replace(order, given_back=dict(given), reopened=reopened)
    await orders.update(connection, order)
    return order, into


async def let_go(
    connection: Connection, order: StoredOrder, facts: Sequence[Update]
) -> tuple[StoredOrder, Sequence[str]]:
    """Nothing is held back, or awaited, any more of what is gone from an order or in a cart again; the order with that,
    and the skus of which something was held.
    """
    held = _units_of((await records_of(connection, order)).values())
    standing = standing_of(order.units or held, facts)
    freed = await reservations.keep(connection, order.closed_carts, still_held(held, standing, order.given_back))
    if (awaited := still_awaited(order.awaited, standing)) != order.awaited:
        order = replace(order, awaited=awaited)
        await orders.update(connection, order)
    return order, freed


async def end_reminders(connection: Connection, order: StoredOrder, context: Context) -> None:
    """What was given back was bought after all, for it is on its way: nobody is reminded of it."""
    owners = [await owner_of(connection, order, one) for one in (await records_of(connection, order)).values()]
    customers = {owner.customer_id for owner in owners if owner.customer_id is not None}
    tokens = {owner.token_hash for owner in owners if owner.token_hash is not None}
    held = await order_carts.lock(connection, order.store_id, customers, tokens, [])
    changes = [silence(one.cart, order.order_id, context) for one in held]
    await order_carts.silence(connection, [change.cart.cart_id for change in changes], context.now)
    await append(connection, [change.event for change in changes], SOURCE)


async def records_of(connection: Connection, order: StoredOrder) -> dict[UUID, OwnedCart]:
    """The carts that the order closed, those of them that are kept still."""
    found = [await order_carts.read(connection, order.store_id, cart_id) for cart_id in order.closed_carts]
    return {one.cart.cart_id: one for one in found if one is not None}


def _units_of(records: Iterable[OwnedCart]) -> dict[str, int]:
    units = Counter[str]()
    for one in records:
        units.update(one.cart.holds())
    return dict(units)


async def _bring_back(
    connection: Connection,
    order: StoredOrder,
    returns: Sequence[tuple[Returned, OwnedCart]],
    terms: Terms,
    context: Context,
) -> list[UUID]:
    owners = [await owner_of(connection, order, owned) for _, owned in returns]
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


async def owner_of(connection: Connection, order: StoredOrder, owned: OwnedCart) -> Shopper:
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
        await reservations.fit(connection, change.cart.cart_id, change.cart.holds())
    return change
