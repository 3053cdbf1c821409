"""A step names its channels in order of preference; `channel` is a list of one."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from libs.contracts.events import ReminderRequested
from services.trigger.campaigns.registry import CampaignFileError, load_campaigns
from services.trigger.domain.backtest import decisions
from services.trigger.domain.timing.steps import Message
from tests.unit.trigger.making import added, after, campaigns
from tests.unit.trigger.making import requested as asked_for

FILE = """
campaigns:
  - name: cart
    kind: abandoned_cart
    steps: [{delay: 1h, %s, template: t}]
"""


def message(**said: object) -> Message:
    return Message.model_validate({"template": "t"} | said)


def requested(how: str) -> ReminderRequested:
    (one,) = decisions([added()], campaigns(FILE % how), after(hours=1))
    return asked_for(one)


def test_a_list_is_in_order_of_preference_and_the_first_is_the_channel() -> None:
    step = message(channels=["sms", "email"])
    assert (step.channel, step.by_preference) == ("sms", ("sms", "email"))


def test_a_channel_is_a_list_of_one_and_both_are_told_alike() -> None:
    assert message(channel="sms") == message(channels=["sms"])
    assert message(channel="sms").model_dump(exclude_none=True) == {
        "channels": ("sms",),
        "template": "t",
        "variants": (),
    }


def test_the_request_names_them_where_there_are_several() -> None:
    assert (requested("channels: [sms, email]").channel, requested("channels: [sms, email]").channels) == (
        "sms",
        ("sms", "email"),
    )
    assert (requested("channel: sms").channel, requested("channel: sms").channels) == ("sms", None)


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"channel": "sms", "channels": ["email"]}, "not both"),
        ({}, "name the channels"),
        ({"channels": []}, "name the channels"),
        ({"channels": ["sms", "sms"]}, "stands twice"),
        ({"channels": ["fax"]}, "'email', 'sms', 'whatsapp' or 'telegram'"),
        ({"channel": "fax"}, "'email', 'sms', 'whatsapp' or 'telegram'"),
    ],
)
def test_what_is_no_list_of_channels_is_told_once(said: dict[str, object], rule: str) -> None:
    with pytest.raises(ValidationError) as found:
        message(**said)
    assert len(found.value.errors()) == 1
    assert rule in str(found.value)


def test_both_at_once_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(FILE % "channel: sms, channels: [email]", encoding="utf-8")
    with pytest.raises(CampaignFileError, match=r"shop.yaml:5: .*not both"):
        load_campaigns(path)
