"""Guests who leave an address: their carts have a recipient, who becomes the customer's at a log-in or an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from libs.contracts.events import Event, ProfileErased, ProfileSet
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, guest_contacts, identities, profiles
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.guest_contact import name_recipient, new_recipient
from services.cart.domain.profile import Contact
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.ended_watches import forget_watches, lock_guest, move_watches, recipient_of
from services.cart.handlers.transaction import Result, commit_once, in_transaction
from services.cart.live.publisher import Committed

PAGE = 2_000
NO_CART = UUID(int=0)
"""Of whom it is written down who is written to about no cart."""


class GuestContactHandlers:
    """Takes addresses of guests. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed
        self._place = ""

    async def leave(self, guest: Shopper, left: "Left", request: WriteRequest) -> Answer:
        """Keeps where a guest may be written to about the cart; the answer says nothing of whom it is about.

        Raises `Refusal` unknown-cart where there is none.
        """
        result = await commit_once(self._pool, request, self._leave, guest, left, request)
        self._committed(guest)
        return result.answer

    async def _leave(self, connection: Connection, guest: Shopper, left: "Left", request: WriteRequest) -> Result:
        store_id = guest.store_id
        held = await carts.lock_active(connection, store_id, None, guest.token_hash)
        if not held:
            raise Refusal("unknown-cart", "There is no cart yet.")
        cart, context = held[0], request.context(self._clock)
        await lock_guest(connection, store_id, guest.token_hash or b"")
        waiting = await recipient_of(connection, store_id, guest.token_hash or b"")
        recipient_id = cart.recipient_id or waiting or new_recipient()
        events: list[Event] = [await _write_left(connection, store_id, recipient_id, left, context)]
        if cart.recipient_id is None:
            change = name_recipient(cart, recipient_id, context)
            await carts.save(connection, change.cart)
            await guest_contacts.name(connection, store_id, recipient_id, cart.cart_id)
            events.append(change.event)
        await append(connection, events, SOURCE)
        return Result(Answer(b"", 204))

    async def round(self) -> int:
        """Forgets guests whose carts are closed, a page of all guests in each round; returns how many."""
        gone = await in_transaction(self._pool, self._forget_page)
        if gone:
            self._committed()
        return gone

    async def _forget_page(self, connection: Connection) -> int:
        context = Context(self._clock())
        self._place, over = await guest_contacts.page(connection, self._place, PAGE)
        for store_id, recipient_id in over:
            await _forget(connection, store_id, recipient_id, context)
        return len(over)


@dataclass(frozen=True, slots=True)
class Left:
    """What a guest has left: the contact, the words that they agreed to by channel, and the page of the form."""

    contact: Contact
    said: Sequence[tuple[str, str]]
    page: str | None


async def leave_without_cart(
    connection: Connection, store_id: str, recipient_id: str | None, left: Left, context: Context
) -> str:
    """Keeps where a guest may be written to about something else than the cart; under which id: the one that they have,
    or a new one.
    """
    name = recipient_id or new_recipient()
    told = await _write_left(connection, store_id, name, left, context)
    if recipient_id is None:
        await guest_contacts.name(connection, store_id, name, NO_CART)
    await append(connection, [told], SOURCE)
    return name


async def hand_over_of_token(
    connection: Connection, store_id: str, token_hash: bytes, customer_id: str, context: Context
) -> None:
    """Makes the customer's what the bearer of a guest's token waits for, and where they may be written to about it."""
    await lock_guest(connection, store_id, token_hash)
    recipient_id = await recipient_of(connection, store_id, token_hash)
    if recipient_id is not None:
        await hand_over(connection, store_id, recipient_id, customer_id, context)


async def hand_over(
    connection: Connection, store_id: str, recipient_id: str, customer_id: str, context: Context
) -> None:
    """Makes what a guest has left the customer's, where nothing is known of the customer; the guest is forgotten."""
    owner = await identities.resolve(connection, store_id, customer_id)
    for one in sorted((owner, recipient_id)):
        await profiles.lock(connection, store_id, one)
    left = await profiles.read(connection, store_id, recipient_id)
    if left is not None and await profiles.read(connection, store_id, owner) is None:
        profile = await profiles.write(connection, store_id, owner, left.contact, context.now)
        await guest_contacts.move_consents(connection, store_id, recipient_id, owner)
        # whose address it is nobody has shown: it lifts no unsubscription
        told = profile.event(context.new_id()).model_copy(update={"email_consent_at": None})
        await append(connection, [told], SOURCE)
    await move_watches(connection, store_id, recipient_id, owner, context)
    await _forget(connection, store_id, recipient_id, context)


async def _write_left(
    connection: Connection, store_id: str, recipient_id: str, left: Left, context: Context
) -> ProfileSet:
    """Keeps what a guest leaves, consents and all."""
    profile = await profiles.write(connection, store_id, recipient_id, left.contact, context.now)
    await guest_contacts.agree(connection, store_id, recipient_id, left.said, left.page, context.now)
    return profile.event(context.new_id())


async def _forget(connection: Connection, store_id: str, recipient_id: str, context: Context) -> None:
    await forget_watches(connection, store_id, [recipient_id], context)
    await guest_contacts.forget(connection, store_id, [recipient_id])
    await profiles.erase(connection, store_id, recipient_id)
    gone = ProfileErased(
        event_id=context.new_id(), occurred_at=context.now, store_id=store_id, customer_id=recipient_id
    )
    await append(connection, [gone], SOURCE)
