"""What people write to a Telegram bot: https://core.telegram.org/bots/api#update, by its webhook with a secret."""

import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import to_json

from services.notifier.channels.ports import Callback, ForgedCallbackError, Reply
from services.notifier.channels.telegram.bot import TelegramSettings
from services.notifier.channels.told import Told, json_body, object_of
from services.notifier.domain.replies import Meaning

CHANNEL: Final = "telegram"
HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
COMMANDS: Final[Mapping[str, Meaning]] = {"/start": "start", "/stop": "stop", "/help": "help"}
LEFT: Final[Mapping[str, Meaning]] = {"kicked": "stop", "member": "start"}
"""What follows from the bot's own standing in a private chat: somebody blocks it, or lets it in again."""
_COMMAND: Final = re.compile(r"(/[a-z]{1,32})(?:@[A-Za-z0-9_]{1,64})?(?:\s+(\S+))?\s*")
_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EXAMPLE: Final = {
    "update_id": 10000,
    "message": {
        "message_id": 1365,
        "date": 1441645532,
        "chat": {"id": 1111111, "type": "private", "first_name": "Anna"},
        "from": {"id": 1111111, "is_bot": False, "first_name": "Anna"},
        "text": "/stop",
    },
}


class TelegramReplies:
    """Reads one update a call. Without a secret of the webhook's nothing is believed."""

    media_type = "application/json"
    signed_by = HEADER
    request_body = json_body(_EXAMPLE)

    def __init__(self, settings: TelegramSettings) -> None:
        secret = settings.webhook_secret
        self._secret = secret.get_secret_value().encode() if secret else None
        self._bot = settings.bot_username

    def read(self, callback: Callback) -> Reply | None:
        """A message, or a block, in a private chat; None for any other update."""
        given = callback.headers.get(HEADER.lower(), "").encode()
        if self._secret is None or not hmac.compare_digest(given, self._secret):
            raise ForgedCallbackError
        update = object_of(callback.body)
        number = update.text("update_id")
        message, standing = update.part("message"), update.part("my_chat_member")
        chat = (message if message.part("chat").text("id") else standing).part("chat")
        sender = chat.text("id")
        if not number.isdigit() or chat.text("type") != "private" or not sender.isdigit():
            return None
        known: dict[str, Any] = {
            "reply_id": f"{self._bot}.{number}"[:64],
            "sender": sender,
            "to": frozenset({self._bot}),
        }
        if standing.part("chat").text("id"):
            read_as = LEFT.get(standing.part("new_chat_member").text("status"))
            return None if read_as is None else Reply(**known, text="", read_as=read_as, channel=CHANNEL)
        return _written(message, known)

    def answer(self, text: str, reply: Reply | None = None) -> str:
        """A message back to the chat, in the body of our answer."""
        if not text or reply is None:
            return "{}"
        return to_json({"method": "sendMessage", "chat_id": int(reply.sender), "text": text}).decode()


def _written(message: Told, known: dict[str, Any]) -> Reply:
    text = message.text("text").replace("\x00", "")
    found = _COMMAND.fullmatch(text.strip())
    meaning = COMMANDS.get(found[1]) if found else None
    payload = found[2] if found and meaning == "start" and found[2] and _PAYLOAD.fullmatch(found[2]) else None
    return Reply(**known, text=text, read_as=meaning, channel=CHANNEL, payload=payload, answered=False)
