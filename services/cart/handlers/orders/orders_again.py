"""An order that is told again: with more than was known of it, or placed anew after it came to nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic_core import from_json, to_json

from libs.contracts.events import OrderPlaced
from libs.outbox.store import append
from libs.postgres.pool import Connection
from services.cart.db.orders import order_events, orders
from services.cart.db.orders.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Context
from services.cart.domain.errors import Refusal
from services.cart.domain.orders.attempts import came_to_nothing_at, is_placed_anew
from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.fulfilment import standing_of
from services.cart.domain.orders.mismatches import Mismatch
from services.cart.domain.orders.place import Beside, Known, Placed, at_odds, place
from services.cart.handlers.ended_watches import end_ordered
from services.cart.handlers.orders import order_carts
from services.cart.handlers.orders.fulfilment import facts_of
from services.cart.handlers.orders.order_facts import order_facts
from services.cart.handlers.orders.reopening import owner_of, records_of

REMEMBERED = 50
"""Other payloads of one order that are known to be the same: more than systems that tell of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a call says of an order: under the name by which its customer's carts are kept, with the hash of the guest's
    token that came along and that of the whole payload.
    """

    order: PlaceOrder
    token_hash: bytes | None
    payload: bytes


async def over_and_placed_anew(connection: Connection, known: StoredOrder, order: PlaceOrder) -> datetime | None:
    """When the order had come to nothing, if it is placed anew now; else None."""
    entries = await order_events.read(connection, known.store_id, known.order_id)
    status = standing_of(known.units, facts_of(known, entries)).status
    over_at = came_to_nothing_at(status, facts_of(known, [one for one in entries if one.mismatch is None]))
    if over_at is None or order.cart_id is None:
        names_reopened = False
    else:
        names_reopened = order.cart_id in await order_carts.follow_all(connection, known.store_id, known.reopened)
    return over_at if is_placed_anew(over_at, order, names_reopened=names_reopened) else None


async def place_anew(
    connection: Connection, known: StoredOrder, told: Told, over_at: datetime, context: Context
) -> tuple[StoredOrder, Sequence[str]]:
    """Takes what is ordered at another try out of the carts of whoever had ordered, and tells it; gives the skus of
    which they held something.

    What it does not say is as it was before. Raises `Refusal` order-conflict where it is another customer's.
    """
    told = replace(told, order=_told_after(known, told.order, over_at))
    order = told.order
    if field := at_odds(Known(known.customer_id, None, None, {}), order):
        raise _conflict(field)
    owners = [await owner_of(connection, known, one) for one in (await records_of(connection, known)).values()]
    found = await order_carts.hold(connection, known.store_id, order, told.token_hash, owners=owners)
    wanted = None if order.lines else known.units or None
    beside = Beside(found.others, found.mismatches, wanted, told_before=True)
    placed = place(found.order, known.store_id, found.takes_from, context, found.merged, beside)
    held = await order_carts.save(connection, placed, order.order_id)
    await end_ordered(connection, placed.order)
    anew = _anew(known, told, placed, context)
    await orders.update(connection, anew)
    facts = {name: fact for name, fact in order_facts(anew, ()).items() if name != "cart_id"}
    again = placed.order.model_copy(update=facts | {"status": "placed"})
    await append(connection, [*placed.of_carts, again], SOURCE)
    return anew, held


async def learn(
    connection: Connection, known: StoredOrder, told: Told, context: Context
) -> tuple[StoredOrder, Sequence[str]]:
    """Takes in what somebody else tells of a known order, and gives the skus of which the carts that it names held
    something. What does not agree with its carts and was not known is told to others.

    Raises `Refusal` order-conflict where both name something and it is not the same.
    """
    order = told.order
    if field := at_odds(Known(known.customer_id, known.currency, known.total, known.units), order):
        raise _conflict(field)
    customer_id = order.customer_id or known.customer_id
    late = order.model_copy(update={"placed_at": known.placed_at, "customer_id": customer_id})
    again = known.customer_id is not None
    found = await order_carts.hold(connection, known.store_id, late, told.token_hash, again=again)
    settled = (*known.closed_carts, *known.next_carts, *known.reopened, *known.earlier_carts)
    fresh = [cart for cart in found.takes_from if cart.cart_id not in settled]
    records = [one.cart for one in (await records_of(connection, known)).values()]
    to_find = _to_find(known, order, records)
    beside = Beside(found.others, found.mismatches, to_find, records, took_all=not known.units, told_before=True)
    placed = place(found.order, known.store_id, fresh, context, found.merged, beside)
    held = await order_carts.save(connection, placed, order.order_id)
    await end_ordered(connection, placed.order)
    new = _not_known(known, placed.mismatches)
    learned = _learned(known, told, placed, new, to_find or {})
    await orders.update(connection, learned)
    tells = bool(new) or _knows_more(known, learned)
    told_again = [await _told_again(connection, learned, placed, new)] if tells else []
    await append(connection, [*placed.of_carts, *told_again], SOURCE)
    return learned, held


def _conflict(field: str) -> Refusal:
    return Refusal("order-conflict", f"This order_id came with another {field} before.", field=field)


def _told_after(known: StoredOrder, order: PlaceOrder, over_at: datetime) -> PlaceOrder:
    """The order as it is placed anew. A time from before it was over is that of the first try."""
    placed_at = order.placed_at if order.placed_at is not None and order.placed_at > over_at else None
    return order.model_copy(update={"placed_at": placed_at, "customer_id": order.customer_id or known.customer_id})


def _knows_more(known: StoredOrder, learned: StoredOrder) -> bool:
    """Whether there is more that readers of orders go by: whose, for how much, of what, from where."""

    def facts(order: StoredOrder) -> tuple[object, ...]:
        return order.customer_id, order.currency, order.total, order.units, order.channel, order.prices

    return facts(known) != facts(learned)


async def _told_again(
    connection: Connection, learned: StoredOrder, placed: Placed, new: Sequence[Mismatch]
) -> OrderPlaced:
    """Tells of what does not agree, with all that is known of the order by now."""
    entries = await order_events.read(connection, learned.store_id, learned.order_id)
    happened = facts_of(learned, entries)
    facts = order_facts(learned, happened)
    return placed.order.model_copy(
        update=facts
        | {
            "cart_id": placed.order.cart_id or facts["cart_id"],
            "skus": placed.order.skus or tuple(learned.units),
            "mismatches": tuple(one.told() for one in new) or None,
            "status": standing_of(learned.units, happened).status,
        }
    )


def _to_find(known: StoredOrder, order: PlaceOrder, records: Sequence[Cart]) -> Mapping[str, int] | None:
    """Units by sku that were in none of its carts; None of an order that takes all of a cart."""
    if known.units:
        return known.awaited
    if not order.lines:
        return None
    left = dict(order.units())
    for record in records:
        for sku, units in record.holds().items():
            left[sku] = max(left.get(sku, 0) - units, 0)
    return {sku: units for sku, units in left.items() if units}


def _not_known(known: StoredOrder, mismatches: Sequence[Mismatch]) -> list[Mismatch]:
    before = from_json(known.mismatches)
    return [one for one, shown in zip(mismatches, from_json(to_json(mismatches)), strict=True) if shown not in before]


def _learned(
    known: StoredOrder, told: Told, placed: Placed, new: Sequence[Mismatch], to_find: Mapping[str, int]
) -> StoredOrder:
    """What is known of an order that was told again. Whose it was may have been erased for good: only a cart says."""
    order, found = told.order, placed.bought()
    return replace(
        known,
        customer_id=known.customer_id or (order.customer_id if placed.closed else None),
        currency=known.currency or order.currency,
        total=order.total if known.total is None else known.total,
        closed_carts=(*known.closed_carts, *placed.closed_ids),
        next_carts=(*known.next_carts, *placed.next_ids),
        mismatches=to_json([*from_json(known.mismatches), *new]),
        units=known.units or order.units(),
        channel=known.channel or order.channel,
        prices=known.prices or order.prices(),
        awaited={sku: units - found.get(sku, 0) for sku, units in to_find.items() if units > found.get(sku, 0)},
        also=(*known.also, told.payload)[-REMEMBERED:],
    )


def _anew(known: StoredOrder, told: Told, placed: Placed, context: Context) -> StoredOrder:
    """The order as it is placed anew: what became of it before, and of its carts, is history."""
    order, ids = told.order, (*known.earlier_carts, *known.closed_carts, *known.next_carts, *known.reopened)
    return replace(
        known,
        customer_id=order.customer_id,
        currency=order.currency or known.currency,
        total=known.total if order.total is None else order.total,
        cart_id=placed.order.cart_id or known.cart_id,
        closed_carts=placed.closed_ids,
        next_carts=placed.next_ids,
        mismatches=to_json([*from_json(known.mismatches), *_not_known(known, placed.mismatches)]),
        placed_at=min(order.placed_at or context.now, context.now),
        units=order.units() or known.units,
        channel=order.channel or known.channel,
        prices=order.prices() or ({} if order.lines else known.prices),
        awaited=placed.awaited,
        also=(*known.also, told.payload)[-REMEMBERED:],
        given_back={},
        attempt=known.attempt + 1,
        reopened=(),
        earlier_carts=tuple(cart_id for cart_id in dict.fromkeys(ids) if cart_id not in placed.closed_ids),
    )
