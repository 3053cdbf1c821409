"""Which carts an order has to do with: those that it may take from, and those of which nobody is reminded any more."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.postgres.pool import Connection
from services.cart.db import carts, merges, reservations
from services.cart.db.orders import order_carts
from services.cart.db.orders.order_carts import OwnedCart
from services.cart.domain.cart import Cart
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.mismatches import Mismatch
from services.cart.domain.orders.place import Placed
from services.cart.domain.shopper import Shopper
from services.cart.handlers.transaction import ATTEMPTS, busy
from services.cart.handlers.views import forget_ordered

MERGES_FOLLOWED = 5
SHARING = 500
"""Accounts with one address: more are no person's."""


@dataclass(frozen=True, slots=True)
class OrderCarts:
    """The active carts that an order has to do with, held: the first of `takes_from` is the one that it names.

    `order` names no cart that is somebody else's. `merged` is the cart that it names, as it was closed, where its goods
    have gone into another.
    """

    order: PlaceOrder
    takes_from: Sequence[Cart]
    others: Sequence[Cart]
    merged: Cart | None
    mismatches: tuple[Mismatch, ...]


async def hold(
    connection: Connection,
    store_id: str,
    order: PlaceOrder,
    token_hash: bytes | None,
    *,
    again: bool = False,
    owners: Sequence[Shopper] = (),
) -> OrderCarts:
    """Finds and holds the carts of an order. Raises `Refusal` busy where the named one never stands still.

    `again`: what the customer had was taken when the order was told first; only what it names may be new. `owners` are
    known to have ordered, whatever the order says.
    """
    customers = {one.customer_id for one in owners if one.customer_id} | {order.customer_id or ""} - {""}
    guests = {one.token_hash for one in owners if one.token_hash} | {token_hash or b""} - {b""}
    for _ in range(ATTEMPTS):
        named = await _follow(connection, store_id, order.cart_id)
        gone_to = await _gone_to(connection, store_id, order, token_hash)
        whose = _owners(order, named, gone_to) | customers
        sharing = await order_carts.sharing_contact(connection, store_id, whose, SHARING) if whose else set[str]()
        own = _own(order, named)
        tokens = guests | ({own.token_hash} if own and own.token_hash else set[bytes]())
        ids = [one.cart.cart_id for one in (own, gone_to) if one]
        held = await order_carts.lock(connection, store_id, whose | sharing, tokens, ids)
        # another order may have closed it, and begun the next one, while this one waited for it
        if await _follow(connection, store_id, order.cart_id) == named:
            brought = [
                one for one in held if one.cart.cart_id in ids or _is_of(one, set() if again else customers, guests)
            ]
            return _sorted(order, named, own, brought, held)
    raise busy()


@dataclass(frozen=True, slots=True)
class Named:
    """The cart that an order names, or the one into which its goods have gone (then `merged` is what it names)."""

    now: OwnedCart
    merged: Cart | None


async def _follow(connection: Connection, store_id: str, cart_id: UUID | None) -> Named | None:
    found = await order_carts.read(connection, store_id, cart_id) if cart_id else None
    if found is None:
        return None
    named = found.cart
    for _ in range(MERGES_FOLLOWED):
        if found.merged_into is None:
            break
        found = await order_carts.read(connection, store_id, found.merged_into) or found
    return Named(found, None if found.cart is named else named)


async def follow_all(connection: Connection, store_id: str, cart_ids: Iterable[UUID]) -> set[UUID]:
    """These carts, and those into which their goods have gone since."""
    followed = [await _follow(connection, store_id, cart_id) for cart_id in cart_ids]
    return {*cart_ids, *(one.now.cart.cart_id for one in followed if one)}


async def save(connection: Connection, placed: Placed, order_id: str) -> list[str]:
    """Writes the carts that an order closes and those that follow them, and that nobody looked at its goods; gives
    the skus of which the carts held something.
    """
    for change in placed.closed:
        await carts.save(connection, change.cart, order_id=order_id)
    for following in placed.following:
        await carts.insert_after(connection, following.cart, following.follows)
    for since in {change.cart.silent_since for change in placed.silenced if change.cart.silent_since}:
        await order_carts.silence(connection, [change.cart.cart_id for change in placed.silenced], since)
    await forget_ordered(connection, placed.order)
    return await reservations.ordered(connection, {one.cart.cart_id: one.cart.holds() for one in placed.closed})


async def _gone_to(
    connection: Connection, store_id: str, order: PlaceOrder, token_hash: bytes | None
) -> OwnedCart | None:
    """Where a log-in has brought the goods of the guest's token, unless that is somebody else's by now."""
    cart_id = await merges.into_of_guest(connection, token_hash) if token_hash else None
    found = await order_carts.read(connection, store_id, cart_id) if cart_id else None
    return found if found and not _is_somebody_elses(order, found) else None


def _is_somebody_elses(order: PlaceOrder, cart: OwnedCart) -> bool:
    return order.customer_id is not None and cart.cart.customer_id not in (None, order.customer_id)


def _own(order: PlaceOrder, named: Named | None) -> OwnedCart | None:
    """The named cart, unless it is somebody else's than the order says."""
    return named.now if named and not _is_somebody_elses(order, named.now) else None


def _owners(order: PlaceOrder, named: Named | None, gone_to: OwnedCart | None) -> set[str]:
    carts = [one.cart.customer_id for one in (_own(order, named), gone_to) if one]
    return {customer_id for customer_id in (order.customer_id, *carts) if customer_id is not None}


def _is_of(cart: OwnedCart, customers: Collection[str], guests: Collection[bytes]) -> bool:
    return cart.cart.customer_id in customers or cart.token_hash in guests


def _sorted(
    order: PlaceOrder,
    named: Named | None,
    own: OwnedCart | None,
    brought: Sequence[OwnedCart],
    held: Sequence[OwnedCart],
) -> OrderCarts:
    takes_from = list(brought) if _may_take(order, named) else []
    takes_from.sort(key=lambda one: (own is None or one.cart.cart_id != own.cart.cart_id, one.cart.cart_id))
    others = [one.cart for one in held if one not in takes_from]
    mismatches = _mismatches(order, named)
    if named is not None and own is None:
        order = order.model_copy(update={"cart_id": None, "cart_version": None})
    merged = named.merged if named and own else None
    return OrderCarts(order, [one.cart for one in takes_from], others, merged, mismatches)


def _may_take(order: PlaceOrder, named: Named | None) -> bool:
    """Nothing where another order has ended its cart; by its lines alone where its cart is not there to be ordered."""
    if named is None or named.now.order_id == order.order_id:
        return True
    if named.now.cart.status == "active" and not _is_somebody_elses(order, named.now):
        return True
    return named.now.cart.status != "ordered" and bool(order.lines) and not order.whole_cart


def _mismatches(order: PlaceOrder, named: Named | None) -> tuple[Mismatch, ...]:
    if named is None or order.cart_id is None:
        return ()
    if _is_somebody_elses(order, named.now):
        return (Mismatch(order.cart_id, "customer", None, None),)
    before = named.now.order_id
    if before is None or before == order.order_id:
        return ()
    return (Mismatch(order.cart_id, "already_ordered", before, order.order_id),)
