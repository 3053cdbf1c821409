"""What a store may ask of its messages, and what holds where it says nothing."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from services.notifier.domain.store import Store
from tests.unit.notifier.making import store


def test_messages_are_kept_400_days_and_replies_90() -> None:
    plain = store()
    assert (plain.messages_days, plain.replies_days) == (400, 90)
    assert (plain.email_cap_hours, plain.sms_cap_hours) == (0, 0)
    assert (plain.locale, plain.time_zone, plain.delivery) == ("en", "UTC", "at_most_once")


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
    assert getattr(store(**{name: least}), name) == least
    with pytest.raises(ValidationError, match=name):
        store(**{name: below})


def test_each_channel_has_a_cap_of_its_own() -> None:
    both = store(email_cap_hours=16, sms_cap_hours=24)
    assert (both.cap("email"), both.cap("sms")) == (timedelta(hours=16), timedelta(hours=24))


@pytest.mark.parametrize(
    ("sender", "takes"), [("+15005550006", True), ("12345", True), ("MG" + "0" * 32, True), ("Nordwind", False)]
)
def test_nobody_answers_a_word(sender: str, takes: bool) -> None:
    assert store(sms_from=sender).takes_replies is takes


def test_a_closed_store_sends_nothing_and_an_open_one_where_it_has_a_sender() -> None:
    assert store(closed=True).silent("email") == "store_closed"
    assert store().silent("email") is None
    assert store(sms_from=None).silent("sms") == "no_sender"
    assert store().silent("push") == "no_sender"


def test_a_store_that_is_described_is_open_unless_that_is_told() -> None:
    told = {"name": "Nordwind", "messages": {"email_from": "hello@nordwind.example", "email_cap_hours": 2}}
    unset = {"email_cap_hours": 16, "sms_cap_hours": 24}
    described = Store.described(told, unset)
    assert not described.closed
    assert (described.email_cap_hours, described.sms_cap_hours) == (2, 24)
    assert Store.described(told, unset, closed=True).closed


@pytest.mark.parametrize("name", ["name", "postal_address"])
def test_a_line_has_at_most_200_characters(name: str) -> None:
    assert getattr(store(**{name: "x" * 200}), name) == "x" * 200
    with pytest.raises(ValidationError, match=name):
        store(**{name: "x" * 201})


def test_an_address_has_at_most_254_characters() -> None:
    host = "@nordwind.example"
    longest = "x" * (254 - len(host)) + host
    assert store(email_from=longest).email_from == longest
    with pytest.raises(ValidationError, match="email_from"):
        store(email_from="x" + longest)


@pytest.mark.parametrize(
    ("hosts", "url", "kept"),
    [
        (("nordwind.example",), "https://nordwind.example/mug", True),
        (("nordwind.example",), "https://pictures.nordwind.example/mug.jpg", True),
        (("nordwind.example",), "https://evil.example/", False),
        (("nordwind.example",), None, False),
        ((), "https://nordwind.example/mug", False),
        (None, "https://anywhere.example/mug", True),
        (None, "javascript:alert(1)", False),
        (None, None, False),
    ],
)
def test_a_link_leads_to_the_store_or_where_that_was_not_told_to_the_web(
    hosts: tuple[str, ...] | None, url: str | None, kept: bool
) -> None:
    assert store(hosts=hosts).link(url) == (url if kept else None)
    assert store().hosts is None


def test_quiet_hours_are_from_one_time_to_another_in_a_zone() -> None:
    quiet = store(quiet_hours="21:30-09:05", time_zone="Europe/Berlin")
    assert (quiet.quiet, quiet.zone) == ((time(21, 30), time(9, 5)), ZoneInfo("Europe/Berlin"))
    assert store().quiet is None
    for wrong in ({"quiet_hours": "9:00-21:00"}, {"quiet_hours": "09:00-09:00"}, {"time_zone": "Mars/Olympus"}):
        with pytest.raises(ValidationError):
            store(**wrong)


@pytest.mark.parametrize("sender", ["+", "1 234", "MG" + "0" * 31, "x12345"])
def test_what_only_looks_like_a_number_is_a_word(sender: str) -> None:
    assert not Store.model_construct(name="Nordwind", sms_from=sender).takes_replies
    assert not store(sms_from=None).takes_replies
