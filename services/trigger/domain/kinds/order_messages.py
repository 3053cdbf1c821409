"""`order_confirmed`, `order_shipped`, `order_delivered`, `order_cancelled`, `order_partly_cancelled`, `order_returned`:
what became of an order.

They are transactional: the notifier sends them without marketing consent, caps or quiet hours.
"""

from typing import Literal

from services.trigger.domain import subjects
from services.trigger.domain.kinds.campaign import FollowingCampaign
from services.trigger.domain.timing.steps import PromptSteps


class _OrderMessage(FollowingCampaign):
    """As soon as it is known: delays count from when it happened, and may be left out."""

    steps: PromptSteps


class OrderConfirmed(_OrderMessage):
    """Tells that an order was placed; none that came to nothing meanwhile."""

    kind: Literal["order_confirmed"]

    @property
    def subject(self) -> str:
        """That it was placed."""
        return subjects.PLACED


class OrderShipped(_OrderMessage):
    """Tells of each parcel of an order."""

    kind: Literal["order_shipped"]

    @property
    def subject(self) -> str:
        """That it, or some of it, was sent."""
        return subjects.SHIPPED


class OrderDelivered(_OrderMessage):
    """Tells that an order has arrived."""

    kind: Literal["order_delivered"]

    @property
    def subject(self) -> str:
        """That it, or some of it, has arrived."""
        return subjects.DELIVERED


class OrderCancelled(_OrderMessage):
    """Tells that nothing comes of an order; not of a part that is left out of it."""

    kind: Literal["order_cancelled"]

    @property
    def subject(self) -> str:
        """That all that was left of it was cancelled."""
        return subjects.CANCELLED


class OrderPartlyCancelled(_OrderMessage):
    """Tells that some of an order will not come; nothing once none of it does."""

    kind: Literal["order_partly_cancelled"]

    @property
    def subject(self) -> str:
        """That some of it was cancelled, and the rest was not."""
        return subjects.PARTLY_CANCELLED


class OrderReturned(_OrderMessage):
    """Tells that what was sent back has come."""

    kind: Literal["order_returned"]

    @property
    def subject(self) -> str:
        """That it, or some of it, has come back."""
        return subjects.RETURNED
