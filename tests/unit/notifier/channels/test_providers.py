"""Whose account a name stands for, and what is said of settings that are missing."""

import pytest

from services.notifier.channels.email.smtp import SmtpSettings
from services.notifier.channels.providers import account_of, configured
from services.notifier.channels.sms.twilio import TwilioSettings


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("smtp_nordwind", ("smtp", "nordwind")),
        ("smtp_eu_west", ("smtp", "eu_west")),
        ("smtp_eu_2", ("smtp_eu", "2")),
        ("smtp", None),
        ("smtp_", None),
        ("smtpx", None),
        ("owl_1", None),
    ],
)
def test_a_name_stands_for_an_account_of_the_provider_that_it_begins_with(name, found):
    providers = ["smtp", "ses"] + (["smtp_eu"] if name == "smtp_eu_2" else [])
    assert account_of(name, providers) == found


def test_settings_of_a_further_account_have_its_name_in_between(monkeypatch):
    monkeypatch.setenv("NOTIFIER_SMTP_HOST", "first.example")
    monkeypatch.setenv("NOTIFIER_SMTP_PASSWORD", "secret-of-the-first")
    assert configured(SmtpSettings, "nordwind") == "NOTIFIER_SMTP_NORDWIND_HOST: Field required"
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_HOST", "own.example")
    own = configured(SmtpSettings, "nordwind")
    assert isinstance(own, SmtpSettings)
    assert (own.host, own.password) == ("own.example", None)


def test_what_is_missing_is_named_and_what_is_there_is_not_shown(monkeypatch):
    monkeypatch.setenv("NOTIFIER_TWILIO_BASE_URL", "ftp://secret.example")
    said = configured(TwilioSettings)
    assert isinstance(said, str)
    assert "NOTIFIER_TWILIO_ACCOUNT_SID: Field required" in said
    assert "NOTIFIER_TWILIO_BASE_URL: " in said
    assert "secret" not in said
