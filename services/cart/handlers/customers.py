"""Customers: their contact data, and the several names of one: loyalty numbers, terminals, accounts of one person."""

from dataclasses import replace

from pydantic_core import to_json

from libs.contracts.events import Event, ProfileErased
from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, identities, profiles
from services.cart.db.audit import audit
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Moment
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.merge.receipt import Mode, Receipt
from services.cart.domain.profile import Contact
from services.cart.domain.request import Answer, Intent
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.merges import Terms, joined
from services.cart.handlers.transaction import once
from services.cart.live.publisher import Committed


class Uniting:
    """Names that servers give to customers. `committed` is called when something may be in the outbox; `secret` hashes
    customers' ids for the audit.
    """

    def __init__(
        self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest, secret: bytes = b""
    ) -> None:
        self._pool, self._clock, self._committed, self._limits, self._secret = pool, clock, committed, limits, secret

    async def merge(self, store_id: str, customer_id: str, into: str, mode: Mode, intent: Intent) -> Answer:
        """Makes one customer part of another: cart and contact data come along, and later log-ins act for `into`.

        Raises `Refusal` same-customer.
        """
        return await self._unite(store_id, customer_id, into, mode, intent, taken=False)

    async def add_name(self, store_id: str, customer_id: str, name: str, mode: Mode, intent: Intent) -> Answer:
        """Gives a customer another name. What was gathered under it comes along.

        Raises `Refusal`: same-customer, identity-taken (it leads to another customer).
        """
        return await self._unite(store_id, name, customer_id, mode, intent, taken=True)

    async def remove_name(self, store_id: str, customer_id: str, name: str, intent: Intent) -> Answer:
        """Takes a name from a customer: log-ins under it stand for themselves again. Raises unknown-identity."""

        async def work(connection: Connection) -> Answer:
            await identities.hold(connection, store_id)
            owner = await identities.resolve(connection, store_id, customer_id)
            if not await identities.remove(connection, store_id, name, owner):
                raise Refusal("unknown-identity", "The customer has no such identity.")
            mark = customer_mark(self._secret, store_id, name)
            await audit(connection, intent, "identity.removed", mark, self._clock())
            return Answer(b"", 204)

        answer = await once(self._pool, intent, work)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (customer_id, name)))
        return answer

    async def set_profile(self, store_id: str, customer_id: str, contact: Contact, intent: Intent) -> Answer:
        """Replaces a customer's contact data. The answer names no personal data, because it is kept with its key."""

        async def work(connection: Connection) -> Answer:
            moment = self._moment(intent)
            owner = await identities.resolve(connection, store_id, customer_id)
            profile = await profiles.write(connection, store_id, owner, contact, moment.now)
            await append(connection, [profile.told(moment.new_id())], SOURCE)
            return Answer(to_json({"customer_id": customer_id, "version": profile.version}))

        answer = await once(self._pool, intent, work)
        self._committed()
        return answer

    async def names(self, store_id: str, customer_id: str) -> bytes:
        """Who a customer is, and by which other names, as JSON."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            found = await identities.names(connection, store_id, owner)
        return to_json({"customer_id": owner, "identities": list(found)})

    async def erase(self, store_id: str, customer_id: str, intent: Intent) -> Answer:
        """Forgets a customer here and, by tombstones, everywhere, under every name; also one not known any more."""
        moment = self._moment(intent)

        async def work(connection: Connection) -> Answer:
            await identities.hold(connection, store_id)
            owner = await identities.resolve(connection, store_id, customer_id)
            names = {owner, customer_id, *await identities.names(connection, store_id, owner)}
            for name in sorted(names):
                await profiles.erase(connection, store_id, name)
            await identities.remove_all(connection, store_id, owner)
            await append(connection, [_erased(store_id, name, moment) for name in sorted(names)], SOURCE)
            return Answer(b"", 204)

        answer = await once(self._pool, intent, work)
        self._committed()
        return answer

    async def _unite(self, store_id: str, name: str, into: str, mode: Mode, intent: Intent, *, taken: bool) -> Answer:
        moment, terms = self._moment(intent), Terms(mode, self._limits(store_id))

        async def work(connection: Connection) -> Answer:
            await identities.hold(connection, store_id)
            owner = await identities.resolve(connection, store_id, into)
            bearer = await identities.resolve(connection, store_id, name)
            if bearer == owner and name == owner:
                raise Refusal("same-customer", "This is one customer already.")
            if taken and bearer not in (name, owner):
                raise Refusal("identity-taken", "This identity leads to another customer.")
            # again for one that leads here already: a first add that raced with it comes along as well
            old = name if bearer == owner else bearer
            receipt = await _cart_brought(connection, store_id, old, owner, terms, moment)
            await _profile_brought(connection, store_id, old, owner, moment)
            await identities.point(connection, store_id, old, owner, moment.now)
            mark = customer_mark(self._secret, store_id, name)
            await audit(connection, intent, "identity.added" if taken else "customer.merged", mark, moment.now)
            return Answer(to_json({"customer_id": owner, "identity": name, "merge": receipt}))

        async def look_again(connection: Connection) -> Answer:
            # a first add under the old name may have been under way: it did not see the new one
            owner = await identities.resolve(connection, store_id, name)
            if owner != name:
                await _cart_brought(connection, store_id, name, owner, terms, moment)
            return Answer(b"")

        answer = await once(self._pool, intent, work)
        await once(self._pool, replace(intent, key=None), look_again)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (into, name)))
        return answer

    def _moment(self, intent: Intent) -> Moment:
        return Moment(intent.occurred_at or self._clock(), intent.device)


async def _cart_brought(
    connection: Connection, store_id: str, name: str, owner: str, terms: Terms, moment: Moment
) -> Receipt | None:
    """The cart that was gathered under a name in that of its owner; the lock keeps the order of cart ids."""
    found = {}
    for cart in await carts.lock_of_customers(connection, store_id, [name, owner]):
        found[cart.customer_id] = cart
    if (other := found.get(name)) is None:
        return None
    _, receipt = await joined(connection, found.get(owner), other, owner, terms, None, moment)
    return receipt


async def _profile_brought(connection: Connection, store_id: str, name: str, owner: str, moment: Moment) -> None:
    """The owner's contact data stays; only where there is none that of the name becomes the owner's."""
    old = await profiles.read(connection, store_id, name)
    if old is None:
        return
    told: list[Event] = []
    if await profiles.read(connection, store_id, owner) is None:
        profile = await profiles.write(connection, store_id, owner, old.contact, moment.now)
        told.append(profile.told(moment.new_id()))
    await profiles.erase(connection, store_id, name)
    await append(connection, [*told, _erased(store_id, name, moment)], SOURCE)


def _erased(store_id: str, customer_id: str, moment: Moment) -> ProfileErased:
    return ProfileErased(event_id=moment.new_id(), occurred_at=moment.now, store_id=store_id, customer_id=customer_id)
