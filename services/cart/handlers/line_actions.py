"""Several commands of a shopper in one transaction: all of them, or none. Each makes a version, with its event."""

from collections.abc import Sequence

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, identities, reservations
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Cart, Change, Context, no_cart_yet
from services.cart.domain.cart_json import cart_view, empty_view, etag
from services.cart.domain.commands import AddLine, Command
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import Limits, LimitsOf, widest
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.stock.reservations import lets_go
from services.cart.handlers.orders.awaited_orders import still_to_add
from services.cart.handlers.told_prices import decide_with_prices
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.names import Changed, goods
from services.cart.live.publisher import Committed


class LineActionHandlers:
    """What shoppers do to several lines at once. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest) -> None:
        self._pool, self._clock, self._committed, self._limits = pool, clock, committed, limits

    async def carry_out(self, shopper: Shopper, commands: Sequence[Command], request: WriteRequest) -> Answer:
        """The cart after all of the commands.

        Raises `Refusal`: what `decide` refuses, with the number of the command as `action`, version-conflict,
        request-in-flight, idempotency-key-reused, busy.
        """
        result = await commit_once(self._pool, request, self._carry_out, shopper, commands, request)
        self._committed(shopper, *result.changed)
        return result.answer

    async def _carry_out(
        self, connection: Connection, shopper: Shopper, commands: Sequence[Command], request: WriteRequest
    ) -> Result:
        owner = await identities.acting(connection, shopper)
        locked = await carts.lock_active(connection, owner.store_id, owner.customer_id, owner.token_hash)
        own = locked[0] if locked else None
        request.insist(etag(own.cart_id if own else None, own.version if own else 0))
        context = request.context(self._clock)
        before = own or no_cart_yet(owner.store_id, owner.customer_id, context)
        made_on = None if own is not None and own.cart_id == request.made_on else request.made_on
        changes = list[Change]()
        for number, command in enumerate(commands):
            cart = changes[-1].cart if changes else before
            left: Command | None = command
            if made_on is not None and isinstance(command, AddLine):
                left = await still_to_add(connection, shopper, command, made_on)
            change = await _decide(connection, cart, left, context, self._limits(owner.store_id), number)
            changes += [change] if change else []
        if not changes:
            view = cart_view(own) if own else empty_view(owner.store_id, owner.customer_id)
            return Result(Answer(view.json(), 200, view.etag))
        freed = await _save(connection, owner, own, changes)
        view = cart_view(changes[-1].cart).with_notices([notice for change in changes for notice in change.notices])
        return Result(Answer(view.json(), 200, view.etag), [changes[-1].cart.cart_id, *freed])


async def _decide(
    connection: Connection, cart: Cart, command: Command | None, context: Context, limits: Limits, number: int
) -> Change | None:
    if command is None:
        return None
    try:
        return await decide_with_prices(connection, cart, command, context, limits)
    except Refusal as refusal:
        refusal.members["action"] = number
        raise


async def _save(
    connection: Connection, owner: Shopper, own: Cart | None, changes: Sequence[Change]
) -> Sequence[Changed]:
    """Writes each version after the one before it; the goods of which something is held back no more."""
    for change in changes:
        if change.cart.version == 1:
            await carts.insert(connection, change.cart, owner)
        else:
            await carts.save(connection, change.cart)
    await append(connection, [change.event for change in changes], SOURCE)
    after = changes[-1].cart
    freed = await reservations.fit(connection, after.cart_id, after.holds()) if own and lets_go(own, after) else []
    return goods(owner.store_id, freed) if freed else ()
