"""When the steps of an abandoned cart are due, read from the campaign file. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from deploy.story.narrator import NotSoError
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.domain.kinds.low_stock import LowStock

LONGEST_STORY = timedelta(seconds=110)


@dataclass(frozen=True, slots=True)
class DueStep:
    """The step `number` (from 1) on `channel`, `delay` after the cart's last change."""

    number: int
    channel: str
    delay: timedelta


@dataclass(frozen=True, slots=True)
class Plan:
    """What the campaign file promises: steps in order of time, and the level at which stock is low."""

    steps: tuple[DueStep, ...]
    threshold: int

    @property
    def first(self) -> DueStep:
        """The reminder that brings the customer back."""
        return self.steps[0]

    @property
    def last(self) -> DueStep:
        """After its due time nothing more can come."""
        return self.steps[-1]


def plan(campaigns: CampaignFile) -> Plan:
    """The plan of a campaign file. Raises `NotSoError` where the story can't be told with it."""
    steps = [
        DueStep(number, step.channel, step.delay)
        for campaign in campaigns.campaigns
        if isinstance(campaign, AbandonedCart)
        for number, step in enumerate(campaign.steps, start=1)
    ]
    low = [c.threshold_of("") for c in campaigns.campaigns if isinstance(c, LowStock)]
    steps.sort(key=lambda step: step.delay)
    if not low or not steps or steps[0].channel != "email" or len(steps) < 2:
        raise NotSoError("The campaign file needs low_stock, and abandoned_cart with an e-mail first and another step.")
    if steps[-1].delay > LONGEST_STORY:
        raise NotSoError(
            f"The campaign file's last reminder is due after {steps[-1].delay}: a story of two minutes needs seconds."
        )
    return Plan(tuple(steps), max(low))
