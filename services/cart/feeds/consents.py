"""What recipients have agreed to by their own hand, and answered to the question whether an address is theirs."""

from collections.abc import Sequence

from libs.contracts.events import ConsentConfirmed, ConsentGiven, Event
from libs.contracts.topics import CUSTOMER_CONSENTS
from libs.inbox.records import Received, Refused, Wire, event_of
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.cart.domain.customers.opt_in import OptIns
from services.cart.domain.errors import Refusal
from services.cart.handlers.consents import ConsentHandlers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.live.publisher import Committed
from services.cart.stores.registry import StoreRegistry


class ConsentAnswers:
    """The answers that the notifier has heard."""

    topic = CUSTOMER_CONSENTS

    def __init__(self, pool: Pool, clock: Clock, committed: Committed, stores: StoreRegistry, opt_ins: OptIns) -> None:
        self._guests = GuestContactHandlers(pool, clock, committed)
        self._consents = ConsentHandlers(pool, clock, committed, stores.get, opt_ins)

    def read(self, wire: Wire) -> Event:
        """An event of our own services. Raises `UnreadableError`."""
        return event_of(wire)

    async def handle(self, batch: Sequence[Received[Event]]) -> Sequence[Refused[Event]]:
        """Takes them over one by one; none is refused, for what nobody waits for any more is over."""
        for received in batch:
            if isinstance(received.event, ConsentConfirmed | ConsentGiven):
                await self._take(received.event)
        return ()

    async def _take(self, answer: ConsentConfirmed | ConsentGiven) -> None:
        try:
            if isinstance(answer, ConsentGiven):
                await self._consents.give(answer)
            else:
                await self._guests.confirm(answer)
        except Refusal as refusal:  # more lost races than ever happen: it comes again
            raise TimeoutError(refusal.detail) from None
