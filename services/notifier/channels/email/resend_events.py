"""What Resend tells of messages, signed by Standard Webhooks: base64 HMAC-SHA256 over id, timestamp and raw body.

https://www.standardwebhooks.com and https://resend.com/docs/dashboard/webhooks/introduction
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings
from services.notifier.channels.told import (
    Told,
    event_id,
    fresh,
    json_body,
    moment,
    name_of,
    object_of,
    reminder_of,
    word,
)
from services.notifier.domain.answers import Answer, AnswerKind
from services.notifier.domain.status import status_in

OLD: Final = timedelta(minutes=5)
"""Each attempt is signed anew."""
READ_AS: Final[Mapping[str, AnswerKind]] = {
    "email.delivered": "delivered",
    "email.delivery_delayed": "deferred",
    "email.bounced": "bounced",
    "email.failed": "undelivered",
    "email.suppressed": "undelivered",
    "email.complained": "complained",
    "email.opened": "opened",
    "email.clicked": "clicked",
}
_EXAMPLE: Final = {
    "type": "email.delivered",
    "created_at": "2026-11-22T10:15:00Z",
    "data": {"email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "tags": {"reminder_id": ""}},
}


class ResendEventSettings(ProviderSettings):
    """The webhook's signing secret (`whsec_…`); of several, apart by blanks, each counts while one is changed."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_RESEND_")

    webhook_secret: SecretStr

    @field_validator("webhook_secret")
    @classmethod
    def _is_base64(cls, value: SecretStr) -> SecretStr:
        if not _keys(value.get_secret_value()):
            raise ValueError("no secret")
        return value


class ResendEvents:
    """One event a call, by the id that stays the same over all attempts."""

    signed_by = "Svix-Signature"
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: ResendEventSettings) -> None:
        self._keys = _keys(settings.webhook_secret.get_secret_value())

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """What it tells."""
        name = verified(callback, self._keys, now)
        answer = _answer(name, object_of(callback.body), now)
        return [] if answer is None else [answer]


def verified(callback: Callback, keys: Sequence[bytes], now: datetime) -> str:
    """The id of a call that one of the keys has signed lately. Raises `ForgedCallbackError`."""
    name, at, signatures = (
        callback.headers.get(f"svix-{one}") or callback.headers.get(f"webhook-{one}", "")
        for one in ("id", "timestamp", "signature")
    )
    signed = f"{name}.{at}.".encode() + callback.body
    given = [one.removeprefix("v1,").encode() for one in signatures.split() if one.startswith("v1,")]
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")) for key in keys]
    if not name or not any(hmac.compare_digest(one, other) for one in given for other in expected):
        raise ForgedCallbackError
    fresh(at, now, OLD)
    return event_id(name)


def _answer(name: str, told: Told, now: datetime) -> Answer | None:
    kind = READ_AS.get(told.text("type"))
    if kind is None:
        return None
    data = told.part("data")
    bounce, click = data.part("bounce"), data.part("click")
    refused = kind in ("bounced", "undelivered", "deferred")
    said = bounce.text("subType") or bounce.text("type")
    return Answer(
        name,
        kind,
        moment(told.text("created_at"), now),
        reminder_id=reminder_of(data.pair("tags").get("reminder_id", "")),
        provider_id=name_of(data.text("email_id")),
        hard=bounce.text("type") == "Permanent",
        status=status_in(bounce.first("diagnosticCode"), bounce.text("message")) if refused else None,
        reason=word("resend", said or data.part("failed").text("reason")) if refused else None,
        agent=click.text("userAgent") or None,
    )


def _keys(text: str) -> list[bytes]:
    try:
        return [base64.b64decode(one.removeprefix("whsec_"), validate=True) for one in text.split()]
    except binascii.Error:
        raise ValueError("not base64") from None
