"""A campaign file whose delays fit a trace that is replayed faster. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

import yaml

from deploy.traffic.schedule import MICROSECOND
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.kinds.campaign import QuietCartCampaign
from services.trigger.domain.participation import Reenter
from services.trigger.domain.timing.steps import Step

LEAST_LATENESS = timedelta(seconds=20)
"""A reminder may be late by what settling, polling and a busy machine cost, however fast the trace runs."""


def delays(file: CampaignFile) -> list[timedelta]:
    """All delays of the campaigns that a trace can set off: it has no stock levels."""
    return [step.delay for one in file.campaigns if isinstance(one, QuietCartCampaign) for step in one.steps]


def hastened(file: CampaignFile, speed: int, suffix: str) -> CampaignFile:
    """The file's campaigns on carts with everything `speed` times as fast, and `suffix` behind their names.

    Without their windows: a trace that runs faster has no times of day.
    """
    campaigns = [
        campaign.model_copy(
            update={
                "name": campaign.name + suffix,
                "steps": _steps(campaign.steps, speed),
                "reenter": _sooner(campaign.reenter, speed),
            }
        )
        for campaign in file.campaigns
        if isinstance(campaign, QuietCartCampaign)
    ]
    return file.model_copy(update={"campaigns": tuple(campaigns)})


def _steps(recorded: Sequence[Step], speed: int) -> tuple[Step, ...]:
    steps = [step.model_copy(update={"delay": step.delay / speed, "at": None}) for step in recorded]
    gaps = [following.delay - step.delay for step, following in pairwise(steps)] + [timedelta.max]
    return tuple(
        step.model_copy(update={"lateness": min(gap, max(LEAST_LATENESS, (step.lateness or timedelta()) / speed))})
        for step, gap in zip(steps, gaps, strict=True)
    )


def _sooner(recorded: Reenter | None, speed: int) -> Reenter | None:
    if recorded is None:
        return None
    times = {"after": recorded.after and recorded.after / speed, "per": recorded.per and recorded.per / speed}
    return recorded.model_copy(update=times)


def as_yaml(file: CampaignFile) -> str:
    """The text of a campaign file, durations in microseconds."""
    return yaml.safe_dump(_plain(file.model_dump(exclude_none=True)), sort_keys=False)


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return f"{value // MICROSECOND}us" if isinstance(value, timedelta) else value
