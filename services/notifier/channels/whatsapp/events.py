"""What Meta tells of WhatsApp: statuses of messages, and what people write, by one webhook that the app's secret signs.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.ports import Callback, ForgedCallbackError, ProviderSettings, Reply
from services.notifier.channels.told import Told, event_id, json_body, moment, name_of, object_of, reminder_of
from services.notifier.channels.whatsapp.cloud import CLOSES
from services.notifier.domain.answers import Answer, AnswerKind

CHANNEL: Final = "whatsapp"
HEADER: Final = "X-Hub-Signature-256"
READ_AS: Final[Mapping[str, AnswerKind]] = {"delivered": "delivered", "read": "opened", "failed": "undelivered"}
"""Of `sent` nothing follows: that it is on its way is known here."""
STOPPED: Final = "131050"
_EXAMPLE: Final = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "102290129340398",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "messaging_product": "whatsapp",
                        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "106540352242922"},
                        "statuses": [{"id": "wamid.HBg", "status": "delivered", "timestamp": "1764500000"}],
                    },
                }
            ],
        }
    ],
}


class WhatsAppEventSettings(ProviderSettings):
    """The app's secret, by which it signs, and the word that it says when the webhook is set."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_WHATSAPP_")

    app_secret: SecretStr
    verify_token: SecretStr


class WhatsAppEvents:
    """Signs no time: that each status of a message, and each message of a customer's, counts once is what stands
    against a replay.
    """

    signed_by = HEADER
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: WhatsAppEventSettings) -> None:
        self._secret = settings.app_secret.get_secret_value().encode()
        self._verify_token = settings.verify_token.get_secret_value().encode()

    def challenge(self, query: Mapping[str, str]) -> str:
        """What is to be said back when the webhook is set. Raises `ForgedCallbackError`."""
        said = query.get("hub.verify_token", "").encode()
        word = query.get("hub.challenge", "")
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(said, self._verify_token):
            raise ForgedCallbackError
        if not (word.isascii() and word.isalnum() and len(word) <= 100):
            raise ForgedCallbackError
        return word

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer | Reply]:
        """What it tells, of any number of messages."""
        made = "sha256=" + hmac.digest(self._secret, callback.body, hashlib.sha256).hex()
        given = callback.headers.get(HEADER.lower(), "")
        if not hmac.compare_digest(given.encode(), made.encode()):
            raise ForgedCallbackError
        told = object_of(callback.body)
        if told.text("object") != "whatsapp_business_account":
            return []
        return [one for entry in told.parts("entry") for change in entry.parts("changes") for one in _all(change, now)]


def _all(change: Told, now: datetime) -> Iterator[Answer | Reply]:
    if change.text("field") != "messages":
        return
    value = change.part("value")
    for status in value.parts("statuses"):
        if answer := _answer(status, now):
            yield answer
    number = value.part("metadata").text("phone_number_id")
    for message in value.parts("messages"):
        if reply := _reply(message, number):
            yield reply


def _answer(told: Told, now: datetime) -> Answer | None:
    message, status = told.text("id"), told.text("status")
    kind = READ_AS.get(status)
    if kind is None or not message:
        return None
    code = next((one.text("code") for one in told.parts("errors")), "")
    code = code if kind == "undelivered" and code.isascii() and code.isdigit() and len(code) <= 6 else ""
    hard = bool(code) and CLOSES.get(int(code)) is not None
    return Answer(
        event_id(message, status),
        "complained" if code == STOPPED else "bounced" if hard else kind,
        moment(told.text("timestamp"), now),
        reminder_id=reminder_of(told.text("biz_opaque_callback_data")),
        provider_id=name_of(message),
        hard=hard and code != STOPPED,
        reason=f"whatsapp_{code}" if code else None,
    )


def _reply(told: Told, number: str) -> Reply | None:
    message, sender = told.text("id"), told.text("from")
    if not (sender.isascii() and sender.isdigit() and 5 <= len(sender) <= 15) or name_of(message) is None or not number:
        return None
    text = told.part("text").text("body") or told.part("button").text("text")
    return Reply(message, f"+{sender}", frozenset({number}), text.replace("\x00", ""), channel=CHANNEL, answered=False)
