"""What of a store's messages is held back."""

import pytest

from services.notifier.domain.pause import Scope


def test_a_step_is_one_of_a_campaign():
    with pytest.raises(ValueError, match="name the campaign, too"):
        Scope(step=2, channel="sms")
    assert Scope("cart", 2) == Scope("cart", 2, "")
    assert Scope() == Scope("", 0, "")
