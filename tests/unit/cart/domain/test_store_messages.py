"""What a store may say of its messages, and what holds where it says nothing."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.cart.domain.store_messages import StoreMessages


def test_a_store_that_says_little_keeps_messages_400_days_and_replies_90_and_leaves_rules_open() -> None:
    plain = StoreMessages()
    assert (plain.messages_days, plain.replies_days) == (400, 90)
    assert (plain.email_cap_hours, plain.sms_cap_hours, plain.quiet_hours) == (None, None, None)
    assert (plain.email_provider, plain.sms_provider, plain.delivery) == ("smtp", "twilio", "at_most_once")


@pytest.mark.parametrize(
    ("name", "least", "below"),
    [
        ("email_cap_hours", 0, -0.5),
        ("sms_cap_hours", 0, -0.5),
        ("messages_days", 30, 29.5),
        ("replies_days", 1, 0.5),
    ],
)
def test_nothing_is_less_than_makes_sense(name: str, least: float, below: float) -> None:
    assert getattr(StoreMessages(**{name: least}), name) == least
    with pytest.raises(ValidationError, match=name):
        StoreMessages(**{name: below})


HOST, SHOP = "@nordwind.example", "https://shop.example/"


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        ("email_from", "x" * (254 - len(HOST)) + HOST),
        ("postal_address", "x" * 200),
        ("logo_url", SHOP + "x" * (2000 - len(SHOP))),
        ("templates", "x" * 63),
        ("email_provider", "x" * 32),
    ],
)
def test_nothing_is_longer_than_those_who_send_can_take(name: str, longest: str) -> None:
    assert getattr(StoreMessages.model_validate({name: longest}), name) == longest
    longer = longest.replace("xx", "xxx", 1)
    with pytest.raises(ValidationError, match=name):
        StoreMessages.model_validate({name: longer})


@pytest.mark.parametrize(
    "wrong",
    [
        {"quiet_hours": "21:00"},
        {"quiet_hours": "24:00-09:00"},
        {"sms_from": "+0123"},
        {"accent": "red"},
        {"postal_address": "Road 1\r\nBcc: x"},
        {"templates": "../up"},
        {"color": "red"},
    ],
    ids=str,
)
def test_what_is_not_right_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StoreMessages.model_validate(wrong)


def test_several_providers_are_said_in_their_order_at_once_or_apart() -> None:
    at_once = StoreMessages.model_validate({"email_provider": ["ses", "smtp"], "sms_provider": ["vonage"]})
    apart = StoreMessages(email_provider="ses", email_fail_over=("smtp",), sms_provider="vonage")
    assert at_once == apart
    assert (apart.email_providers, apart.sms_providers) == (("ses", "smtp"), ("vonage",))
    assert StoreMessages.model_validate(at_once.model_dump(mode="json")) == at_once


@pytest.mark.parametrize(
    "said",
    [
        {"email_provider": []},
        {"email_provider": ["smtp", "smtp"]},
        {"sms_provider": "twilio", "sms_fail_over": ["twilio"]},
        {"email_provider": ["a", "b", "c", "d", "e"]},
        {"email_provider": ["SES"]},
        {"email_provider": [["ses"]]},
        {"email_provider": 7},
        {"email_provider": ["ses"], "email_fail_over": 7},
        {"email_provider": ["ses", "smtp"], "email_fail_over": ["resend"]},
    ],
)
def test_an_order_of_providers_that_makes_no_sense_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StoreMessages.model_validate(said)
