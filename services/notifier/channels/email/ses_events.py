"""What Amazon SES tells of messages: by a configuration set or as feedback, over a topic of SNS that calls us.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.email import sns_signatures
from services.notifier.channels.email.sns_signatures import (
    CONFIRMATION,
    NOTIFICATION,
    Fetch,
    Signatures,
    of_amazon,
)
from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings
from services.notifier.channels.told import (
    Told,
    event_id,
    json_body,
    moment,
    name_of,
    object_of,
    reminder_of,
    word,
)
from services.notifier.domain.answers import Answer, AnswerKind
from services.notifier.domain.status import status_in

log = structlog.get_logger(__name__)

READ_AS: Final[Mapping[str, AnswerKind]] = {
    "Delivery": "delivered",
    "DeliveryDelay": "deferred",
    "Bounce": "bounced",
    "Complaint": "complained",
    "Reject": "undelivered",
    "Rendering Failure": "undelivered",
    "Open": "opened",
    "Click": "clicked",
}
_PART: Final = {
    "Delivery": "delivery",
    "DeliveryDelay": "deliveryDelay",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Rendering Failure": "failure",
    "Open": "open",
    "Click": "click",
}
_EXAMPLE: Final = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:evercart",
    "Message": '{"eventType": "Delivery", "mail": {"tags": {"reminder_id": [""]}}}',
    "Timestamp": "2026-11-22T10:15:00.000Z",
    "SignatureVersion": "2",
    "Signature": "",
    "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
}


class SesEventSettings(ProviderSettings):
    """The topic that the configuration set tells, subscribed to `<public URL>/ses/events`; any other is refused."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SES_")

    topic_arn: str = Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$")


class SesEvents:
    """One event a call, by SNS's id of it; the subscription is confirmed when it asks."""

    signed_by = "X-Amz-Sns-Message-Type"
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: SesEventSettings, get: Fetch | None = None) -> None:
        self._get = get or sns_signatures.fetch
        self._signatures = Signatures(settings.topic_arn, self._get)

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """What it tells. The confirmation is asked for at Amazon's own host only."""
        told = object_of(callback.body)
        await self._signatures.check(told, now)
        if told.text("Type") == CONFIRMATION:
            if not of_amazon(told.text("SubscribeURL")):
                raise ForgedCallbackError
            await self._get(told.text("SubscribeURL"))
            log.info("ses.subscribed", topic=told.text("TopicArn"))
        if told.text("Type") != NOTIFICATION:
            return []
        answer = _answer(
            event_id(told.text("MessageId")), object_of(told.long("Message").encode("utf-8", "surrogatepass")), now
        )
        return [] if answer is None else [answer]


def _answer(name: str, told: Told, now: datetime) -> Answer | None:
    event = told.text("eventType") or told.text("notificationType")
    kind = READ_AS.get(event)
    if kind is None:
        return None
    mail, said = told.part("mail"), told.part(_PART[event])
    [recipient, *_] = [*said.parts("bouncedRecipients"), *said.parts("delayedRecipients"), Told(None)]
    refused = kind in ("bounced", "deferred", "undelivered")
    why = said.text("bounceSubType") or said.text("delayType") or said.text("reason")
    return Answer(
        name,
        kind,
        moment(said.text("timestamp"), now),
        reminder_id=reminder_of(mail.part("tags").first("reminder_id")),
        provider_id=name_of(mail.text("messageId")),
        hard=said.text("bounceType") == "Permanent",
        status=status_in(recipient.text("status"), recipient.text("diagnosticCode")) if refused else None,
        reason=word("ses", why) if refused else None,
        agent=said.text("userAgent") or None,
    )
