from datetime import timedelta
from itertools import pairwise

import pytest

from deploy.traffic.campaigns import LEAST_LATENESS, as_yaml, delays, hastened
from libs.files.yaml_file import parse
from services.trigger.campaigns.registry import load_campaigns
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.kinds.abandoned_cart import AbandonedCart
from services.trigger.main import MIGRATIONS

DEFAULT = load_campaigns(MIGRATIONS.parent / "campaigns" / "default.yaml")


@pytest.mark.parametrize("speed", [1, 60, 3600, 36_000])
def test_delays_are_divided_exactly(speed):
    assert delays(hastened(DEFAULT, speed, "-x")) == [delay / speed for delay in delays(DEFAULT)]


@pytest.mark.parametrize("speed", [1, 60, 3600, 36_000])
def test_the_trigger_accepts_the_written_file(speed):
    fast = hastened(DEFAULT, speed, "-x")
    assert parse(as_yaml(fast), "replay.yaml", CampaignFile) == fast


@pytest.mark.parametrize("speed", [3600, 36_000])
def test_lateness_keeps_a_floor_but_ends_before_the_next_step(speed):
    (campaign,) = hastened(DEFAULT, speed, "-x").campaigns
    assert isinstance(campaign, AbandonedCart)
    for step, following in pairwise(campaign.steps):
        assert step.lateness == min(LEAST_LATENESS, following.delay - step.delay)
    assert (campaign.steps[-1].lateness or timedelta()) >= LEAST_LATENESS


def test_campaigns_of_a_replay_have_names_of_their_own():
    assert [c.name for c in hastened(DEFAULT, 60, "-r1").campaigns] == ["abandoned_cart-r1"]


def test_no_campaigns_at_all_can_be_written():
    assert parse(as_yaml(CampaignFile(campaigns=())), "replay.yaml", CampaignFile).campaigns == ()


def test_durations_are_whole_microseconds():
    (campaign,) = hastened(DEFAULT, 3600, "").campaigns
    assert isinstance(campaign, AbandonedCart)
    assert campaign.steps[0].delay == timedelta(seconds=1)
    assert "delay: 1000000us" in as_yaml(hastened(DEFAULT, 3600, ""))
