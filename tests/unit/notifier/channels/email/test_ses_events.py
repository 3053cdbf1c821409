"""What Amazon SES tells over SNS: whose certificate, which topic, and what it says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from services.notifier.channels.email.ses_events import SesEvents, SesEventSettings
from services.notifier.channels.email.sns_signatures import OLD
from services.notifier.channels.ports import UncheckedCallbackError
from services.notifier.domain.answers import Answer, weight
from tests.unit.notifier.channels.telling import NOW, REMINDER, by_sns, cannot_read, certified, reads, refuses

TOPIC = "arn:aws:sns:eu-central-1:123456789012:evercart"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
CONFIRM = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
KEY, OTHER = (rsa.generate_private_key(65537, 2048) for _ in range(2))
DAY = timedelta(days=1)


class Amazon:
    """What lies at Amazon's URLs, and which of them were asked for."""

    def __init__(self, pem: bytes | None = None) -> None:
        self.pem = certified(KEY, NOW - DAY, NOW + DAY) if pem is None else pem
        self.asked: list[str] = []

    async def get(self, url: str) -> bytes:
        self.asked.append(url)
        if self.pem == b"down":
            raise UncheckedCallbackError("ConnectTimeout")
        return self.pem


def reader(amazon: Amazon | None = None) -> SesEvents:
    return SesEvents(SesEventSettings(topic_arn=TOPIC), (amazon or Amazon()).get)


def notice(message: Any = None, **more: str) -> dict[str, str]:
    known = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": json.dumps(message or {}),
        "Timestamp": "2026-11-22T10:14:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    }
    return known | more


def confirmation(**more: str) -> dict[str, str]:
    return notice(Type="SubscriptionConfirmation", Token="t", SubscribeURL=CONFIRM, **more)


def told(event: str, key: str = "eventType", **more: Any) -> Answer:
    mail = {"messageId": "0107019ab6f2-7c11", "tags": {"reminder_id": [str(REMINDER)], "ses:from-domain": ["x"]}}
    (answer,) = reads(reader(), {}, by_sns(KEY, notice({key: event, "mail": mail} | more)))
    return answer


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "Amazon SES Email Event Notification"}])
def test_both_versions_of_signatures_count_with_a_subject_or_without(version: str, subject: dict[str, str]):
    said = notice({"eventType": "Delivery"}, SignatureVersion=version, **subject)
    (answer,) = reads(reader(), {}, by_sns(KEY, said))
    assert (answer.kind, answer.event_id) == ("delivered", said["MessageId"])


def test_a_certificate_is_asked_for_once():
    amazon = Amazon()
    ours = reader(amazon)
    for _ in range(3):
        assert reads(ours, {}, by_sns(KEY, notice())) == []
    assert amazon.asked == [CERTIFICATE]


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-0.pem",
        "https://evil.example/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-0.pem",
        "https://evil.example/sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.amazonaws.com/SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/mine/../SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/?SimpleNotificationService-0.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem?x",
        "https://[sns",
        "",
    ],
)
def test_a_certificate_of_anywhere_else_is_a_forgery_and_is_not_asked_for(url: str):
    amazon = Amazon()
    refuses(reader(amazon), {}, by_sns(KEY, notice(SigningCertURL=url)))
    assert amazon.asked == []


def test_another_topic_is_refused_before_anything_is_asked_for():
    amazon = Amazon()
    refuses(reader(amazon), {}, by_sns(KEY, notice(TopicArn=TOPIC + "2")))
    refuses(reader(amazon), {}, by_sns(KEY, confirmation(TopicArn=TOPIC + "2")))
    assert amazon.asked == []


def test_another_key_or_what_was_changed_is_a_forgery():
    refuses(reader(), {}, by_sns(OTHER, notice()))
    body = json.loads(by_sns(KEY, notice()))
    for name in ("Message", "MessageId", "Timestamp", "Signature", "Type", "SignatureVersion"):
        for value in ("", "x", "3", None, 2):
            refuses(reader(), {}, json.dumps(body | {name: value}).encode())
    refuses(reader(), {}, json.dumps(body | {"Subject": "new"}).encode())


def test_a_certificate_that_is_over_or_not_yet_is_a_forgery():
    for start, end in ((NOW - DAY, NOW - timedelta(hours=1)), (NOW + timedelta(hours=1), NOW + DAY)):
        refuses(reader(Amazon(certified(KEY, start, end))), {}, by_sns(KEY, notice()))


@pytest.mark.parametrize("pem", [b"down", b"", b"<html>"])
def test_where_the_certificate_can_not_be_had_it_has_to_come_again(pem: bytes):
    with pytest.raises(UncheckedCallbackError):
        reads(reader(Amazon(pem)), {}, by_sns(KEY, notice()))


def test_what_was_told_long_ago_or_lies_ahead_is_refused():
    body, at = by_sns(KEY, notice()), NOW - timedelta(minutes=1)
    amazon = Amazon(certified(KEY, NOW - DAY, NOW + DAY))
    assert reads(reader(amazon), {}, body, at + OLD) == []
    refuses(reader(amazon), {}, body, at + OLD + timedelta(seconds=1))
    refuses(reader(amazon), {}, body, at - timedelta(minutes=5, seconds=1))


def test_a_subscription_is_confirmed_at_amazon_s_own_host_only():
    amazon = Amazon()
    assert reads(reader(amazon), {}, by_sns(KEY, confirmation())) == []
    assert amazon.asked == [CERTIFICATE, CONFIRM]
    for url in ("https://evil.example/?Action=ConfirmSubscription", "http://169.254.169.254/latest", ""):
        other = Amazon()
        refuses(reader(other), {}, by_sns(KEY, confirmation() | {"SubscribeURL": url}))
        assert other.asked == [CERTIFICATE]


def test_the_end_of_a_subscription_is_taken_and_confirmed_by_nobody():
    amazon = Amazon()
    assert reads(reader(amazon), {}, by_sns(KEY, confirmation() | {"Type": "UnsubscribeConfirmation"})) == []
    assert amazon.asked == [CERTIFICATE]


@pytest.mark.parametrize("key", ["eventType", "notificationType"])
@pytest.mark.parametrize(
    ("event", "part", "expected"),
    [
        ("Delivery", "delivery", "delivered"),
        ("DeliveryDelay", "deliveryDelay", "deferred"),
        ("Bounce", "bounce", "bounced"),
        ("Complaint", "complaint", "complained"),
        ("Reject", "reject", "undelivered"),
        ("Rendering Failure", "failure", "undelivered"),
        ("Open", "open", "opened"),
        ("Click", "click", "clicked"),
    ],
)
def test_each_kind_is_read(event: str, part: str, expected: str, key: str):
    answer = told(event, key, **{part: {"timestamp": "2026-11-22T10:05:00.000Z", "userAgent": "Mozilla/5.0"}})
    assert (answer.kind, answer.reminder_id, answer.provider_id) == (expected, REMINDER, "0107019ab6f2-7c11")
    assert (answer.at, answer.agent) == (NOW - timedelta(minutes=10), "Mozilla/5.0")


def test_what_says_nothing_of_a_message_is_left_out():
    for event in ("Send", "Subscription", ""):
        assert reads(reader(), {}, by_sns(KEY, notice({"eventType": event}))) == []


def bounced(kind: str, sub: str, **recipient: str) -> Answer:
    return told("Bounce", bounce={"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [recipient]})


def test_a_transient_bounce_with_a_5xx_status_is_read_by_its_status():
    gone = bounced("Transient", "General", status="5.1.1", diagnosticCode="smtp; 550 5.1.1 user unknown")
    said = bounced("Transient", "General", diagnosticCode="smtp; 550 5.4.1 Recipient address rejected: Access denied")
    full = bounced("Transient", "MailboxFull", status="4.2.2")
    suppressed = bounced("Permanent", "OnAccountSuppressionList")
    assert [weight(one) for one in (gone, said, full, suppressed)] == ["hard", "hard", "soft", "hard"]
    assert (gone.hard, gone.status, gone.reason) == (False, "5.1.1", "ses_general")
    assert (said.status, full.reason) == ("5.4.1", "ses_mailboxfull")


def test_what_is_signed_and_is_no_object_can_not_be_read():
    cannot_read(reader(), {}, b"[]")
    cannot_read(reader(), {}, by_sns(KEY, notice() | {"Message": "no JSON"}))


@pytest.mark.parametrize("topic", ["", "evercart", "arn:aws:sqs:eu-central-1:123456789012:evercart"])
def test_what_is_no_topic_is_told_at_the_start(topic: str):
    with pytest.raises(ValidationError):
        SesEventSettings(topic_arn=topic)
