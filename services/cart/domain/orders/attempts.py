"""Whether an order that is told again is placed anew: paid at the second try, after it had come to nothing. Pure."""

from collections.abc import Iterable
from datetime import datetime

from services.cart.domain.orders.commands import PlaceOrder
from services.cart.domain.orders.fulfilment import Status, Update


def gave_back_at(facts: Iterable[Update]) -> datetime | None:
    """When, of these facts that could be, the last one gave goods back; None where none did."""
    return max((fact.occurred_at for fact in facts if fact.reopen), default=None)


def came_to_nothing_at(status: Status, facts: Iterable[Update]) -> datetime | None:
    """When an order was over, with its goods given back; None where it stands or has kept them."""
    return gave_back_at(facts) if status in ("payment_failed", "cancelled") else None


def is_placed_anew(over_at: datetime | None, order: PlaceOrder, *, names_reopened: bool) -> bool:
    """Whether an order that is told again, after it came to nothing, is placed anew and not only told late.

    It is where it names a cart in which its goods are again, where it was placed after that, and where it does not say
    when: to be reminded after buying is worse than to have to ask for a cart again.
    """
    if over_at is None:
        return False
    return names_reopened or order.placed_at is None or order.placed_at > over_at
