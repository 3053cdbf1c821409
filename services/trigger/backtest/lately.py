"""What was so lately, of things of which there may be millions. Pure."""

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from typing import Final

from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.kinds.campaign import QuietCartCampaign
from services.trigger.domain.timing.schedule import lateness_budgets

EPISODES_KEPT: Final = timedelta(days=40)
"""For so long at most it is known that an abandonment had its message: its last step is behind it by then."""


class Lately:
    """What was noted within a time, and at most within twice that: of each its hash alone is kept (two of a million
    share one once in 30 million traces), and they are forgotten all at once.
    """

    def __init__(self, within: timedelta) -> None:
        self._within, self._since = within, datetime.min.replace(tzinfo=UTC)
        self._now, self._before = set[int](), set[int]()

    def note(self, one: Hashable, at: datetime) -> None:
        """Notes it; times go on."""
        if at - self._since > self._within:
            self._before, self._now, self._since = self._now, set(), at
        self._now.add(hash(one))

    def __contains__(self, one: Hashable) -> bool:
        return hash(one) in self._now or hash(one) in self._before

    def __len__(self) -> int:
        return len(self._now) + len(self._before)


def episodes_kept(campaigns: StoreCampaigns) -> timedelta:
    """For how long after a message about an abandonment another one of it may be due: that of the longest campaign,
    where all count from when a cart went quiet and none waits for a time of day.
    """
    found = timedelta()
    for campaign, _ in campaigns.on_carts:
        from_quiet = isinstance(campaign, QuietCartCampaign) and type(campaign).since is QuietCartCampaign.since
        if not from_quiet or any(step.at for step in campaign.steps):
            return EPISODES_KEPT
        found = max(found, campaign.steps[-1].delay + max(lateness_budgets(campaign.steps)))
    return found
