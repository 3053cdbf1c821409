"""Log-ins: a guest's cart comes to the customer, with a receipt, and goes back where that is undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic_core import to_json

from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, identities, merges, prices, reservations
from services.cart.db.audit import audit
from services.cart.db.merges import Record
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Change, Context, no_cart_yet
from services.cart.domain.cart_json import cart_view, empty_view, etag
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import Limits, LimitsOf, widest
from services.cart.domain.merge.merge import Merge, claim_cart, merge
from services.cart.domain.merge.receipt import (
    UNDO_VALIDITY,
    Mode,
    Receipt,
    nothing_merged,
    settled,
    too_late,
    why_not_undone,
)
from services.cart.domain.merge.undo import Contents, Undoing, give_back, undo_merge
from services.cart.domain.prices import unsettled
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.guest_contacts import hand_over, hand_over_of_token
from services.cart.handlers.orders.awaited_orders import not_bought
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed


class MergeHandlers:
    """Claims, their receipts and undoing them. `committed` is called when something may be in the outbox; `secret`
    hashes customers' ids for the audit.
    """

    def __init__(
        self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest, secret: bytes = b""
    ) -> None:
        self._pool, self._clock, self._committed, self._limits, self._secret = pool, clock, committed, limits, secret

    async def claim(self, customer: Shopper, token_hash: bytes | None, mode: Mode, request: WriteRequest) -> Answer:
        """Merges the guest's cart of this token into the customer's, which stays as it is where there is none."""
        assert customer.customer_id is not None, "claiming needs a log-in"
        result = await commit_once(self._pool, request, self._claim, customer, token_hash, mode, request)
        self._committed(customer, *_guest(customer.store_id, token_hash), *result.changed)
        return result.answer

    async def _claim(
        self, connection: Connection, customer: Shopper, token_hash: bytes | None, mode: Mode, request: WriteRequest
    ) -> Result:
        store_id = customer.store_id
        customer_id = await identities.resolve(connection, store_id, customer.customer_id or "")
        locked = await carts.lock_active(connection, store_id, customer_id, token_hash)
        context = request.context(self._clock)
        own = next((cart for cart in locked if cart.customer_id is not None), None)
        guest = next((cart for cart in locked if cart.customer_id is None), None)
        request.insist(etag(own.cart_id if own else None, own.version if own else 0))
        if guest is not None and (guest.lines or guest.saved):
            guest = await not_bought(connection, guest, customer_id, context)
        if guest is None or not (guest.lines or guest.saved):
            await hand_over_of_token(connection, store_id, token_hash, customer_id, context)
            return Result(_answer(own, store_id, customer_id, nothing_merged(mode)))
        terms = Terms(mode, self._limits(store_id))
        cart, receipt = await merge_carts(connection, own, guest, customer_id, terms, token_hash, context=context)
        if guest.recipient_id is not None:
            await hand_over(connection, store_id, guest.recipient_id, customer_id, context)
        # after the cart is saved: forgetting the guest counts a version of the cart that they still have
        await hand_over_of_token(connection, store_id, token_hash, customer_id, context)
        return Result(_answer(cart, store_id, customer_id, receipt), [own.cart_id if own else guest.cart_id])

    async def receipts(self, customer: Shopper, after: UUID | None, limit: int) -> Sequence[Receipt]:
        """Up to `limit` receipts of the customer's active cart, newest first, behind one."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            row = await carts.read(connection, customer)
            return await merges.of_cart(connection, row["cart_id"], after, limit) if row else ()

    async def all_receipts(
        self, store_id: str, customer_id: str, after: UUID | None, limit: int
    ) -> Sequence[tuple[Receipt, bool]]:
        """Up to `limit` receipts of all carts of a customer, newest first, behind one; whether each can be undone."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            found = await merges.of_customer(connection, store_id, owner, after, limit)
        now = self._clock()
        return [(receipt, kept and why_not_undone(receipt, status, now) is None) for receipt, status, kept in found]

    async def undo(self, customer: Shopper, merge_id: UUID, request: WriteRequest) -> Answer:
        """Reverts what a merge did; what happened since stays. The guest's token opens its cart again.

        Raises `Refusal`: unknown-merge, merge-undone, undo-expired, merge-settled (its cart is closed).
        """
        assert customer.customer_id is not None, "undoing needs a log-in"
        result = await commit_once(
            self._pool, request, _undo, customer, merge_id, request, context=request.context(self._clock)
        )
        self._committed(customer, *result.changed)
        return result.answer

    async def undo_for(self, customer: Shopper, merge_id: UUID, request: WriteRequest) -> Answer:
        """The same, done by a server for the customer, which is in the audit. Raises `Refusal` as `undo`."""
        result = await commit_once(self._pool, request, self._undo_for, customer, merge_id, request)
        self._committed(customer, *result.changed)
        return result.answer

    async def _undo_for(
        self, connection: Connection, customer: Shopper, merge_id: UUID, request: WriteRequest
    ) -> Result:
        context = request.context(self._clock)
        result = await _undo(connection, customer, merge_id, request, context)
        mark = customer_mark(self._secret, customer.store_id, customer.customer_id or "")
        await audit(connection, request, "merge.undone", mark, context.now)
        return result


async def _undo(
    connection: Connection, customer: Shopper, merge_id: UUID, request: WriteRequest, context: Context
) -> Result:
    store_id = customer.store_id
    customer_id = await identities.resolve(connection, store_id, customer.customer_id or "")
    record = await merges.lock(connection, merge_id)
    row = await carts.read_by_id(connection, record.cart_id) if record else None
    if record is None or row is None or (row["store_id"], row["customer_id"]) != (store_id, customer_id):
        raise Refusal("unknown-merge", "There is no such merge of this customer.")
    undoing = _may_be_undone(record, row["status"], context)
    locked = await carts.lock_active(connection, store_id, customer_id, record.guest_token_hash)
    own = next((cart for cart in locked if cart.cart_id == record.cart_id), None)
    if own is None:
        raise settled(row["status"])
    request.insist(etag(own.cart_id, own.version))
    guest = next((cart for cart in locked if cart.customer_id is None), None)
    cart, restored = await _revert(connection, record, undoing, own, guest, context)
    await merges.mark_undone(connection, merge_id, context.now)
    answer = _answer(cart, store_id, customer_id, record.receipt.undone(context.now), restored_cart_id=restored)
    return Result(answer, [record.cart_id, *_guest(store_id, record.guest_token_hash)])


@dataclass(frozen=True, slots=True)
class Terms:
    """How carts are merged, and what one may hold."""

    mode: Mode
    limits: Limits


async def merge_carts(
    connection: Connection,
    own: Cart | None,
    other: Cart,
    customer_id: str,
    terms: Terms,
    token_hash: bytes | None,
    context: Context,
) -> tuple[Cart, Receipt]:
    """The customer's cart with the other one in it, and the receipt, both saved and told. The rows are held."""
    if own is None:
        done = claim_cart(other, customer_id, context)
    else:
        skus = list(other.holds())
        stock = await reservations.free(connection, own.store_id, skus, [own.cart_id, other.cart_id])
        await reservations.move(connection, other.cart_id, own.cart_id)
        told = await prices.told_of_lines(connection, own.store_id, other.currency, unsettled(own, other, terms.limits))
        done = merge(own, other, terms.mode, stock, context, terms.limits, told)
    await _save(connection, done, own)
    cart = done.own.cart if done.own else own
    assert cart is not None, "a cart without an owner was taken over"
    await reservations.fit(connection, cart.cart_id, cart.holds())
    # two log-ins may come at one instant: receipts are told apart by ids of their own
    receipt = Receipt(
        context.new_id(), terms.mode, other.cart_id, True, context.now, context.now + UNDO_VALIDITY, done.lines
    )
    await merges.insert(connection, Record(cart.cart_id, token_hash, receipt, done.undoing))
    return cart, receipt


async def _save(connection: Connection, done: Merge, own: Cart | None) -> None:
    # the closed cart first: until then its owner may have another active one
    if done.guest:
        await carts.save(connection, done.guest.cart, merged_into=own.cart_id if own else None)
    if done.own:
        await carts.save(connection, done.own.cart)
    changes = [change.event for change in (done.own, done.guest) if change]
    await append(connection, changes, SOURCE)


async def _revert(
    connection: Connection, record: Record, undoing: Undoing, own: Cart, guest: Cart | None, context: Context
) -> tuple[Cart, UUID | None]:
    """The customer's cart without the merge, and the id of the guest's cart that is there again."""
    came_from = record.receipt.from_cart_id
    assert came_from is not None, "what was merged came from a cart"
    keep = record.guest_token_hash is None
    change = undo_merge(own, undoing, came_from, context, keep=keep)
    changes = [change] if change else []
    if change:
        await carts.save(connection, change.cart)
        await reservations.fit(connection, change.cart.cart_id, change.cart.holds())
    restored = (
        None if keep else await _give_back(connection, undoing.guest, own, guest, record.guest_token_hash, context)
    )
    if restored:
        changes.append(restored)
    await append(connection, [one.event for one in changes], SOURCE)
    return change.cart if change else own, restored.cart.cart_id if restored else None


async def _give_back(
    connection: Connection, taken: Contents, own: Cart, guest: Cart | None, token_hash: bytes | None, context: Context
) -> Change | None:
    """A cart for the guest with everything that the merge had taken: a new one, or the one begun since."""
    back = give_back(taken, no_cart_yet(own.store_id, None, context), own.cart_id, context)
    if guest is None:
        await carts.insert(connection, back.cart, Shopper(own.store_id, token_hash=token_hash))
        return back
    both = merge(guest, back.cart, "sum", {}, context).own
    if both:
        await carts.save(connection, both.cart)
    return both


def _may_be_undone(record: Record, status: str, context: Context) -> Undoing:
    refused = why_not_undone(record.receipt, status, context.now)
    if refused is not None:
        raise refused
    if record.undoing is None:
        raise too_late()
    return record.undoing


def _guest(store_id: str, token_hash: bytes | None) -> list[Shopper]:
    return [Shopper(store_id, token_hash=token_hash)] if token_hash else []


def _answer(cart: Cart | None, store_id: str, customer_id: str, receipt: Receipt, **members: object) -> Answer:
    view = cart_view(cart) if cart else empty_view(store_id, customer_id)
    rest = to_json({"merge": receipt, **members})
    return Answer(b'{"cart":%s,%s' % (view.json(), rest[1:]), 200, view.etag)
