"""What Mailgun tells of messages: hex HMAC-SHA256 over a timestamp and a token, both in the body.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
The event itself is not signed: whoever has seen one call could send another event under its signature. So a call counts
once by its token, whatever it holds.
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import SecretStr
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

OLD: Final = timedelta(hours=9)
"""It tries for eight hours."""
READ_AS: Final[Mapping[str, AnswerKind]] = {
    "delivered": "delivered",
    "complained": "complained",
    "opened": "opened",
    "clicked": "clicked",
}
SUPPRESSED: Final[Mapping[str, AnswerKind]] = {
    "suppress-complaint": "complained",
    "suppress-unsubscribe": "undelivered",
}
"""Why it has not even tried; `suppress-bounce` is as a bounce."""
_MACHINE: Final = frozenset({"apple", "gmail", "yahoo"})
_EXAMPLE: Final = {
    "signature": {"timestamp": "1534108637", "token": "0" * 50, "signature": "0" * 64},
    "event-data": {"event": "delivered", "timestamp": 1534108637.15, "user-variables": {"reminder_id": ""}},
}


class MailgunEventSettings(ProviderSettings):
    """The account's key for webhooks (HTTP webhook signing key)."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_MAILGUN_")

    webhook_key: SecretStr


class MailgunEvents:
    """One event a call."""

    signed_by = None
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: MailgunEventSettings) -> None:
        self._key = settings.webhook_key.get_secret_value().encode()

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """What it tells, once a token."""
        told = object_of(callback.body)
        signed = told.part("signature")
        at, token = signed.text("timestamp"), signed.text("token")
        expected = hmac.digest(self._key, (at + token).encode("utf-8", "surrogatepass"), "sha256").hex()
        given = signed.text("signature").encode("utf-8", "surrogatepass")
        # signed without a mark between them, and so is the name: a digit that moves makes no other
        if not token or not hmac.compare_digest(expected.encode(), given):
            raise ForgedCallbackError
        fresh(at, now, OLD)
        answer = _answer(event_id(at + token), told.part("event-data"), now)
        return [] if answer is None else [answer]


def _answer(name: str, told: Told, now: datetime) -> Answer | None:
    event, status = told.text("event"), told.part("delivery-status")
    kind = READ_AS.get(event)
    if event == "failed":
        kind = "bounced" if told.text("severity") == "permanent" else "deferred"
        kind = SUPPRESSED.get(told.text("reason"), kind)
    if kind is None:
        return None
    refused = event == "failed"
    client = told.part("client-info")
    return Answer(
        name,
        kind,
        moment(told.text("timestamp"), now),
        reminder_id=reminder_of(told.pair("user-variables").get("reminder_id", "")),
        provider_id=name_of(told.part("message").part("headers").text("message-id").strip("<>")),
        hard=kind == "bounced",
        status=status_in(status.text("enhanced-code"), status.text("message"), status.text("code"))
        if refused
        else None,
        reason=word("mailgun", told.text("reason")) if refused else None,
        agent=client.text("user-agent") or None,
        machine=client.text("bot") in _MACHINE and kind == "opened",
    )
