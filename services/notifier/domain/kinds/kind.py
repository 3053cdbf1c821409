"""What has to be known of a kind of campaign before a reminder of it can be sent. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.notifier.domain.purposes import DECLINABLE, Purpose
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.short_link import Use
from services.notifier.domain.snapshot import CartSnapshot, SnapshotLine


def sellable(_reminder: Reminder, snapshot: CartSnapshot) -> tuple[SnapshotLine, ...]:
    """What of the cart can be ordered."""
    return snapshot.sellable


def way_back(_reminder: Reminder, snapshot: CartSnapshot) -> str:
    """To the cart, or to the shop where there is none."""
    return snapshot.recovery_url


def of_cart_or_order(_reminder: Reminder, snapshot: CartSnapshot) -> str | None:
    """That of the order which it is about, or the cart's."""
    return snapshot.cart.currency if snapshot.order is None else snapshot.order.currency


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of campaign.

    `about` is what the last look is at: a cart, which has to be active and not empty, or its customer, with or without
    one. `purpose` is what for it is sent, and what that needs: `cart_reminders`, `stock_alerts` and `marketing` need
    consent, caps and quiet hours, and each can be declined by itself; a `transactional` message, which tells somebody
    of what they have ordered, goes out at once, unless nothing may reach the address any more; a `confirmation` asks
    whether somebody wants to be reminded, as seldom as `domain/confirmation.py` says.

    `why_not` is why its claim no longer holds, or None; `lines` are the goods that it shows, `leads_to` is where its
    button goes; `counted` is the number that its message tells. `badge` is the phrase above the heading, where it has
    one. `items` are those that the message is about, by sku, with the units left of each; none where it is about the
    cart. Of several each has the phrase `left` beside it, and there is no badge. `currency` is that of all amounts in
    it; `amounts` are sums of money that its words name, in minor units. `once_a_cart`: of an abandoned cart a channel
    that allows one message an abandonment carries no second. `latest_cart_only`: of those that wait for one address at
    once only that of the cart which went quiet last is sent. `link` is what its own short link is for.
    """

    why_not: Callable[[Reminder, CartSnapshot], str | None]
    counted: Callable[[Reminder, CartSnapshot], int]
    badge: str | None = None
    left: str | None = None
    items: Callable[[Reminder, CartSnapshot], Mapping[str, int]] = lambda _reminder, _snapshot: {}
    amounts: Callable[[Reminder, CartSnapshot], Mapping[str, int]] = lambda _reminder, _snapshot: {}
    lines: Callable[[Reminder, CartSnapshot], tuple[SnapshotLine, ...]] = sellable
    leads_to: Callable[[Reminder, CartSnapshot], str] = way_back
    currency: Callable[[Reminder, CartSnapshot], str | None] = of_cart_or_order
    about: Literal["cart", "customer"] = "cart"
    purpose: Purpose = "marketing"
    once_a_cart: bool = False
    latest_cart_only: bool = False
    link: Use = "cart"

    @property
    def needs_consent(self) -> bool:
        """Whether it may be sent only to who has agreed, and wants messages of its purpose."""
        return self.purpose in DECLINABLE
