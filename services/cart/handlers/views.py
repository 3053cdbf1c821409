"""What customers look at: told by their pages or by servers, kept for a while, gone with an order of it."""

from collections.abc import Callable, Sequence

from libs.contracts.events import OrderPlaced
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import identities, views
from services.cart.db.save_cart import SOURCE
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.orders.remainder import told_late
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.views import KEPT, MAX_VIEWS, ViewProducts, each_once, viewed_event
from services.cart.handlers.transaction import Result, commit_once, in_transaction
from services.cart.live.publisher import Committed

BATCH = 500


def _none() -> Sequence[str]:
    return ()


class ViewHandlers:
    """Views of customers. `committed` is called when something may be in the outbox; `off` are the stores that keep
    none.
    """

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        committed: Committed,
        limits: LimitsOf = widest,
        off: Callable[[], Sequence[str]] = _none,
    ) -> None:
        self._pool, self._clock, self._committed, self._limits, self._off = pool, clock, committed, limits, off

    async def keep(self, who: Shopper, viewed: ViewProducts, request: WriteRequest) -> Answer:
        """Keeps what a customer looked at. Of what staff, a bot or an import looks at nothing is kept, nor told."""
        if request.origin is not None:
            return Answer(b"", 204)
        result = await commit_once(self._pool, request, self._keep, who, viewed, request)
        self._committed()
        return result.answer

    async def _keep(self, connection: Connection, who: Shopper, viewed: ViewProducts, request: WriteRequest) -> Result:
        # or a merge of customers could leave it under the old name
        await identities.hold_names(connection, who.store_id)
        owner = await identities.resolve(connection, who.store_id, who.customer_id or "")
        await views.lock(connection, who.store_id, owner)
        own_link, context = self._limits(who.store_id).own_link, request.context(self._clock)
        told = [
            view.model_copy(update={"url": own_link(view.url), "image_url": own_link(view.image_url)})
            for view in each_once(viewed.views)
        ]
        await views.save(connection, who.store_id, owner, told, context.now, MAX_VIEWS)
        await append(connection, [viewed_event(who.store_id, owner, told, context)], SOURCE)
        return Result(Answer(b"", 204))

    async def round(self) -> int:
        """Forgets what is old, and all of stores that keep none any more; returns how much."""
        return await in_transaction(self._pool, self._forget)

    async def _forget(self, connection: Connection) -> int:
        old = await views.clear_old(connection, self._clock() - KEPT, BATCH)
        return old + await views.clear_stores(connection, list(self._off()), BATCH)


async def forget_ordered(connection: Connection, order: OrderPlaced) -> None:
    """Nobody is reminded of what they looked at and have ordered, unless they looked at it later."""
    if order.customer_id is None or not order.skus:
        return
    await views.clear_goods(connection, order.store_id, order.customer_id, order.skus, told_late(order))
