"""What an event of an order, of a cart, or of what was looked at, begins and ends. Pure.

What can't be (`mismatch`) is somebody's mistake and tells nobody anything. An order that came to nothing ends what was
ahead of it.
"""

from collections.abc import Collection, Iterator

from libs.contracts.events import (
    CartEvent,
    Event,
    OrderCancelled,
    OrderEvent,
    OrderPaymentFailed,
    OrderPlaced,
    ProductViewed,
)
from services.trigger.domain.occasions import Begun, Change, Ended, Taken, Viewed
from services.trigger.domain.saved_lines import tells_of_saved
from services.trigger.domain.subjects import DELIVERED, LAST_ORDER, PARTLY_CANCELLED, PLACED, SAVED, SHIPPED, VIEWED


def changes_of(event: OrderPlaced | OrderEvent) -> Iterator[Change]:
    """In their order; none of an order of nobody."""
    if event.customer_id is None:
        return
    if isinstance(event, OrderPlaced):
        yield from _placed(event, event.customer_id)
    elif event.mismatch is None:
        yield from _happened(event, event.customer_id)


def _placed(event: OrderPlaced, customer_id: str) -> Iterator[Change]:
    since = min(event.placed_at or event.occurred_at, event.occurred_at)
    if event.told_before and event.status in ("cancelled", "returned", "payment_failed"):
        return
    # what is told again is no new order, unless it had come to nothing and is placed anew
    at = event.occurred_at if event.told_before else since
    yield Begun((event.store_id, PLACED, event.order_id), customer_id, at, {"order_id": event.order_id}, again=False)
    yield Begun((event.store_id, LAST_ORDER, customer_id), customer_id, since)
    if event.skus:
        yield Taken((event.store_id, VIEWED, customer_id), event.skus, since, "ordered")


def _happened(event: OrderEvent, customer_id: str) -> Iterator[Change]:
    over = event.status in ("cancelled", "returned")
    if over or isinstance(event, OrderPaymentFailed):
        reason = event.status if over else "payment_failed"
        for subject in (PLACED, SHIPPED, DELIVERED, PARTLY_CANCELLED):
            yield Ended((event.store_id, subject, event.order_id), reason, event.occurred_at)
    if isinstance(event, OrderPaymentFailed):
        return
    since, facts = min(event.happened_at, event.occurred_at), {"order_id": event.order_id}
    subject = PARTLY_CANCELLED if isinstance(event, OrderCancelled) and not over else event.type
    yield Begun((event.store_id, subject, event.order_id), customer_id, since, facts)


def changes_of_cart(event: CartEvent) -> Iterator[Change]:
    """Of what is set aside in it, by a customer or a guest who has left an address. What staff, a bot or an import sets
    aside begins nothing.
    """
    key = (event.store_id, SAVED, str(event.cart_id))
    if event.closes:
        yield Ended(key, "cart_gone", event.occurred_at)
    elif tells_of_saved(event) and event.origin is None:
        if event.recipient is None or not any(line.saved for line in event.lines or ()):
            yield Ended(key, "nothing_saved", event.occurred_at)
        else:
            yield Begun(key, event.recipient, event.occurred_at)


def changes_of_views(event: ProductViewed) -> Iterator[Change]:
    """A customer looked at goods: one occasion of theirs, whatever they look at."""
    yield Viewed((event.store_id, VIEWED, event.customer_id), event.customer_id, event.occurred_at, event.skus)


def taken_by_cart(event: CartEvent) -> Iterator[Change]:
    """What a customer has in their cart, also aside, nobody reminds them to have looked at."""
    # an event of before has no lines, and neither has one of a trace
    skus = frozenset(event.holds if event.lines is None else (line.sku for line in event.lines))
    if event.customer_id is not None and skus:
        yield Taken((event.store_id, VIEWED, event.customer_id), skus, event.occurred_at, "put_into_cart")


def changes_by(event: Event, subjects: Collection[str]) -> Iterator[Change]:
    """All that an event begins and ends of the `subjects` that campaigns of its store follow, and perhaps of others."""
    if isinstance(event, ProductViewed):
        yield from changes_of_views(event)
    elif isinstance(event, OrderPlaced | OrderEvent):
        yield from changes_of(event)
    elif isinstance(event, CartEvent):
        if SAVED in subjects:
            yield from changes_of_cart(event)
        if VIEWED in subjects:
            yield from taken_by_cart(event)
