"""Reads, always from the database; none writes, but for the note that a notice was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.errors import PostgresError
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool, Row
from libs.runtime.clock import Clock
from services.cart.db import (
    audit,
    cart_batches,
    cart_pages,
    cart_views,
    carts,
    guest_contacts,
    health,
    identities,
    profiles,
)
from services.cart.domain.cart_json import CartView, empty_view
from services.cart.domain.customers.consents import KnownConsent, known_consents
from services.cart.domain.customers.profile import Profile
from services.cart.domain.errors import Refusal
from services.cart.domain.limits import LimitsOf, widest
from services.cart.domain.links import Goods, open_recovery
from services.cart.domain.notices import split_seen
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.domain.tokens import RECOVERY_VALIDITY, Recovery
from services.cart.handlers.batches import Batches
from services.cart.handlers.customer_looks import CustomerLook, look_at_customer
from services.cart.handlers.transaction import Result, commit_once
from services.cart.live.publisher import Committed


@dataclass(frozen=True, slots=True)
class LastLook:
    """A cart as it is, the levels of its skus (null where unknown), what the store has told that its lines cost (by
    their ids, where it has, and no server has set another), whether its customer may be written to (null without a
    profile), and a recovery link that holds from `as_of`.

    `goods_version` is the version at which its goods last changed: what reminders name. Since `silent_since` nobody is
    to be reminded of it.
    """

    cart: CartView
    goods_version: int
    silent_since: datetime | None
    inventory: str
    prices: str
    recipient: str
    recipient_id: str | None
    link: Recovery
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery link shows, and which cart and version an order would have to name."""

    goods: Goods
    cart_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Glance:
    """A cart of which there is nothing to tell, or None: then there may be, and always in a `supplied` store."""

    view: CartView | None
    supplied: bool = False


def _glance(shopper: Shopper, row: Row | None) -> Glance:
    if row is None:
        return Glance(empty_view(shopper.store_id, shopper.customer_id))
    return Glance(None, row["supplied"]) if row["supplied"] or row["merged"] else Glance(carts.view_of(row))


def _look(shopper: Shopper, row: Row | None) -> CartView:
    return cart_views.view_with_notices(row) if row else empty_view(shopper.store_id, shopper.customer_id)


class CartReads:
    """What shoppers, servers and recovery links may look at."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, limits: LimitsOf = widest) -> None:
        self._pool, self._clock, self._committed, self._limits = pool, clock, committed, limits
        # Stores that have told a level or a price, and go on: for their carts the cheaper read would only come first.
        self._supplied = set[str]()
        self._batches = Batches(self._read_together, self._read_alone, (PostgresError,))
        self._looks = Batches(self._look_together, self._look_alone, (PostgresError,))

    async def read(self, shopper: Shopper) -> CartView:
        """The cart as it is; reading never writes."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            row = await carts.read(connection, shopper)
        return carts.view_of(row) if row else empty_view(shopper.store_id, shopper.customer_id)

    async def read_with_notices(self, shopper: Shopper, device: str) -> CartView:
        """The cart as it is, with what has changed around it and was not acknowledged on this device."""
        if shopper.store_id not in self._supplied:
            glance = await self._batches.ask(shopper)
            if glance.view is not None:
                return glance.view
            if glance.supplied:
                self._supplied.add(shopper.store_id)
        return await self._looks.ask((shopper, device))

    async def _look_alone(self, asked: tuple[Shopper, str]) -> CartView:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return _look(asked[0], await cart_views.read_with_notices(connection, *asked))

    async def _look_together(self, asked: Sequence[tuple[Shopper, str]]) -> list[CartView]:
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await cart_batches.read_with_notices(connection, asked)
        return [_look(shopper, row) for (shopper, _), row in zip(asked, found, strict=True)]

    async def _read_alone(self, shopper: Shopper) -> "Glance":
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return _glance(shopper, await cart_views.read(connection, shopper))

    async def _read_together(self, shoppers: Sequence[Shopper]) -> "Sequence[Glance]":
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            found = await cart_batches.read(connection, shoppers)
        return [_glance(shopper, row) for shopper, row in zip(shoppers, found, strict=True)]

    async def acknowledge(self, shopper: Shopper, notice_ids: Sequence[UUID], request: WriteRequest) -> Answer:
        """Notes that notices were seen on the device of the call; gives the cart with those that are left."""
        result = await commit_once(self._pool, request, self._acknowledge, shopper, notice_ids, request)
        self._committed(shopper)
        return result.answer

    async def _acknowledge(
        self, connection: Connection, shopper: Shopper, notice_ids: Sequence[UUID], request: WriteRequest
    ) -> Result:
        seen_at, device = request.occurred_at or self._clock(), request.device or ""
        row = await cart_views.read_with_notices(connection, shopper, device)
        if row is None:
            view = empty_view(shopper.store_id, shopper.customer_id)
        else:
            left, seen = split_seen(cart_views.notices_in(row), frozenset(notice_ids))
            await cart_views.acknowledge(connection, row["cart_id"], device, [one.notice_id for one in seen], seen_at)
            view = carts.view_of(row).with_notices(left)
        return Result(Answer(view.json(), 200, view.etag))

    async def read_profile(self, store_id: str, customer_id: str) -> Profile | None:
        """What is known of a customer."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            return await profiles.read(connection, store_id, owner)

    async def read_consents(self, store_id: str, customer_id: str) -> list[KnownConsent]:
        """What a customer has agreed to, with its proof."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            known = await profiles.read(connection, store_id, owner)
            proofs = await guest_contacts.consents(connection, store_id, owner)
        return known_consents(known.contact if known else None, map(dict, proofs))

    async def last_looks(self, store_id: str, cart_ids: Sequence[UUID]) -> list[LastLook]:
        """Everything that reminders must still be true to, of one snapshot, of those carts that the store has."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return [_last_look(row) for row in await cart_views.last_looks(connection, store_id, cart_ids)]

    async def look_at_customer(
        self, store_id: str, customer_id: str, order_id: str | None, sku: str | None, viewed: Sequence[str] = ()
    ) -> CustomerLook:
        """What a message that is about no cart must still be true to: an order, an item, and what they looked at may be
        asked for.
        """
        return await look_at_customer(self._pool, store_id, customer_id, order_id, sku, viewed)

    async def carts_of(self, store_id: str, customer_id: str, after: UUID | None, limit: int) -> Sequence[CartView]:
        """Up to `limit` of a customer's carts in whatever state, newest first, behind one of them."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            owner = await identities.resolve(connection, store_id, customer_id)
            return await cart_pages.read_page(connection, store_id, owner, after, limit)

    async def recover(self, link: Recovery) -> Recovered:
        """The goods of a recovery link's cart. Raises `Refusal`: unknown-link, and what `open_recovery` refuses."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            row = await carts.read_by_id(connection, link.cart_id)
        if row is None:
            raise Refusal("unknown-link", "This link leads to no cart.")
        cart = carts.cart_of(row)
        goods = open_recovery(link, cart, row["recovery_epoch"], self._clock(), self._limits(cart.store_id))
        return Recovered(goods, link.cart_id, row["version"])

    async def audit(self, store_id: str, after: UUID | None, limit: int) -> list[dict[str, Any]]:
        """What ops and servers changed in a store, newest first, behind an entry of the audit."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await audit.page(connection, store_id, after, limit)

    async def check(self) -> None:
        """Raises when the database can't be used, or has no tables yet."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            await health.check_tables(connection)


def _last_look(row: Row) -> LastLook:
    link = Recovery(row["cart_id"], row["as_of"] + RECOVERY_VALIDITY, row["recovery_epoch"])
    reminders, recipient = (row["goods_version"], row["silent_since"]), row["recipient"] or "null"
    about = (row["prices"], recipient, row["recipient_id"])
    return LastLook(carts.view_of(row), *reminders, row["inventory"], *about, link, row["as_of"])
