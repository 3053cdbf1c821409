"""Writes to whoever has ordered: it holds unless the order came to nothing. Pure."""

from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.kinds.order_messages import leads_to, lines, units, unless

POST_PURCHASE = Kind(
    unless("payment_failed", "cancelled", "returned"), units, lines=lines, leads_to=leads_to, about="customer"
)
