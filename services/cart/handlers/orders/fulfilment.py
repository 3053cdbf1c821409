"""What becomes of orders: written down once, whoever tells it and in whatever order, and told on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from pydantic_core import to_json

from libs.contracts.events import (
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderPaymentFailed,
    OrderReturned,
    OrderShipped,
)
from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db.orders import order_events, orders
from services.cart.db.orders.order_events import Entry
from services.cart.db.orders.orders import StoredOrder
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.orders.attempts import gave_back_at
from services.cart.domain.orders.commands import UpdateOrder, UpdateType
from services.cart.domain.orders.fulfilment import Mismatch, Status, Update, judge, standing_of, told_before, when
from services.cart.domain.request import Answer, WriteRequest
from services.cart.handlers.orders.order_facts import order_facts
from services.cart.handlers.orders.reopening import TermsOf, end_reminders, let_go, plainest, reopen
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import Changed, goods
from services.cart.live.publisher import Committed

EVENT: dict[UpdateType, type[OrderEvent]] = {
    "cancelled": OrderCancelled,
    "payment_failed": OrderPaymentFailed,
    "returned": OrderReturned,
    "shipped": OrderShipped,
    "delivered": OrderDelivered,
}
KEPT = 202
"""The answer to a fact of an order that is not known yet: kept until it is."""


class FulfilmentHandlers:
    """Takes what a store's servers tell of their orders. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, terms: TermsOf = plainest) -> None:
        self._pool, self._clock, self._committed, self._terms = pool, clock, committed, terms

    async def update(
        self, store_id: str, order_id: str, given: UpdateOrder, request: WriteRequest, *, answerable: bool = True
    ) -> Answer:
        """Writes down what became of an order: 201 with its history, 200 where that was known.

        Who can't be answered is believed: a fact that can't be is told with its mismatch, one that comes before its
        order is kept (202). Else raises `Refusal` order-mismatch or unknown-order. Raises update-conflict for another
        fact of the same type and instant.
        """
        result = await commit_once(
            self._pool, request, self._update, store_id, order_id, given, request, answerable=answerable
        )
        self._committed(*result.changed)
        return result.answer

    async def _update(
        self,
        connection: Connection,
        store_id: str,
        order_id: str,
        given: UpdateOrder,
        request: WriteRequest,
        *,
        answerable: bool,
    ) -> Result:
        await orders.take_turn(connection, store_id, order_id)
        order = await orders.read(connection, store_id, order_id)
        if order is None and answerable:
            raise unknown_order()
        context = Context(request.occurred_at or self._clock())
        update = Update(given.type, given.occurred_at or context.now, given.sequence, given.units(), given.reopens)
        update = replace(update, tracking_url=given.tracking_url)
        entries = await order_events.read(connection, store_id, order_id)
        if (known := _known_as(order, entries, update)) is not None:
            if update.tracking_url and known.tracking_url is None:
                await order_events.link(connection, store_id, order_id, known, update.tracking_url)
                entries = await order_events.read(connection, store_id, order_id)
            return Result(Answer(b"" if order is None else history_json(order, entries), 200))
        if order is None:
            await order_events.insert(connection, store_id, order_id, Entry(update, None, None), context.now)
            return Result(Answer(b"", KEPT))
        entry, status = _judge(order, entries, update, context)
        if answerable and entry.mismatch is not None:
            raise _refusal(order, entries, entry.mismatch)
        await order_events.insert(connection, store_id, order_id, entry, context.now)
        done = await _take_effect(connection, order, entries, entry, self._terms, context)
        event = _event(done.order, [*entries, entry], status, context, done.reopened)
        await append(connection, [event], SOURCE)
        return Result(Answer(history_json(done.order, [*entries, entry]), 201), done.changed)

    async def history(self, store_id: str, order_id: str) -> bytes:
        """An order and what became of it, as JSON. Raises `Refusal` unknown-order."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            order = await orders.read(connection, store_id, order_id)
            if order is None:
                raise unknown_order()
            return history_json(order, await order_events.read(connection, store_id, order_id))


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fact has done: the carts in which the goods of the order are again, and the skus that it let go."""

    order: StoredOrder
    reopened: Sequence[UUID] = ()
    let_go: Sequence[str] = ()

    @property
    def changed(self) -> list[Changed]:
        """The carts and goods of which something is to be told."""
        return [*self.reopened, *goods(self.order.store_id, self.let_go)]


async def tell_waiting(
    connection: Connection, order: StoredOrder, context: Context, terms: TermsOf = plainest
) -> list[Changed]:
    """Tells what came before its order, now that this is there; the carts and goods that changed by it."""
    waiting = await order_events.read(connection, order.store_id, order.order_id)
    told, events, changed = list[Entry](), list[OrderEvent](), list[Changed]()
    for entry in waiting:
        if told_before([one.update for one in told], entry.update) is not None:
            await order_events.drop(connection, order.store_id, order.order_id, entry.update)
            continue
        judged_now, status = _judge(order, told, entry.update, context)
        await order_events.tell(connection, order.store_id, order.order_id, judged_now)
        done = await _take_effect(connection, order, told, judged_now, terms, context)
        order = done.order
        told.append(judged_now)
        changed += done.changed
        events.append(_event(order, told, status, context, done.reopened))
    await append(connection, events, SOURCE)
    return changed


async def _take_effect(
    connection: Connection,
    order: StoredOrder,
    before: Sequence[Entry],
    entry: Entry,
    terms: TermsOf,
    context: Context,
) -> Effect:
    """Brings the goods back where the fact says so and can be, and lets go what was held of them."""
    if entry.mismatch is not None or entry.attempt != order.attempt:
        return Effect(order)
    facts, reopened = facts_of(order, before), list[UUID]()
    if entry.update.type in ("shipped", "delivered"):
        if order.given_back:
            await end_reminders(connection, order, context)
        return Effect(order)
    if entry.update.reopen:
        order, reopened = await reopen(connection, order, facts, entry.update, terms(order.store_id), context)
    order, freed = await let_go(connection, order, [*facts, entry.update])
    return Effect(order, reopened, freed)


def facts_of(order: StoredOrder, entries: Iterable[Entry]) -> list[Update]:
    """What became of the order since it was placed last."""
    return [one.update for one in entries if one.attempt == order.attempt]


def history_json(order: StoredOrder, entries: Sequence[Entry]) -> bytes:
    """The `Order` of the API."""
    body = {
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "status": standing_of(order.units, facts_of(order, entries)).status,
        "currency": order.currency,
        "total": order.total,
        "placed_at": order.placed_at,
        "channel": order.channel,
        "lines": _lines(order.units),
        "closed_carts": order.closed_carts,
        "next_carts": order.next_carts,
        "events": [_shown(entry) for entry in sorted(entries, key=lambda one: when(one.update))],
    }
    return b'%s,"mismatches":%s}' % (to_json(body)[:-1], order.mismatches)


def unknown_order() -> Refusal:
    """Told of an order that the store has not placed."""
    return Refusal("unknown-order", "The store has told of no such order.")


def _known_as(order: StoredOrder | None, entries: Sequence[Entry], update: Update) -> Update | None:
    same = next((one.update for one in entries if one.update.identity == update.identity), None)
    if same is not None and same.units != update.units:
        raise Refusal("update-conflict", "The same came of this instant with other lines. A sequence tells them apart.")
    now = [one.update for one in entries if order is None or one.attempt == order.attempt]
    return same or told_before(now, update)


def _judge(order: StoredOrder, entries: Sequence[Entry], update: Update, context: Context) -> tuple[Entry, Status]:
    """What happened before an earlier try of the order had ended is of that: it is written down and changes nothing."""
    facts = facts_of(order, entries)
    ended_at = gave_back_at(one.update for one in entries if one.attempt < order.attempt and one.mismatch is None)
    if ended_at is not None and update.occurred_at <= ended_at:
        return Entry(update, None, context.now, order.attempt - 1), standing_of(order.units, facts).status
    status, mismatch = judge(order.units, facts, update)
    return Entry(update, mismatch, context.now, order.attempt), status


def _refusal(order: StoredOrder, entries: Sequence[Entry], mismatch: Mismatch) -> Refusal:
    now = standing_of(order.units, facts_of(order, entries)).status
    words = {"status": f"That can't happen to what is {now}.", "quantity": "The order does not hold so many of these."}
    return Refusal("order-mismatch", words[mismatch], status_now=now, mismatch=mismatch)


def _event(
    order: StoredOrder, entries: Sequence[Entry], status: Status, context: Context, reopened: Sequence[UUID] = ()
) -> OrderEvent:
    """The newest of an order's entries, told."""
    entry = entries[-1]
    link = {"tracking_url": entry.update.tracking_url} if entry.update.type == "shipped" else {}
    return EVENT[entry.update.type](
        event_id=context.new_id(),
        occurred_at=context.now,
        happened_at=entry.update.occurred_at,
        goods=dict(entry.update.units),
        status=status,
        mismatch=entry.mismatch,
        reopened=tuple(reopened) or None,
        **link,
        **order_facts(order, facts_of(order, entries)),
    )


def _shown(entry: Entry) -> dict[str, object]:
    update = entry.update
    facts = {"type": update.type, "occurred_at": update.occurred_at, "sequence": update.sequence}
    told = {"lines": _lines(update.units), "reopen": update.reopen, "mismatch": entry.mismatch}
    return facts | told | {"tracking_url": update.tracking_url}


def _lines(units: Mapping[str, int]) -> list[dict[str, object]]:
    return [{"sku": sku, "quantity": count} for sku, count in units.items()]
