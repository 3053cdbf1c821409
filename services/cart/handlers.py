"""Writes that load → decide → save → tell, in one transaction. Shoppers' commands on lines are in `changing.py`."""

from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import cart_views, carts, identities, profiles
from services.cart.db.audit import audit
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Moment
from services.cart.domain.cart_json import nothing
from services.cart.domain.errors import Refusal
from services.cart.domain.notices import divided
from services.cart.domain.profile import Contact
from services.cart.domain.request import Answer, Intent
from services.cart.domain.shopper import Shopper
from services.cart.live.names import Changed
from services.cart.live.publisher import Committed
from services.cart.once import Work, once


class Handlers:
    """Looks that leave a trace, and the calls of servers. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def acknowledge(self, shopper: Shopper, notice_ids: Sequence[UUID], intent: Intent) -> Answer:
        """Notes that notices were seen on the device of the call; gives the cart with those that are left."""
        moment, device = self._moment(intent), intent.device or ""

        async def work(connection: Connection) -> Answer:
            row = await cart_views.look(connection, shopper, device)
            if row is None:
                view = nothing(shopper.store_id, shopper.customer_id)
                return Answer(view.json(), 200, view.etag)
            left, seen = divided(cart_views.notices_in(row), frozenset(notice_ids))
            await cart_views.acknowledge(
                connection, row["cart_id"], device, [one.notice_id for one in seen], moment.now
            )
            view = carts.shown_of(row).telling(left)
            return Answer(view.json(), 200, view.etag)

        return await self._once(intent, work, shopper)

    async def set_profile(self, store_id: str, customer_id: str, contact: Contact, intent: Intent) -> Answer:
        """Replaces a customer's contact data. The answer names no personal data, because it is kept with its key."""

        async def work(connection: Connection) -> Answer:
            moment = self._moment(intent)
            owner = await identities.resolve(connection, store_id, customer_id)
            profile = await profiles.write(connection, store_id, owner, contact, moment.now)
            await append(connection, [profile.told(moment.new_id())], SOURCE)
            return Answer(to_json({"customer_id": customer_id, "version": profile.version}))

        return await self._once(intent, work)

    async def revoke_links(self, store_id: str, cart_id: UUID, intent: Intent) -> Answer:
        """Makes the recovery links of a cart that are out worthless. Raises `Refusal` unknown-cart."""

        async def work(connection: Connection) -> Answer:
            if not await carts.revoke_links(connection, store_id, cart_id):
                raise Refusal("unknown-cart", "The store has no such cart.")
            await audit(connection, intent, "links.revoked", f"cart:{cart_id}", self._clock())
            return Answer(b"", 204)

        return await self._once(intent, work)

    async def _once(self, intent: Intent, work: Work, *changed: Changed) -> Answer:
        """`changed` names the carts, or whose, that the work may have changed: their streams look again."""
        answer = await once(self._pool, intent, work)
        self._committed(*changed)
        return answer

    def _moment(self, intent: Intent) -> Moment:
        """Asked for once locks are held: a change must not be dated before those that it waited for."""
        return Moment(intent.occurred_at or self._clock(), intent.device)


def _guest(store_id: str, token_hash: bytes | None) -> list[Shopper]:
    return [Shopper(store_id, token_hash=token_hash)] if token_hash else []
