"""Writes that load → decide → save → tell, in one transaction. Shoppers' commands on lines are in `changing.py`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from libs.contracts.events import LevelSet, ProfileErased
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.announcing import Committed
from services.cart.cart import Cart, Moment
from services.cart.document import etag, nothing, shown
from services.cart.identity import Shopper
from services.cart.intent import Answer, Intent
from services.cart.merge import MergedLine, claimed, merge_max
from services.cart.names import Changed
from services.cart.notices import divided
from services.cart.once import Work, once
from services.cart.profile import Contact
from services.cart.refusals import Refusal
from services.cart.store import carts, inventory, looking, profiles
from services.cart.store import prices as store_prices
from services.cart.store.swap import SOURCE
from services.cart.supply import Level, Price


class Handlers:
    """Log-ins and the calls of servers. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed

    async def claim(self, customer: Shopper, token_hash: bytes | None, intent: Intent) -> Answer:
        """Merges the guest's cart of this token into the customer's, which stays as it is where there is none."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            brought = await carts.lock_brought(connection, customer.store_id, customer.customer_id, token_hash)
            own = next((cart for cart in brought if cart.customer_id is not None), None)
            guest = next((cart for cart in brought if cart.customer_id is None), None)
            intent.insist(etag(own.cart_id if own else None, own.version if own else 0))
            if guest is None or not guest.lines:
                return _claim_answer(customer, own, None, ())
            if own is None:
                return await self._take_over(connection, customer, guest, moment)
            return await self._merge(connection, customer, own, guest, moment)

        return await self._once(intent, work, customer, *_guest(customer.store_id, token_hash))

    async def _take_over(self, connection: Connection, customer: Shopper, guest: Cart, moment: Moment) -> Answer:
        assert customer.customer_id is not None, "claiming needs a log-in"
        change = claimed(guest, customer.customer_id, moment)
        await carts.save(connection, change.cart)
        await append(connection, [change.event], SOURCE)
        return _claim_answer(customer, change.cart, guest.cart_id, ())

    async def _merge(self, connection: Connection, customer: Shopper, own: Cart, guest: Cart, moment: Moment) -> Answer:
        merge = merge_max(own, guest, moment)
        changes = [change for change in (merge.own, merge.guest) if change]
        await carts.save(connection, merge.guest.cart, merged_into=own.cart_id)
        if merge.own:
            await carts.save(connection, merge.own.cart)
        await append(connection, [change.event for change in changes], SOURCE)
        return _claim_answer(customer, merge.own.cart if merge.own else own, guest.cart_id, merge.lines)

    async def acknowledge(self, shopper: Shopper, notice_ids: Sequence[UUID], intent: Intent) -> Answer:
        """Notes that notices were seen on the device of the call; gives the cart with those that are left."""
        moment, device = self._moment(intent), intent.device or ""

        async def work(connection: Connection) -> Answer:
            row = await looking.look(connection, shopper, device)
            if row is None:
                view = nothing(shopper.store_id, shopper.customer_id)
                return Answer(view.json(), 200, view.etag)
            left, seen = divided(looking.notices_in(row), frozenset(notice_ids))
            await looking.acknowledge(connection, row["cart_id"], device, [one.notice_id for one in seen], moment.now)
            view = carts.shown_of(row).telling(left)
            return Answer(view.json(), 200, view.etag)

        return await self._once(intent, work, shopper)

    async def set_levels(self, store_id: str, levels: Sequence[Level], intent: Intent) -> Answer:
        """Sets levels of stock; only those that changed are told."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            changed = await inventory.set_levels(connection, store_id, levels, moment.now)
            await append(connection, [_level_set(store_id, row, moment) for row in changed], SOURCE)
            given = [level.model_dump() for level in levels]
            return Answer(to_json({"levels": given, "changed": len(changed)}))

        return await self._once(intent, work)

    async def set_prices(self, store_id: str, prices: Sequence[Price], intent: Intent) -> Answer:
        """Sets what skus cost: carts that hold them show it as a notice, from the next read on."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            changed = await store_prices.set_prices(connection, store_id, prices, moment.now)
            return Answer(to_json({"prices": [price.model_dump() for price in prices], "changed": changed}))

        return await self._once(intent, work)

    async def set_profile(self, store_id: str, customer_id: str, contact: Contact, intent: Intent) -> Answer:
        """Replaces a customer's contact data. The answer names no personal data, because it is kept with its key."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            profile = await profiles.write(connection, store_id, customer_id, contact, moment.now)
            await append(connection, [profile.told(moment.new_id())], SOURCE)
            return Answer(to_json({"customer_id": customer_id, "version": profile.version}))

        return await self._once(intent, work)

    async def erase_profile(self, store_id: str, customer_id: str, intent: Intent) -> Answer:
        """Forgets a customer here and, by a tombstone, everywhere; also one that is not known here any more."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            await profiles.erase(connection, store_id, customer_id)
            erased = ProfileErased(
                event_id=moment.new_id(), occurred_at=moment.now, store_id=store_id, customer_id=customer_id
            )
            await append(connection, [erased], SOURCE)
            return Answer(b"", 204)

        return await self._once(intent, work)

    async def revoke_links(self, store_id: str, cart_id: UUID, intent: Intent) -> Answer:
        """Makes the recovery links of a cart that are out worthless. Raises `Refusal` unknown-cart."""

        async def work(connection: Connection) -> Answer:
            if not await carts.revoke_links(connection, store_id, cart_id):
                raise Refusal("unknown-cart", "The store has no such cart.")
            return Answer(b"", 204)

        return await self._once(intent, work)

    async def _once(self, intent: Intent, work: Work, *changed: Changed) -> Answer:
        """`changed` names the carts, or whose, that the work may have changed: their streams look again."""
        answer = await once(self._pool, intent, work)
        self._committed(*changed)
        return answer

    def _moment(self, intent: Intent) -> Moment:
        return Moment(intent.occurred_at or self._clock(), intent.device)


def _guest(store_id: str, token_hash: bytes | None) -> list[Shopper]:
    return [Shopper(store_id, token_hash=token_hash)] if token_hash else []


def _claim_answer(customer: Shopper, cart: Cart | None, merged: UUID | None, lines: Sequence[MergedLine]) -> Answer:
    view = shown(cart) if cart else nothing(customer.store_id, customer.customer_id)
    merge = {"mode": "max", "from_cart_id": merged, "claimed": merged is not None, "lines": list(lines)}
    return Answer(b'{"cart":%s,"merge":%s}' % (view.json(), to_json(merge)), 200, view.etag)


def _level_set(store_id: str, row: dict[str, Any], moment: Moment) -> LevelSet:
    return LevelSet(
        event_id=moment.new_id(),
        occurred_at=row["updated_at"],
        store_id=store_id,
        sku=row["sku"],
        available=row["available"],
        level_version=row["version"],
    )
