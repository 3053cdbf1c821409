"""`browse`: reminds of what a customer looked at and has neither put into a cart nor ordered since."""

from typing import ClassVar, Literal

from services.trigger.domain import subjects
from services.trigger.domain.kinds.campaign import Conditional, FollowingCampaign


class Browse(Conditional, FollowingCampaign):
    """Delays count from when they looked at something last; looking at more begins them anew.

    Who has a cart with goods is left out: that is for the campaigns on carts to remind of.
    """

    kind: Literal["browse"]
    leaves_to_carts: ClassVar[bool] = True

    @property
    def subject(self) -> str:
        """What a customer looked at."""
        return subjects.VIEWED
