"""Steps have names: their own, or that of template and channel."""

import pytest

from libs.files.yaml_file import FileFaultError, parse
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns

ONE = "{channel: email, template: t, "


def names(*steps: str) -> list[str | None]:
    text = f"campaigns: [{{kind: abandoned_cart, name: x, steps: [{', '.join(steps)}]}}]"
    ((campaign, _),) = StoreCampaigns.always(parse(text, "x.yaml", CampaignFile)).on_carts
    return [step.name for step in campaign.steps]


def test_a_step_without_a_name_has_that_of_template_and_channel() -> None:
    steps = [ONE + f"delay: {hours}h}}" for hours in (1, 2, 3)]
    assert names(*steps) == ["t-email", "t-email-2", "t-email-3"]
    assert names(steps[0], "{channel: sms, template: t, delay: 2h}") == ["t-email", "t-sms"]


def test_a_name_that_was_given_stays_and_is_nobody_elses() -> None:
    assert names(ONE + "delay: 1h}", ONE + "delay: 2h, name: t-email}") == ["t-email-2", "t-email"]
    with pytest.raises(FileFaultError, match=r"x\.yaml:1: campaigns\.1\.steps\.2\.name: two steps are named one"):
        names(ONE + "delay: 1h, name: one}", ONE + "delay: 2h, name: one}")
