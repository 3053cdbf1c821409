"""`win_back`: writes to whoever has not ordered for long."""

from typing import Literal

from services.trigger.domain import subjects
from services.trigger.domain.kinds.campaign import Conditional, FollowingCampaign


class WinBack(Conditional, FollowingCampaign):
    """Delays count from a customer's last order; the next one begins them anew."""

    kind: Literal["win_back"]

    @property
    def subject(self) -> str:
        """A customer's last order."""
        return subjects.LAST_ORDER
