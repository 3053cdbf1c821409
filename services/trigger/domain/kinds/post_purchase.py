"""`post_purchase`: writes to whoever has ordered, some time after that or after it came."""

from typing import Literal

from services.trigger.domain import subjects
from services.trigger.domain.conditions import ForGoods
from services.trigger.domain.kinds.campaign import Conditional, FollowingCampaign

_AFTER = {"placed": subjects.PLACED, "shipped": subjects.SHIPPED, "delivered": subjects.DELIVERED}


class PostPurchase(Conditional, FollowingCampaign):
    """Delays count from when the order was placed, or from when it was shipped or delivered (`after`).

    An order that is cancelled, returned or was not paid ends it. `enter` asks of the order (total, category of its
    goods) and of who ordered.
    """

    kind: Literal["post_purchase"]
    enter: ForGoods = ForGoods()
    after: Literal["placed", "shipped", "delivered"] = "placed"

    @property
    def subject(self) -> str:
        """That which it comes after."""
        return _AFTER[self.after]
