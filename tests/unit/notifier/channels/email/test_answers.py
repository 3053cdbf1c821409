"""What the answers of e-mail providers over HTTP mean, where the status alone does not say it."""

import pytest

from services.notifier.channels.email import mailgun, postmark, resend, sendgrid, ses
from services.notifier.channels.http_api import Answer
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear


def of_ses(status: int, kind: str, message: str = "x") -> Answer:
    return Answer(status, {"message": message}, {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/"})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"MessageId": "m1"}), Accepted("m1")),
        (of_ses(400, "MessageRejected", "virus"), Refused("ses_message_rejected")),
        (
            of_ses(400, "MessageRejected", "Email address is not verified."),
            Postponed("ses_message_rejected", ours=True),
        ),
        (of_ses(400, "BadRequestException"), Refused("ses_bad_request")),
        (of_ses(400, "AccountSuspendedException"), Postponed("ses_account_suspended", ours=True)),
        (of_ses(400, "SendingPausedException"), Postponed("ses_sending_paused", ours=True)),
        (
            of_ses(400, "MailFromDomainNotVerifiedException"),
            Postponed("ses_mail_from_domain_not_verified", ours=True),
        ),
        (of_ses(404, "NotFoundException"), Postponed("ses_not_found", ours=True)),
        (of_ses(400, "RequestExpired"), Postponed("ses_request_expired", ours=True)),
        (of_ses(429, "TooManyRequestsException"), Postponed("ses_too_many_requests")),
        (of_ses(400, "LimitExceededException"), Postponed("ses_limit_exceeded")),
        (of_ses(400, "ThrottlingException"), Postponed("ses_throttling")),
        (of_ses(403, "InvalidSignatureException"), Postponed("ses_403", ours=True)),
        (of_ses(500, "InternalFailure"), Unclear("ses_500")),
        (Answer(503), Postponed("ses_503", down=True)),
        (Answer(400), Refused("ses_400")),
    ],
)
def test_ses(answer, outcome):
    assert ses.judged(answer) == outcome


def of_resend(status: int, name: str, message: str = "x") -> Answer:
    return Answer(status, {"statusCode": status, "name": name, "message": message})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"id": "r1"}), Accepted("r1")),
        (of_resend(422, "validation_error", "Invalid `to` field."), Refused("resend_validation_error")),
        (of_resend(422, "missing_required_field"), Refused("resend_422")),
        (of_resend(400, "validation_error", "Invalid `to` field."), Refused("resend_validation_error")),
        (of_resend(422, "validation_error", "Invalid `from` field."), Postponed("resend_validation_error", ours=True)),
        (of_resend(401, "validation_error", "API key is invalid"), Postponed("resend_validation_error", ours=True)),
        (of_resend(403, "validation_error", "domain"), Postponed("resend_validation_error", ours=True)),
        (of_resend(401, "missing_api_key"), Postponed("resend_missing_api_key", ours=True)),
        (of_resend(451, "security_error"), Postponed("resend_security_error", ours=True)),
        (of_resend(429, "rate_limit_exceeded"), Postponed("resend_rate_limit_exceeded")),
        (of_resend(429, "daily_quota_exceeded"), Postponed("resend_daily_quota_exceeded", ours=True)),
        (of_resend(429, "monthly_quota_exceeded"), Postponed("resend_monthly_quota_exceeded", ours=True)),
        (of_resend(409, "invalid_idempotent_request"), Unclear("resend_invalid_idempotent_request")),
        (of_resend(409, "concurrent_idempotent_requests"), Unclear("resend_concurrent_idempotent_requests")),
        (of_resend(500, "application_error"), Unclear("resend_application_error")),
        (of_resend(500, "<b>something new"), Unclear("resend_500")),
        (Answer(503), Postponed("resend_503", down=True)),
    ],
)
def test_resend(answer, outcome):
    assert resend.judged(answer) == outcome


def of_postmark(status: int, code: int, message: str = "x") -> Answer:
    return Answer(status, {"ErrorCode": code, "Message": message})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"MessageID": "p1", "ErrorCode": 0}), Accepted("p1")),
        (of_postmark(200, 406), Refused("postmark_406", suppress="bounced")),
        (of_postmark(422, 406), Refused("postmark_406", suppress="bounced")),
        (of_postmark(422, 300, "Invalid 'To' address."), Refused("postmark_300")),
        (of_postmark(422, 300, "Invalid 'From' address."), Postponed("postmark_300", ours=True)),
        (of_postmark(422, 411), Refused("postmark_411")),
        (of_postmark(422, 400), Postponed("postmark_400", ours=True)),
        (of_postmark(422, 405), Postponed("postmark_405", ours=True)),
        (of_postmark(422, 412), Postponed("postmark_412", ours=True)),
        (of_postmark(401, 10), Postponed("postmark_10", ours=True)),
        (of_postmark(422, 100), Postponed("postmark_100", down=True)),
        (of_postmark(422, 429), Postponed("postmark_429")),
        (of_postmark(429, 429), Postponed("postmark_429")),
        (of_postmark(413, 300), Refused("postmark_413")),
        (of_postmark(500, 500), Unclear("postmark_500")),
        (of_postmark(503, 100), Postponed("postmark_503", down=True)),
        (Answer(422), Refused("postmark_422")),
    ],
)
def test_postmark(answer, outcome):
    assert postmark.judged(answer) == outcome


def of_sendgrid(status: int, *fields: str | None) -> Answer:
    return Answer(status, {"errors": [{"message": "x", "field": field} for field in fields]})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(202, headers={"X-Message-Id": "s1"}), Accepted("s1")),
        (of_sendgrid(400, "personalizations.0.to.0.email"), Refused("sendgrid_400")),
        (of_sendgrid(400, "from.email"), Postponed("sendgrid_400_from", ours=True)),
        (of_sendgrid(400, "from"), Postponed("sendgrid_400_from", ours=True)),
        (of_sendgrid(400, None, "fromage"), Refused("sendgrid_400")),
        (of_sendgrid(403, "from"), Postponed("sendgrid_403", ours=True)),
        (of_sendgrid(401), Postponed("sendgrid_401", ours=True)),
        (of_sendgrid(413), Refused("sendgrid_413")),
        (Answer(400, {"errors": ["x"]}), Refused("sendgrid_400")),
        (Answer(400, {"errors": 7}), Refused("sendgrid_400")),
        (Answer(429), Postponed("sendgrid_429")),
        (Answer(500), Unclear("sendgrid_500")),
    ],
)
def test_sendgrid(answer, outcome):
    assert sendgrid.judged(answer) == outcome


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, {"id": "<m1@mg.example>", "message": "Queued. Thank you."}), Accepted("m1@mg.example")),
        (Answer(200, {}), Accepted(None)),
        (Answer(400, {"message": "to parameter is not a valid address. please check it"}), Refused("mailgun_400")),
        (
            Answer(400, {"message": "'from' parameter is not a valid address"}),
            Postponed("mailgun_400_sender", ours=True),
        ),
        (Answer(400, {"message": "Domain x is disabled"}), Postponed("mailgun_400_sender", ours=True)),
        (Answer(403, {"message": "x"}), Postponed("mailgun_403", ours=True)),
        (Answer(404, {"message": "Domain not found"}), Postponed("mailgun_404", ours=True)),
        (Answer(413), Refused("mailgun_413")),
        (Answer(500), Unclear("mailgun_500")),
    ],
)
def test_mailgun(answer, outcome):
    assert mailgun.judged(answer) == outcome
