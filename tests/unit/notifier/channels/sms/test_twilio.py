"""What Twilio's answer means."""

import pytest

from services.notifier.channels.http_api import Answer
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear
from services.notifier.channels.sms.twilio import judged


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
        (401, {"code": 20003}, Postponed("twilio_20003", ours=True)),
        (404, {"code": 20404}, Postponed("twilio_20404", ours=True)),
        (503, {}, Postponed("twilio_503", down=True)),
        (500, {"code": 20500}, Unclear("twilio_20500")),
        (502, {}, Unclear("twilio_502")),
        (400, {"code": "21610"}, Refused("twilio_400")),
    ],
)
def test_twilio_s_answers_are_told_apart(status, body, outcome):
    assert judged(Answer(status, body)) == outcome


@pytest.mark.parametrize(
    ("header", "wish"), [("30", 30.0), ("999999", 3600.0), ("Wed, 21 Oct", None), ("-1", None), ("²", None)]
)
def test_twilio_s_wish_is_heeded_within_reason(header, wish):
    assert judged(Answer(429, {}, {"Retry-After": header})) == Postponed("twilio_429", wish)


@pytest.mark.parametrize("code", [21606, 21212, 21603, 21408, 21703, 21705, 21659, 21660, 21607, 21608, 30034])
def test_a_sender_or_account_that_somebody_set_up_wrongly_fails_no_message_for_good(code):
    assert judged(Answer(400, {"code": code})) == Postponed(f"twilio_{code}", ours=True)
