"""Guests who leave an address: their carts have a recipient, who becomes the customer's at a log-in or an order."""

from uuid import UUID

from libs.contracts.events import ConsentConfirmed, Event, ProfileErased, ProfileSet
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, guest_contacts, identities, profiles
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.customers.guest_contact import (
    Left,
    confirmed,
    name_recipient,
    new_recipient,
    unanswered_since,
    unconfirmed,
    without_unanswered,
)
from services.cart.domain.customers.profile import Contact
from services.cart.domain.errors import Refusal
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

    async def leave(self, guest: Shopper, left: Left, request: WriteRequest) -> Answer:
        """Keeps where a guest may be written to about the cart; the answer says nothing of whom it is about.

        Raises `Refusal` unknown-cart where there is none.
        """
        result = await commit_once(self._pool, request, self._leave, guest, left, request)
        self._committed(guest)
        return result.answer

    async def _leave(self, connection: Connection, guest: Shopper, left: Left, request: WriteRequest) -> Result:
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

    async def confirm(self, answer: ConsentConfirmed) -> bool:
        """Lets a consent count to which its address has said yes; whether it was waited for."""
        done = await in_transaction(self._pool, self._confirm, answer)
        if done:
            self._committed()
        return done

    async def _confirm(self, connection: Connection, answer: ConsentConfirmed) -> bool:
        store_id, channel, context = answer.store_id, answer.channel, Context(self._clock())
        await identities.hold_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, answer.customer_id)
        await profiles.lock(connection, store_id, owner)
        said = (answer.profile_version, answer.confirmed_at, answer.wording)
        profile = await profiles.read(connection, store_id, owner)
        if profile is None or not await guest_contacts.confirm(connection, store_id, owner, channel, *said):
            return False
        contact = confirmed(profile.contact, channel, answer.confirmed_at)
        await append(connection, [await write_contact(connection, store_id, owner, contact, context)], SOURCE)
        return True

    async def round(self) -> int:
        """Forgets guests whose carts are closed, and addresses that have not answered in time, a page of all guests in
        each round; returns of how many.
        """
        gone = await in_transaction(self._pool, self._forget_page)
        if gone:
            self._committed()
        return gone

    async def _forget_page(self, connection: Connection) -> int:
        context = Context(self._clock())
        page = await guest_contacts.page(connection, self._place, PAGE, unanswered_since(context.now))
        self._place = page.place
        for store_id, recipient_id in page.over:
            await _forget(connection, store_id, recipient_id, context)
        for store_id, recipient_id in page.unanswered:
            await _forget_unanswered(connection, store_id, recipient_id, context)
        return len(page.over) + len(page.unanswered)


async def leave_without_cart(
    connection: Connection, store_id: str, recipient_id: str | None, left: Left, context: Context
) -> str:
    """Keeps where a guest may be written to about something else than the cart; under which id: the one that they have,
    or a new one.
    """
    name = recipient_id or new_recipient()
    # also of one who was forgotten meanwhile: who is named nowhere would never be forgotten again
    unnamed = not await has_contact(connection, store_id, name)
    told = await _write_left(connection, store_id, name, left, context)
    if unnamed:
        await guest_contacts.name(connection, store_id, name, NO_CART)
    await append(connection, [told], SOURCE)
    return name


async def has_contact(connection: Connection, store_id: str, recipient_id: str) -> bool:
    """Whether it is known where a guest may be written to; nobody forgets it until the caller's transaction ends."""
    await profiles.lock(connection, store_id, recipient_id)
    return await profiles.read(connection, store_id, recipient_id) is not None


async def hand_over_of_token(
    connection: Connection, store_id: str, token_hash: bytes | None, customer_id: str, context: Context
) -> None:
    """Makes the customer's what the bearer of a guest's token waits for, and where they may be written to about it.

    Whoever goes on with a guest's cart saves it first: the guest is taken from it.
    """
    if token_hash is None:
        return
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
        await guest_contacts.move_consents(connection, store_id, recipient_id, owner)
        told = await write_contact(connection, store_id, owner, left.contact, context)
        await append(connection, [told], SOURCE)
    await move_watches(connection, store_id, recipient_id, owner, context)
    await _forget(connection, store_id, recipient_id, context)


async def _write_left(
    connection: Connection, store_id: str, recipient_id: str, left: Left, context: Context
) -> ProfileSet:
    """Keeps what a guest leaves, consents and all."""
    await profiles.lock(connection, store_id, recipient_id)
    known = await profiles.read(connection, store_id, recipient_id)
    held = await guest_contacts.agreements(connection, store_id, recipient_id)
    # any later version is greater: those of before had another address
    version = known.version + 1 if known else 1
    before = known.contact if known else None
    agreements = left.agreements(held, before, version, context.now)
    await guest_contacts.agree(connection, store_id, recipient_id, agreements)
    return await write_contact(connection, store_id, recipient_id, left.contact(agreements), context)


async def write_contact(
    connection: Connection, store_id: str, customer_id: str, contact: Contact, context: Context
) -> ProfileSet:
    """Writes a profile to which consents belong that are kept already; what is to be told of it."""
    profile = await profiles.write(connection, store_id, customer_id, contact, context.now)
    agreed = (await guest_contacts.agreements(connection, store_id, customer_id)).values()
    told = profile.event(context.new_id(), unconfirmed(list(agreed)))
    shown = {one.channel for one in agreed if one.confirmed_at is not None}
    # whose address it is nobody has shown: it lifts no unsubscription
    unshown = {f"{channel}_consent_at": None for channel in ("email", "sms") if channel not in shown}
    return told.model_copy(update=unshown)


async def _forget_unanswered(connection: Connection, store_id: str, recipient_id: str, context: Context) -> None:
    await profiles.lock(connection, store_id, recipient_id)
    known = await profiles.read(connection, store_id, recipient_id)
    agreed = (await guest_contacts.agreements(connection, store_id, recipient_id)).values()
    # they may have answered, or left another address, since the page was read
    if not any(one.is_unanswered(context.now) for one in agreed):
        return None
    kept = known and without_unanswered(known.contact, list(agreed))
    if not kept:
        return await _forget(connection, store_id, recipient_id, context)
    await guest_contacts.drop_unconfirmed(connection, store_id, recipient_id)
    await append(connection, [await write_contact(connection, store_id, recipient_id, kept, context)], SOURCE)
    return None


async def _forget(connection: Connection, store_id: str, recipient_id: str, context: Context) -> None:
    await profiles.lock(connection, store_id, recipient_id)
    await forget_watches(connection, store_id, [recipient_id], context)
    await guest_contacts.forget(connection, store_id, [recipient_id])
    await profiles.erase(connection, store_id, recipient_id)
    gone = ProfileErased(
        event_id=context.new_id(), occurred_at=context.now, store_id=store_id, customer_id=recipient_id
    )
    await append(connection, [gone], SOURCE)
