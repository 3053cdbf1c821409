"""The kinds of campaigns whose reminders can be sent, one line each; one of any other kind fails: `unknown_kind`."""

from services.notifier.domain.kinds.abandoned_cart import ABANDONED_CART
from services.notifier.domain.kinds.abandoned_checkout import ABANDONED_CHECKOUT
from services.notifier.domain.kinds.back_in_stock import BACK_IN_STOCK, WATCHED_IS_BACK
from services.notifier.domain.kinds.browse import BROWSE
from services.notifier.domain.kinds.confirmation import CONFIRMATION
from services.notifier.domain.kinds.kind import Kind
from services.notifier.domain.kinds.low_stock import LOW_STOCK
from services.notifier.domain.kinds.monthly_confirmation import MONTHLY_CONFIRMATION
from services.notifier.domain.kinds.order_messages import (
    ORDER_CANCELLED,
    ORDER_CONFIRMED,
    ORDER_DELIVERED,
    ORDER_PARTLY_CANCELLED,
    ORDER_RETURNED,
    ORDER_SHIPPED,
)
from services.notifier.domain.kinds.post_purchase import POST_PURCHASE
from services.notifier.domain.kinds.price_drop import PRICE_DROP
from services.notifier.domain.kinds.saved_items import SAVED_ITEMS
from services.notifier.domain.kinds.shop_message import shop_message
from services.notifier.domain.kinds.win_back import WIN_BACK
from services.notifier.domain.reminder import Reminder

KINDS: dict[str, Kind] = {
    "abandoned_cart": ABANDONED_CART,
    "abandoned_checkout": ABANDONED_CHECKOUT,
    "low_stock": LOW_STOCK,
    "back_in_stock": BACK_IN_STOCK,
    "price_drop": PRICE_DROP,
    "order_confirmed": ORDER_CONFIRMED,
    "order_shipped": ORDER_SHIPPED,
    "order_delivered": ORDER_DELIVERED,
    "order_cancelled": ORDER_CANCELLED,
    "order_partly_cancelled": ORDER_PARTLY_CANCELLED,
    "order_returned": ORDER_RETURNED,
    "post_purchase": POST_PURCHASE,
    "win_back": WIN_BACK,
    "saved_items": SAVED_ITEMS,
    "confirmation": CONFIRMATION,
    "monthly_confirmation": MONTHLY_CONFIRMATION,
    "browse": BROWSE,
    "shop_cart_reminder": shop_message("cart_reminders"),
    "shop_stock_alert": shop_message("stock_alerts"),
    "shop_marketing": shop_message("marketing"),
    "shop_notice": shop_message("transactional"),
}

OF_SHOPS: dict[str, str] = {kind.purpose: name for name, kind in KINDS.items() if name.startswith("shop_")}
"""By purpose the kind of what a shop's server hands over in words of its own."""

ABOUT_NO_CART: dict[str, Kind] = {"back_in_stock": WATCHED_IS_BACK}
"""Those that are otherwise looked at where the reminder is about no cart."""


def kind_of(reminder: Reminder) -> Kind:
    """What has to be known of the kind of a reminder. Raises `KeyError` for a kind that nobody knows."""
    of_no_cart = ABOUT_NO_CART.get(reminder.kind) if reminder.cart_id is None else None
    return of_no_cart or KINDS[reminder.kind]


def uncapped() -> list[str]:
    """The kinds that caps do not count."""
    return [name for name, kind in KINDS.items() if not kind.needs_consent]


def of_latest_carts() -> list[str]:
    """The kinds that tell one address of one cart at a time."""
    return [name for name, kind in KINDS.items() if kind.latest_cart_only]


def of_one_abandonment() -> list[str]:
    """The kinds of which one message about a cart is enough, on channels that ask for it."""
    return [name for name, kind in KINDS.items() if kind.once_a_cart]
