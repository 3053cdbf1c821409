"""`saved_items`: reminds of what a customer has set aside for later."""

from typing import Literal

from services.trigger.domain import subjects
from services.trigger.domain.kinds.campaign import Conditional, FollowingCampaign


class SavedItems(Conditional, FollowingCampaign):
    """Delays count from when what is set aside changed last; another change begins them anew."""

    kind: Literal["saved_items"]

    @property
    def subject(self) -> str:
        """What a customer has set aside."""
        return subjects.SAVED
