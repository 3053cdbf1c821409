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
from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.merge.receipt import Mode, Receipt
from services.cart.domain.profile import Contact
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.merges import Terms, merge_carts
from services.cart.handlers.transaction import once
from services.cart.live.publisher import Committed


class CustomerHandlers:
    """Names that servers give to customers. `committed` is called when something may be in the outbox; `secret` hashes
    customers' ids for the audit.
    """

    def __init__(
        self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest, secret: bytes = b""
    ) -> None:
        self._pool, self._clock, self._committed, self._limits, self._secret = pool, clock, committed, limits, secret

    async def merge(self, store_id: str, customer_id: str, into: str, mode: Mode, request: WriteRequest) -> Answer:
        """Makes one customer part of another: cart and contact data come along, and later log-ins act for `into`.

        Raises `Refusal` same-customer.
        """
        return await self._unite(store_id, customer_id, into, mode, request, taken=False)

    async def add_name(self, store_id: str, customer_id: str, name: str, mode: Mode, request: WriteRequest) -> Answer:
        """Gives a customer another name. What was gathered under it comes along.

        Raises `Refusal`: same-customer, identity-taken (it leads to another customer).
        """
        return await self._unite(store_id, name, customer_id, mode, request, taken=True)

    async def remove_name(self, store_id: str, customer_id: str, name: str, request: WriteRequest) -> Answer:
        """Takes a name from a customer: log-ins under it stand for themselves again. Raises unknown-identity."""

        async def work(connection: Connection) -> Answer:
            await identities.lock_names(connection, store_id)
            owner = await identities.resolve(connection, store_id, customer_id)
            if not await identities.remove(connection, store_id, name, owner):
                raise Refusal("unknown-identity", "The customer has no such identity.")
            mark = customer_mark(self._secret, store_id, name)
            await audit(connection, request, "identity.removed", mark, self._clock())
            return Answer(b"", 204)

        answer = await once(self._pool, request, work)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (customer_id, name)))
        return answer

    async def set_profile(self, store_id: str, customer_id: str, contact: Contact, request: WriteRequest) -> Answer:
        """Replaces a customer's contact data. The answer names no personal data, because it is kept with its key."""

        async def work(connection: Connection) -> Answer:
            context = self._moment(request)
            owner = await identities.resolve(connection, store_id, customer_id)
            profile = await profiles.write(connection, store_id, owner, contact, context.now)
            await append(connection, [profile.event(context.new_id())], SOURCE)
            return Answer(to_json({"customer_id": customer_id, "version": profile.version}))

        answer = await once(self._pool, request, work)
        self._committed()
        return answer

    async def names(self, store_id: str, customer_id: str) -> bytes:
        """Who a customer is, and by which other names, as JSON."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            found = await identities.names(connection, store_id, owner)
        return to_json({"customer_id": owner, "identities": list(found)})

    async def erase(self, store_id: str, customer_id: str, request: WriteRequest) -> Answer:
        """Forgets a customer here and, by tombstones, everywhere, under every name; also one not known any more."""
        context = self._moment(request)

        async def work(connection: Connection) -> Answer:
            await identities.lock_names(connection, store_id)
            owner = await identities.resolve(connection, store_id, customer_id)
            names = {owner, customer_id, *await identities.names(connection, store_id, owner)}
            for name in sorted(names):
                await profiles.erase(connection, store_id, name)
            await identities.remove_all(connection, store_id, owner)
            await append(connection, [_erased(store_id, name, context) for name in sorted(names)], SOURCE)
            return Answer(b"", 204)

        answer = await once(self._pool, request, work)
        self._committed()
        return answer

    async def _unite(
        self, store_id: str, name: str, into: str, mode: Mode, request: WriteRequest, *, taken: bool
    ) -> Answer:
        context, terms = self._moment(request), Terms(mode, self._limits(store_id))

        async def work(connection: Connection) -> Answer:
            await identities.lock_names(connection, store_id)
            owner = await identities.resolve(connection, store_id, into)
            bearer = await identities.resolve(connection, store_id, name)
            if bearer == owner and name == owner:
                raise Refusal("same-customer", "This is one customer already.")
            if taken and bearer not in (name, owner):
                raise Refusal("identity-taken", "This identity leads to another customer.")
            # again for one that leads here already: a first add that raced with it comes along as well
            old = name if bearer == owner else bearer
            receipt = await _cart_brought(connection, store_id, old, owner, terms, context)
            await _profile_brought(connection, store_id, old, owner, context)
            await identities.point(connection, store_id, old, owner, context.now)
            mark = customer_mark(self._secret, store_id, name)
            await audit(connection, request, "identity.added" if taken else "customer.merged", mark, context.now)
            return Answer(to_json({"customer_id": owner, "identity": name, "merge": receipt}))

        async def look_again(connection: Connection) -> Answer:
            # a first add under the old name may have been under way: it did not see the new one
            owner = await identities.resolve(connection, store_id, name)
            if owner != name:
                await _cart_brought(connection, store_id, name, owner, terms, context)
            return Answer(b"")

        answer = await once(self._pool, request, work)
        await once(self._pool, replace(request, key=None), look_again)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (into, name)))
        return answer

    def _moment(self, request: WriteRequest) -> Context:
        return Context(request.occurred_at or self._clock(), request.device)


async def _cart_brought(
    connection: Connection, store_id: str, name: str, owner: str, terms: Terms, context: Context
) -> Receipt | None:
    """The cart that was gathered under a name in that of its owner; the lock keeps the order of cart ids."""
    found = {}
    for cart in await carts.lock_of_customers(connection, store_id, [name, owner]):
        found[cart.customer_id] = cart
    if (other := found.get(name)) is None:
        return None
    _, receipt = await merge_carts(connection, found.get(owner), other, owner, terms, None, context)
    return receipt


async def _profile_brought(connection: Connection, store_id: str, name: str, owner: str, context: Context) -> None:
    """The owner's contact data stays; only where there is none that of the name becomes the owner's."""
    old = await profiles.read(connection, store_id, name)
    if old is None:
        return
    told: list[Event] = []
    if await profiles.read(connection, store_id, owner) is None:
        profile = await profiles.write(connection, store_id, owner, old.contact, context.now)
        told.append(profile.event(context.new_id()))
    await profiles.erase(connection, store_id, name)
    await append(connection, [*told, _erased(store_id, name, context)], SOURCE)


def _erased(store_id: str, customer_id: str, context: Context) -> ProfileErased:
    return ProfileErased(event_id=context.new_id(), occurred_at=context.now, store_id=store_id, customer_id=customer_id)
