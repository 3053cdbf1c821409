"""Reminds of a checkout that was left: it holds as a reminder of the cart does, whose goods it is about. Pure."""

from services.notifier.domain.kinds.abandoned_cart import units, why_not
from services.notifier.domain.kinds.kind import Kind

ABANDONED_CHECKOUT = Kind(why_not, units, purpose="cart_reminders", once_a_cart=True, latest_cart_only=True)
