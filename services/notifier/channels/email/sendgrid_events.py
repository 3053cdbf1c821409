"""What SendGrid tells of messages (signed event webhook): ECDSA on P-256 over the timestamp and the raw body.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings, UnreadableCallbackError
from services.notifier.channels.told import (
    Told,
    decoded,
    event_id,
    fresh,
    json_body,
    json_of,
    moment,
    name_of,
    reminder_of,
    word,
)
from services.notifier.domain.answers import Answer, AnswerKind
from services.notifier.domain.status import status_in

OLD: Final = timedelta(hours=26)
"""It tries for a day."""
READ_AS: Final[Mapping[str, AnswerKind]] = {
    "delivered": "delivered",
    "deferred": "deferred",
    "bounce": "bounced",
    "dropped": "undelivered",
    "spamreport": "complained",
    "open": "opened",
    "click": "clicked",
}
DROPPED_FOR: Final[Mapping[str, AnswerKind]] = {
    "Bounced Address": "bounced",
    "Invalid": "bounced",
    "Spam Reporting Address": "complained",
}
"""Why it has not even tried: what it knows of an address, which closes it here, too."""
_EXAMPLE: Final = {"event": "delivered", "timestamp": 1600112492, "sg_event_id": "ZGVsaXZlcmVk", "reminder_id": ""}


class SendGridEventSettings(ProviderSettings):
    """The verification key of the webhook, as SendGrid shows it: base64."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SENDGRID_")

    webhook_public_key: str

    @field_validator("webhook_public_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        _key(value)
        return value


class SendGridEvents:
    """Gathers many events in one body; each counts once by its `sg_event_id`."""

    signed_by = "X-Twilio-Email-Event-Webhook-Signature"
    request_body = json_body([_EXAMPLE], "array")

    def __init__(self, settings: SendGridEventSettings) -> None:
        self._key = _key(settings.webhook_public_key)

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """All that it tells in one call."""
        at = callback.headers.get("x-twilio-email-event-webhook-timestamp", "")
        signature = decoded(callback.headers.get(self.signed_by.lower(), ""))
        try:
            self._key.verify(signature, at.encode() + callback.body, ECDSA(SHA256()))
        except InvalidSignature:
            raise ForgedCallbackError from None
        fresh(at, now, OLD)
        found = json_of(callback.body)
        if not isinstance(found, list):
            raise UnreadableCallbackError("The body is no list of events.")
        return [answer for one in found if (answer := _answer(Told(one), now)) is not None]


def _answer(told: Told, now: datetime) -> Answer | None:
    kind, name = READ_AS.get(told.text("event")), told.text("sg_event_id")
    if kind is None or not name:
        return None
    if kind == "undelivered":
        kind = DROPPED_FOR.get(told.text("reason"), kind)
    refused = kind in ("bounced", "deferred", "undelivered")
    blocked = told.text("type") == "blocked"
    return Answer(
        event_id(name),
        kind,
        moment(told.text("timestamp"), now),
        reminder_id=reminder_of(told.text("reminder_id")),
        # what it said when it took the message is the part before the first dot
        provider_id=name_of(told.text("sg_message_id").partition(".")[0]),
        hard=kind == "bounced" and not blocked,
        status=status_in(told.text("status"), told.text("reason")) if refused else None,
        reason=word("sendgrid", told.text("bounce_classification") or told.text("type")) if refused else None,
        agent=told.text("useragent") or None,
        machine=told.says("sg_machine_open"),
    )


def _key(text: str) -> EllipticCurvePublicKey:
    key = load_der_public_key(base64.b64decode(text, validate=True))
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("not a key on an elliptic curve")  # noqa: TRY004 - pydantic tells of values
    return key
