"""What a provider's answer means, and whose links are ours."""

import pytest
from pydantic import ValidationError

from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.channels.sms import judged
from services.notifier.domain.unsubscribe_link import ForgedLinkError, Links, Unsubscription
from services.notifier.settings import NotifierSettings
from tests.unit.notifier.making import store


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (201, {"sid": "SM1", "status": "queued"}, Accepted("SM1")),
        (201, {}, Accepted(None)),
        (400, {"code": 21610}, Refused("twilio_21610", "stop")),
        (400, {"code": 21211}, Refused("twilio_21211")),
        (400, {"code": 21614}, Refused("twilio_21614")),
        (400, {}, Refused("twilio_400")),
        (400, {"code": 21611}, Postponed("twilio_21611")),
        (429, {"code": 20429}, Postponed("twilio_20429")),
        (401, {"code": 20003}, Postponed("twilio_20003")),
        (404, {"code": 20404}, Postponed("twilio_20404")),
        (503, {}, Postponed("twilio_503")),
        (500, {"code": 20500}, Unclear("twilio_20500")),
        (502, {}, Unclear("twilio_502")),
        (400, {"code": "21610"}, Refused("twilio_400")),
    ],
)
def test_twilio_s_answers_are_told_apart(status, body, outcome):
    assert judged(status, body) == outcome


@pytest.mark.parametrize(
    ("header", "wish"), [("30", 30.0), ("999999", 3600.0), ("Wed, 21 Oct", None), ("-1", None), ("²", None)]
)
def test_twilio_s_wish_is_heeded_within_reason(header, wish):
    assert judged(429, {}, header) == Postponed("twilio_429", wish)


WHO = Unsubscription("demo", "anna:1/ü", "email")


def test_a_link_names_whom_it_was_made_for():
    ours = Links("s" * 32, "https://n.example/")
    assert ours.read(ours.token(WHO)) == WHO
    assert ours.unsubscribe_url(WHO) == f"https://n.example/u/{ours.token(WHO)}"


def test_a_link_of_another_secret_is_forged():
    with pytest.raises(ForgedLinkError):
        Links("s" * 32, "https://n.example").read(Links("t" * 32, "https://n.example").token(WHO))


def test_a_link_that_was_changed_anywhere_is_forged():
    ours = Links("s" * 32, "https://n.example")
    token = ours.token(WHO)
    for place in range(len(token)):
        changed = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
        with pytest.raises(ForgedLinkError):
            ours.read(changed)


def settings(**known) -> NotifierSettings:
    values = {
        "database_url": "postgresql://x",
        "cart_url": "http://cart",
        "stores": {"demo": store().model_dump(exclude_unset=True)},
        "smtp_host": "relay",
        "twilio_account_sid": "AC1",
        "twilio_auth_token": "t",
        "public_url": "https://n.example",
        "link_secret": "s" * 32,
    }
    return NotifierSettings(**(values | known))


def test_caps_and_quiet_hours_are_on_in_production_and_off_locally():
    live, local = settings().stores["demo"], settings(mode="local").stores["demo"]
    assert (live.email_cap_hours, live.sms_cap_hours, live.quiet_hours) == (16, 24, "21:00-09:00")
    assert (local.email_cap_hours, local.sms_cap_hours, local.quiet_hours) == (0, 0, "")


def test_what_a_store_has_set_is_left_alone():
    shop = {**store().model_dump(exclude_unset=True), "sms_cap_hours": 0, "quiet_hours": ""}
    assert settings(stores={"demo": shop}).stores["demo"].quiet is None
    assert not settings(stores={"demo": shop}).stores["demo"].cap("sms")
    assert settings(stores={"demo": shop}).stores["demo"].cap("email")


def test_time_outs_towards_providers_fit_into_the_lease():
    for made in (settings(), settings(mode="local"), settings(lease_seconds=2)):
        # connection, EHLO, STARTTLS, EHLO, AUTH, RSET, MAIL, RCPT, and DATA with its two answers
        longest = 8 * made.smtp_timeout_s + 2 * made.smtp_data_timeout_s
        assert longest <= made.lease_seconds * 1.2
        assert made.cart_timeout_s < made.lease_seconds


@pytest.mark.parametrize(
    "wrong",
    [
        {"email_from": "x\r\nBcc: y@z"},
        {"name": "a\nb"},
        {"quiet_hours": "25:00-09:00"},
        {"timezone": "Mars"},
        {"sms_from": "far too long a name"},
        {"accent": "red"},
    ],
)
def test_a_store_that_is_set_up_wrongly_is_refused_at_the_start(wrong):
    with pytest.raises(ValidationError):
        settings(stores={"demo": {**store().model_dump(exclude_unset=True), **wrong}})


def test_secrets_have_no_default_and_are_not_shown():
    with pytest.raises(ValidationError):
        settings(link_secret="short")
    shown = repr(settings())
    assert "sssss" not in shown
    assert "sk_x" not in shown
