"""Orders as the shop's systems tell of them on `orders.feed`: the same as by the API, and the same order is one."""

from collections.abc import Sequence

from prometheus_client import Counter

from libs.contracts.codec import UnreadableError
from libs.contracts.topics import ORDERS_FEED
from libs.inbox.consumer import Received, Refused
from libs.inbox.records import Wire
from services.cart.book import Book
from services.cart.feeds.records import Placed, read_order_record
from services.cart.intent import Intent
from services.cart.ordering import Ordering
from services.cart.refusals import Refusal

RECORDS = Counter("evercart_cart_feed_records_total", "Records of the shop's feeds, by outcome", ["feed", "outcome"])
CALLER = "f:orders"


class OrderFeed:
    """Takes orders in one by one: each is a transaction of its own, and its id makes it once in effect."""

    topic = ORDERS_FEED

    def __init__(self, ordering: Ordering, book: Book) -> None:
        self._ordering, self._book = ordering, book

    def read(self, wire: Wire) -> Placed:
        """What a record says. Raises `UnreadableError`, also for a store that is not known."""
        record = read_order_record(wire.value)
        if self._book.get(record.store_id) is None:
            raise UnreadableError("store_id: there is no such store")
        return record

    async def take(self, batch: Sequence[Received[Placed]]) -> Sequence[Refused[Placed]]:
        """Takes them in, in their order; gives those that are at odds with what is known."""
        return [refused for one in batch if (refused := await self._take(one)) is not None]

    async def _take(self, received: Received[Placed]) -> Refused[Placed] | None:
        try:
            outcome = await self._place(received.event)
        except Refusal as refusal:
            if refusal.slug == "busy":
                raise TimeoutError(refusal.detail) from None
            RECORDS.labels("orders", "refused").inc()
            return Refused(received, f"{refusal.slug}: {refusal.detail}")
        RECORDS.labels("orders", outcome).inc()
        return None

    async def _place(self, record: Placed) -> str:
        entry = self._book.get(record.store_id)
        if entry is None:
            raise Refusal("unknown-store", "There is no such store.")
        order = record.order()
        token_hash = entry.door.guest_hash(order.cart_token) if order.cart_token else None
        answer = await self._ordering.place_order(record.store_id, order, token_hash, _intent(record))
        return "taken" if answer.status == 201 else "known"


def _intent(record: Placed) -> Intent:
    return Intent(record.store_id, CALLER, b"")
