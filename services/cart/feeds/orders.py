"""Orders as the shop's systems tell of them on `orders.feed`: the same as by the API, and the same order is one."""

from collections.abc import Sequence

from libs.contracts.codec import UnreadableError
from libs.contracts.topics import ORDERS_FEED
from libs.inbox.consumer import Received, Refused
from libs.inbox.records import Wire
from services.cart.auth.authenticators import Authenticators
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, WriteRequest
from services.cart.feeds.consumer import RECORDS
from services.cart.feeds.records import OrderRecord, Placed, read_order_record
from services.cart.handlers.orders.fulfilment import KEPT, FulfilmentHandlers
from services.cart.handlers.orders.orders import OrderHandlers

CALLER = "f:orders"
OUTCOMES = {200: "known", 201: "taken", KEPT: "early"}


class OrderFeed:
    """Takes orders in one by one: each is a transaction of its own, and its id makes it once in effect."""

    topic = ORDERS_FEED

    def __init__(self, ordering: OrderHandlers, fulfilling: FulfilmentHandlers, authenticators: Authenticators) -> None:
        self._ordering, self._fulfilling = ordering, fulfilling
        self._authenticators = authenticators

    def read(self, wire: Wire) -> OrderRecord:
        """What a record says. Raises `UnreadableError`, also for a store that is not known."""
        record = read_order_record(wire.value)
        if self._authenticators.stores.get(record.store_id) is None:
            raise UnreadableError("store_id: there is no such store")
        return record

    async def handle(self, batch: Sequence[Received[OrderRecord]]) -> Sequence[Refused[OrderRecord]]:
        """Takes them in, in their order; gives those that are at odds with what is known."""
        return [refused for one in batch if (refused := await self._take(one)) is not None]

    async def _take(self, received: Received[OrderRecord]) -> Refused[OrderRecord] | None:
        try:
            answer = await self._save(received.event)
        except Refusal as refusal:
            if refusal.slug == "busy":
                raise TimeoutError(refusal.detail) from None
            RECORDS.labels(ORDERS_FEED.name, "refused").inc()
            return Refused(received, f"{refusal.slug}: {refusal.detail}")
        RECORDS.labels(ORDERS_FEED.name, OUTCOMES[answer.status]).inc()
        return None

    async def _save(self, record: OrderRecord) -> Answer:
        request = WriteRequest(record.store_id, CALLER, b"")
        if not isinstance(record, Placed):
            return await self._fulfilling.update(record.store_id, record.order_id, record, request, answerable=False)
        entry = self._authenticators.stores.get(record.store_id)
        if entry is None:
            raise Refusal("unknown-store", "There is no such store.")
        token_hash = self._authenticators.of(entry).guest_hash(record.cart_token) if record.cart_token else None
        return await self._ordering.place_order(record.store_id, record.order(), token_hash, request)
