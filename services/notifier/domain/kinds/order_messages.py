"""Tell what became of an order: they hold while the order stands where they say. Transactional. Pure."""

from collections.abc import Callable

from services.notifier.domain.kinds.kind import Kind, way_back
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def lines(_reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What is still in the order, as far as a cart knew it."""
    return snapshot.order.lines if snapshot.order else ()


def leads_to(_reminder: Reminder, snapshot: CartSnapshot) -> str:
    """To where its parcel is followed, or to the shop."""
    return snapshot.tracking_url or snapshot.recovery_url


def units(reminder: Reminder, snapshot: CartSnapshot) -> int:
    """How many units it shows."""
    return sum(line.quantity for line in lines(reminder, snapshot))


def unless(*over: str) -> Callable[[Reminder, CartSnapshot], str | None]:
    """Why a message of an order no longer holds: `unknown_order`, or that its status is one of `over`."""

    def why_not(_reminder: Reminder, snapshot: CartSnapshot) -> str | None:
        if snapshot.order is None:
            return "unknown_order"
        return snapshot.order.status if snapshot.order.status in over else None

    return why_not


def _message(*over: str, leads_to: Callable[[Reminder, CartSnapshot], str] = way_back) -> Kind:
    return Kind(unless(*over), units, lines=lines, leads_to=leads_to, about="customer", purpose="transactional")


ORDER_CONFIRMED = _message("payment_failed", "cancelled", "returned")
ORDER_SHIPPED = _message("payment_failed", "delivered", "cancelled", "returned", leads_to=leads_to)
ORDER_DELIVERED = _message("payment_failed", "cancelled", "returned")
ORDER_CANCELLED = _message("placed", "payment_failed", "shipped", "delivered")
ORDER_PARTLY_CANCELLED = _message("payment_failed", "cancelled", "returned")
ORDER_RETURNED = _message("payment_failed")
