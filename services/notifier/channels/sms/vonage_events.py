"""What Vonage tells of texts (status webhook of its Messages API), and what people send back (inbound webhook), both
signed by a JWT that holds the body's hash.

https://developer.vonage.com/en/getting-started/concepts/webhooks#validating-signed-webhooks
https://developer.vonage.com/en/messages/code-snippets/inbound-message
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import jwt
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings, Reply
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

OLD: Final = timedelta(hours=25)
"""It tries for a day, and does not say whether it signs anew."""
READ_AS: Final[Mapping[str, AnswerKind]] = {
    "delivered": "delivered",
    "rejected": "undelivered",
    "undeliverable": "undelivered",
    "read": "opened",
}
NO_SUCH_NUMBER: Final = frozenset({"1170", "1240"})
_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")
_EXAMPLE: Final = {
    "message_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    "status": "delivered",
    "timestamp": "2026-11-22T10:15:00.000Z",
    "client_ref": "",
}


class VonageEventSettings(ProviderSettings):
    """The account's signature secret, by which webhooks are signed (SHA-256 HMAC)."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_VONAGE_")

    signature_secret: SecretStr


class VonageEvents:
    """One status of one message a call, or one message that a customer has sent; each counts once."""

    signed_by = "Authorization"
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: VonageEventSettings) -> None:
        self._secret = settings.signature_secret.get_secret_value()

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer | Reply]:
        """What it tells."""
        self._check(callback, now)
        told = object_of(callback.body)
        found = _answer(told, now) if told.text("status") else _reply(told)
        return [] if found is None else [found]

    def _check(self, callback: Callback, now: datetime) -> None:
        scheme, _, token = callback.headers.get("authorization", "").partition(" ")
        try:
            # the time is judged by the clock that all else is judged by
            claims = jwt.decode(
                token.strip(), self._secret, algorithms=["HS256"], options={"verify_iat": False, "require": ["iat"]}
            )
        except jwt.InvalidTokenError:
            raise ForgedCallbackError from None
        found = hashlib.sha256(callback.body).hexdigest()
        if scheme.lower() != "bearer" or not hmac.compare_digest(found, str(claims.get("payload_hash", "")).lower()):
            raise ForgedCallbackError
        fresh(str(claims["iat"]), now, OLD)


def _answer(told: Told, now: datetime) -> Answer | None:
    message, status = told.text("message_uuid"), told.text("status")
    kind = READ_AS.get(status)
    if kind is None or not message:
        return None
    code = told.part("error").text("type").rpartition("#")[2]
    if code in NO_SUCH_NUMBER:
        kind = "bounced"
    return Answer(
        event_id(message, status),
        kind,
        moment(told.text("timestamp"), now),
        reminder_id=reminder_of(told.text("client_ref")),
        provider_id=name_of(message),
        hard=kind == "bounced",
        reason=word("vonage", code) if kind in ("bounced", "undelivered") and code.isdigit() else None,
    )


def _reply(told: Told) -> Reply | None:
    message, sender, to = told.text("message_uuid"), told.text("from"), told.text("to").removeprefix("+")
    if told.text("channel") != "sms" or not _NUMBER.fullmatch(sender) or name_of(message) is None or not to:
        return None
    text = told.text("text").replace("\x00", "")
    return Reply(message, f"+{sender.removeprefix('+')}", frozenset({to, f"+{to}"}), text, answered=False)
