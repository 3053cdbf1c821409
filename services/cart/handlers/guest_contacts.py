"""Guests who leave an address: their carts have a recipient, who becomes the customer's at a log-in or an order."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.contracts.events import Event, ProfileErased
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import carts, guest_contacts, identities, profiles
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.guest_contact import GuestContact, name_recipient, new_recipient
from services.cart.domain.profile import Contact
from services.cart.domain.request import Answer, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.transaction import Result, commit_once, in_transaction
from services.cart.live.publisher import Committed

PAGE = 2_000


class GuestContactHandlers:
    """Takes addresses of guests. `committed` is called when something may be in the outbox."""

    def __init__(self, pool: Pool, clock: Clock, committed: Committed) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed
        self._place = ""

    async def leave(
        self, guest: Shopper, given: GuestContact, locale: str, page: str | None, request: WriteRequest
    ) -> Answer:
        """Keeps where a guest may be written to about the cart; the answer says nothing of whom it is about.

        Raises `Refusal` unknown-cart where there is none.
        """
        contact, said = given.contact(locale), given.agreed()
        result = await commit_once(self._pool, request, self._leave, guest, Left(contact, said, page), request)
        self._committed(guest)
        return result.answer

    async def _leave(self, connection: Connection, guest: Shopper, left: "Left", request: WriteRequest) -> Result:
        store_id = guest.store_id
        held = await carts.lock_active(connection, store_id, None, guest.token_hash)
        if not held:
            raise Refusal("unknown-cart", "There is no cart yet.")
        cart, context = held[0], request.context(self._clock)
        recipient_id = cart.recipient_id or new_recipient()
        profile = await profiles.write(connection, store_id, recipient_id, left.contact, context.now)
        await guest_contacts.agree(connection, store_id, recipient_id, left.said, left.page, context.now)
        events: list[Event] = [profile.event(context.new_id())]
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
    await _forget(connection, store_id, recipient_id, context)


async def _forget(connection: Connection, store_id: str, recipient_id: str, context: Context) -> None:
    await guest_contacts.forget(connection, store_id, [recipient_id])
    await profiles.erase(connection, store_id, recipient_id)
    gone = ProfileErased(
        event_id=context.new_id(), occurred_at=context.now, store_id=store_id, customer_id=recipient_id
    )
    await append(connection, [gone], SOURCE)
