"""For how long it is known that an abandonment had its message."""

from datetime import timedelta
from typing import Any

import pytest

from services.trigger.backtest.lately import EPISODES_KEPT, episodes_kept
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ([{"delay": "1h", "lateness": "6h"}, {"delay": "2d", "lateness": "1d"}], timedelta(days=3)),
        ([{"delay": "1h", "lateness": "6h"}], timedelta(hours=7)),
        ([{"delay": "1h", "at": {"between": ["09:00", "18:00"], "zone": "UTC"}}], EPISODES_KEPT),
    ],
    ids=["the last step", "the only step", "a window opens nobody knows when"],
)
def test_a_message_about_an_abandonment_is_known_while_another_may_follow(steps: list[dict[str, Any]], kept: timedelta):
    sent = {"channel": "sms", "template": "t"}
    of = {"name": "cart", "kind": "abandoned_cart", "steps": [{**sent, **step} for step in steps]}
    file = CampaignFile.model_validate({"campaigns": [of]})
    assert episodes_kept(StoreCampaigns.always(file)) == kept


def test_of_a_kind_that_counts_from_elsewhere_it_is_known_for_longest():
    of = {"name": "pay", "kind": "abandoned_checkout", "steps": [{"delay": "1h", "channel": "sms", "template": "t"}]}
    file = CampaignFile.model_validate({"campaigns": [of]})
    assert episodes_kept(StoreCampaigns.always(file)) == EPISODES_KEPT
