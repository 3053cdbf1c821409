"""What has to be known of a kind of campaign before a reminder of it can be sent. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of campaign.

    `why_not` is why its claim about an active cart with goods no longer holds, or None; `counted` is the number that
    its message tells. `badge` is the phrase above the heading, where it has one. `items` are those that the message is
    about, by sku, with the units left of each; none where it is about the cart. Of several each has the phrase `left`
    beside it, and there is no badge. `once_a_cart`: of an abandoned cart a
    channel that allows one message an abandonment carries no second. `latest_cart_only`: of those that wait for one
    address at once only that of the cart which went quiet last is sent.
    """

    why_not: Callable[[Reminder, CartSnapshot], str | None]
    counted: Callable[[Reminder, CartSnapshot], int]
    badge: str | None = None
    left: str | None = None
    items: Callable[[Reminder, CartSnapshot], Mapping[str, int]] = lambda _reminder, _snapshot: {}
    once_a_cart: bool = False
    latest_cart_only: bool = False
