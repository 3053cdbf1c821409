"""Customers: their contact data, and the several names of one: loyalty numbers, terminals, accounts of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pydantic_core import to_json

from libs.contracts.events import Event, ProfileErased
from libs.outbox.store import append
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, guest_contacts, identities, profiles, views
from services.cart.db.audit import audit
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.customers.customer_ids import is_guest
from services.cart.domain.customers.guest_contact import unconfirmed
from services.cart.domain.customers.profile import Contact, Handle, handles_since
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.merge.receipt import Mode, Receipt
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import customer_mark
from services.cart.handlers.ended_watches import forget_watches, move_watches
from services.cart.handlers.merges import Terms, merge_carts
from services.cart.handlers.transaction import Result, commit_once, in_transaction
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
        return await self._point(store_id, customer_id, into, mode, request, adding=False)

    async def add_name(self, store_id: str, customer_id: str, name: str, mode: Mode, request: WriteRequest) -> Answer:
        """Gives a customer another name. What was gathered under it comes along.

        Raises `Refusal`: same-customer, identity-taken (it leads to another customer).
        """
        return await self._point(store_id, name, customer_id, mode, request, adding=True)

    async def remove_name(self, store_id: str, customer_id: str, name: str, request: WriteRequest) -> Answer:
        """Takes a name from a customer: log-ins under it stand for themselves again. Raises unknown-identity."""
        result = await commit_once(self._pool, request, self._remove_name, store_id, customer_id, name, request)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (customer_id, name)))
        return result.answer

    async def _remove_name(
        self, connection: Connection, store_id: str, customer_id: str, name: str, request: WriteRequest
    ) -> Result:
        await identities.lock_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, customer_id)
        if not await identities.remove(connection, store_id, name, owner):
            raise Refusal("unknown-identity", "The customer has no such identity.")
        await audit(connection, request, "identity.removed", customer_mark(self._secret, store_id, name), self._clock())
        return Result(Answer(b"", 204))

    async def set_profile(self, store_id: str, customer_id: str, contact: Contact, request: WriteRequest) -> Answer:
        """Replaces a customer's contact data. The answer names no personal data, because it is kept with its key."""
        result = await commit_once(self._pool, request, self._set_profile, store_id, customer_id, contact, request)
        self._committed()
        return result.answer

    async def _set_profile(
        self, connection: Connection, store_id: str, customer_id: str, contact: Contact, request: WriteRequest
    ) -> Result:
        context = request.context(self._clock)
        # or a merge of customers could erase the profile under this name before it is written
        await identities.hold_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, customer_id)
        # the shop says how it is: nobody has to be asked any more, nor whose log-in brings an address meanwhile
        await profiles.lock(connection, store_id, owner)
        await guest_contacts.drop_unconfirmed(connection, store_id, owner)
        if contact.handles is not None:
            known = await profiles.read(connection, store_id, owner)
            handles = handles_since(contact.handles, known.contact.handles if known else None, context.now)
            contact = contact.model_copy(update={"handles": handles})
        profile = await profiles.write(connection, store_id, owner, contact, context.now)
        await append(connection, [profile.event(context.new_id())], SOURCE)
        return Result(Answer(to_json({"customer_id": customer_id, "version": profile.version})))

    async def set_handle(
        self, store_id: str, customer_id: str, channel: str, handle: Handle, request: WriteRequest
    ) -> Answer:
        """Sets where one further channel reaches a customer. Raises `Refusal` unknown-customer without a profile."""
        write = partial(self._set_handle, request=request)
        result = await commit_once(self._pool, request, write, store_id, customer_id, channel, handle)
        self._committed()
        return result.answer

    async def _set_handle(
        self,
        connection: Connection,
        store_id: str,
        customer_id: str,
        channel: str,
        handle: Handle,
        *,
        request: WriteRequest,
    ) -> Result:
        context = request.context(self._clock)
        await identities.hold_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, customer_id)
        await profiles.lock(connection, store_id, owner)
        known = await profiles.read(connection, store_id, owner)
        if known is None:
            raise Refusal("unknown-customer", "Nothing is known of this customer.")
        # the shop or the chat itself says how it is: nobody is asked there any more
        await guest_contacts.drop_unconfirmed(connection, store_id, owner, channel)
        before = known.contact.handles or {}
        handles = before | {channel: handle.since(before.get(channel), context.now)}
        contact = known.contact.model_copy(update={"handles": handles})
        profile = await profiles.write(connection, store_id, owner, contact, context.now)
        agreed = await guest_contacts.agreements(connection, store_id, owner)
        await append(connection, [profile.event(context.new_id(), unconfirmed(list(agreed.values())))], SOURCE)
        return Result(Answer(to_json({"customer_id": owner, "version": profile.version})))

    async def names(self, store_id: str, customer_id: str, after: str, limit: int) -> tuple[str, Sequence[str]]:
        """Who a customer is, and up to `limit` other names, behind one."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            return owner, await identities.page(connection, store_id, owner, after, limit)

    async def erase(self, store_id: str, customer_id: str, request: WriteRequest) -> Answer:
        """Forgets a customer here and, by tombstones, everywhere, under every name; also one not known any more."""
        result = await commit_once(
            self._pool, request, _erase_profile, store_id, customer_id, request.context(self._clock)
        )
        self._committed()
        return result.answer

    async def _point(
        self, store_id: str, name: str, into: str, mode: Mode, request: WriteRequest, *, adding: bool
    ) -> Answer:
        """Makes a name lead to a customer; `adding`: as another name, which must not be that of somebody else."""
        context, terms = request.context(self._clock), Terms(mode, self._limits(store_id))
        naming = Naming(store_id, name, into, adding=adding)
        result = await commit_once(self._pool, request, self._merge_into, naming, terms, request, context)
        await in_transaction(self._pool, _merge_late_cart, naming, terms, context)
        self._committed(*(Shopper(store_id, customer_id=one) for one in (into, name)))
        return result.answer

    async def _merge_into(
        self, connection: Connection, naming: "Naming", terms: Terms, request: WriteRequest, context: Context
    ) -> Result:
        store_id, name = naming.store_id, naming.name
        await identities.lock_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, naming.into)
        bearer = await identities.resolve(connection, store_id, name)
        if bearer == owner and name == owner:
            raise Refusal("same-customer", "This is one customer already.")
        if naming.adding and bearer not in (name, owner):
            raise Refusal("identity-taken", "This identity leads to another customer.")
        # again for one that leads here already: a first add that raced with it comes along as well
        old = name if bearer == owner else bearer
        receipt = await _merge_cart(connection, store_id, old, owner, terms, context)
        await _merge_profile(connection, store_id, old, owner, context)
        await move_watches(connection, store_id, old, owner, context)
        await views.move(connection, store_id, old, owner)
        await identities.point(connection, store_id, old, owner, context.now)
        action = "identity.added" if naming.adding else "customer.merged"
        await audit(connection, request, action, customer_mark(self._secret, store_id, name), context.now)
        return Result(Answer(to_json({"customer_id": owner, "identity": name, "merge": receipt})))


@dataclass(frozen=True, slots=True)
class Naming:
    """A name that is to lead to the customer `into`: a name more (`adding`), or the whole customer of that name."""

    store_id: str
    name: str
    into: str
    adding: bool


async def _merge_late_cart(connection: Connection, naming: Naming, terms: Terms, context: Context) -> None:
    """A first add under the old name may have been under way: it did not see the new one."""
    owner = await identities.resolve(connection, naming.store_id, naming.name)
    if owner != naming.name:
        await _merge_cart(connection, naming.store_id, naming.name, owner, terms, context)


async def _erase_profile(connection: Connection, store_id: str, customer_id: str, context: Context) -> Result:
    await identities.lock_names(connection, store_id)
    owner = await identities.resolve(connection, store_id, customer_id)
    names = sorted({owner, customer_id, *await identities.names(connection, store_id, owner)})
    names += await guest_contacts.at_same_address(connection, store_id, names)
    for name in names:
        await profiles.erase(connection, store_id, name)
    await guest_contacts.forget(connection, store_id, names)
    guests = [name for name in names if is_guest(name)]
    await forget_watches(connection, store_id, guests, context)
    await identities.remove_all(connection, store_id, owner)
    await append(connection, [_erased(store_id, name, context) for name in names], SOURCE)
    return Result(Answer(b"", 204))


async def _merge_cart(
    connection: Connection, store_id: str, name: str, owner: str, terms: Terms, context: Context
) -> Receipt | None:
    """Puts the cart that was gathered under a name into its owner's; the lock keeps the order of cart ids."""
    found = {}
    for cart in await carts.lock_of_customers(connection, store_id, [name, owner]):
        found[cart.customer_id] = cart
    if (other := found.get(name)) is None:
        return None
    _, receipt = await merge_carts(connection, found.get(owner), other, owner, terms, None, context=context)
    return receipt


async def _merge_profile(connection: Connection, store_id: str, name: str, owner: str, context: Context) -> None:
    """The owner's contact data stays; only where there is none that of the name becomes the owner's."""
    for one in sorted((name, owner)):
        await profiles.lock(connection, store_id, one)
    old = await profiles.read(connection, store_id, name)
    if old is None:
        return
    events: list[Event] = []
    if await profiles.read(connection, store_id, owner) is None:
        profile = await profiles.write(connection, store_id, owner, old.contact, context.now)
        await guest_contacts.move_consents(connection, store_id, name, owner)
        agreed = await guest_contacts.agreements(connection, store_id, owner)
        events.append(profile.event(context.new_id(), unconfirmed(list(agreed.values()))))
    await guest_contacts.forget(connection, store_id, [name])
    await profiles.erase(connection, store_id, name)
    await append(connection, [*events, _erased(store_id, name, context)], SOURCE)


def _erased(store_id: str, customer_id: str, context: Context) -> ProfileErased:
    return ProfileErased(event_id=context.new_id(), occurred_at=context.now, store_id=store_id, customer_id=customer_id)
