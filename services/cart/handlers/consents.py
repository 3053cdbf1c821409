"""Consents that customers give by their own hand at a message's link: kept with their words, counted or asked first."""

from collections.abc import Callable

from libs.contracts.events import ConsentGiven
from libs.outbox.store import append
from libs.postgres.pool import Connection, Pool
from libs.runtime.clock import Clock
from services.cart.db import guest_contacts, identities, profiles
from services.cart.db.save_cart import SOURCE
from services.cart.domain.cart import Context
from services.cart.domain.customers.guest_contact import agreed_by_link, confirmed
from services.cart.domain.customers.opt_in import OptIns
from services.cart.handlers.guest_contacts import write_contact
from services.cart.handlers.transaction import in_transaction
from services.cart.live.publisher import Committed
from services.cart.stores.registry import Entry


class ConsentHandlers:
    """Takes consents. `entry_of` gives a store, None where there is none; `opt_ins` are the countries that want an
    address asked; `committed` is called when something may be in the outbox.
    """

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        committed: Committed,
        entry_of: Callable[[str], Entry | None],
        opt_ins: OptIns,
    ) -> None:
        self._pool, self._clock, self._committed = pool, clock, committed
        self._entry_of, self._opt_ins = entry_of, opt_ins

    async def give(self, given: ConsentGiven) -> bool:
        """Keeps what somebody has agreed to, at the address that their page showed; whether there was anything to keep.

        Raises `Refusal` busy.
        """
        done = await in_transaction(self._pool, self._give, given)
        if done:
            self._committed()
        return done

    async def _give(self, connection: Connection, given: ConsentGiven) -> bool:
        entry, store_id, context = self._entry_of(given.store_id), given.store_id, Context(self._clock())
        if entry is None:
            return False
        await identities.hold_names(connection, store_id)
        owner = await identities.resolve(connection, store_id, given.customer_id)
        await profiles.lock(connection, store_id, owner)
        profile = await profiles.read(connection, store_id, owner)
        # told twice, or of a profile that is another by now: there the shop, or they, have said something since
        if profile is None or profile.version != given.profile_version:
            return False
        agreement = agreed_by_link(profile.contact, given, entry.store, self._opt_ins, profile.version + 1)
        if agreement is None:
            return False
        held = await guest_contacts.agreements(connection, store_id, owner)
        kept = [one for one in held.values() if one.channel != given.channel]
        await guest_contacts.agree(connection, store_id, owner, [*kept, agreement])
        contact = confirmed(profile.contact, given.channel, given.given_at) if agreement.counts else profile.contact
        await append(connection, [await write_contact(connection, store_id, owner, contact, context)], SOURCE)
        return True
