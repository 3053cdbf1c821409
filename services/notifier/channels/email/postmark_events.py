"""What Postmark tells of messages. It signs nothing: the webhook's address holds a user and a password (Basic auth).

https://postmarkapp.com/developer/webhooks/webhooks-overview
"""

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings
from services.notifier.channels.told import (
    Told,
    decoded,
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

READ_AS: Final[Mapping[str, AnswerKind]] = {
    "Delivery": "delivered",
    "Bounce": "bounced",
    "SpamComplaint": "complained",
    "Open": "opened",
    "Click": "clicked",
}
HARD: Final = frozenset({"HardBounce", "BadEmailAddress", "ManuallyDeactivated"})
"""Types of bounces that are of the address, for good (https://postmarkapp.com/developer/api/bounce-api#bounce-types)."""
NO_BOUNCE: Final = frozenset({"AutoResponder", "AddressChange", "ChallengeVerification", "OpenRelayTest", "TestMode"})
"""What nobody refused."""
RATHER: Final[Mapping[str, AnswerKind]] = {
    "Transient": "deferred",
    "SpamComplaint": "complained",
    "Unsubscribe": "complained",
    "SpamNotification": "undelivered",
    "Blocked": "undelivered",
    "DMARCPolicy": "undelivered",
}
"""What is no bounce of the address, although it is told as one."""
_AT: Final = ("DeliveredAt", "BouncedAt", "ReceivedAt")
_EXAMPLE: Final = {"RecordType": "Delivery", "MessageID": "883953f4", "Metadata": {"reminder_id": ""}}


class PostmarkEventSettings(ProviderSettings):
    """User and password that the webhook's address holds: `https://<user>:<password>@…/postmark/events`."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_POSTMARK_")

    webhook_user: str = "postmark"
    webhook_password: SecretStr


class PostmarkEvents:
    """One event a call, without a time that is signed: that each counts once stands against a replay."""

    signed_by = "Authorization"
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: PostmarkEventSettings) -> None:
        self._login = f"{settings.webhook_user}:{settings.webhook_password.get_secret_value()}".encode()

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """What it tells."""
        scheme, _, given = callback.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not hmac.compare_digest(decoded(given.strip()), self._login):
            raise ForgedCallbackError
        answer = _answer(object_of(callback.body), now)
        return [] if answer is None else [answer]


def _answer(told: Told, now: datetime) -> Answer | None:
    record, bounce = told.text("RecordType"), told.text("Type")
    kind, message = READ_AS.get(record), told.text("MessageID")
    if kind == "bounced":
        kind = None if bounce in NO_BOUNCE else RATHER.get(bounce, "bounced")
    if kind is None or not message:
        return None
    at = next((told.text(name) for name in _AT if told.text(name)), "")
    refused = record == "Bounce"
    return Answer(
        event_id(record, message, told.text("ID") or at),
        kind,
        moment(at, now),
        reminder_id=reminder_of(told.pair("Metadata").get("reminder_id", "")),
        provider_id=name_of(message),
        hard=bounce in HARD,
        status=status_in(told.text("Details")) if refused else None,
        reason=word("postmark", bounce) if refused else None,
        agent=told.text("UserAgent") or None,
    )
