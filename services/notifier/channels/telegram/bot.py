"""Messages by a Telegram bot: https://core.telegram.org/bots/api#sendmessage.

The handle of a customer is the id of their chat with the bot. A bot can't write to somebody who has not started it.
"""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import WISH_MOST_S, Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Closing, Outcome, Postponed, Refused, Withheld
from services.notifier.channels.ports import Limits, ProviderSettings, SmsLastWord

TEXT_MOST: Final = 4096
"""Characters of one message."""
CLOSED: Final[tuple[tuple[str, Closing], ...]] = (
    ("blocked by the user", "stop"),
    ("kicked", "stop"),
    ("initiate conversation", "stop"),
    ("deactivated", "bounced"),
    ("chat not found", "bounced"),
    ("peer_id_invalid", "bounced"),
)
"""What it says of a chat that takes nothing any more: who blocked the bot wants none; the others are not there."""


def shaped(pattern: str) -> Callable[[SecretStr], SecretStr]:
    """A check of a secret's shape that tells nothing of it."""

    def check(secret: SecretStr) -> SecretStr:
        if re.fullmatch(pattern, secret.get_secret_value()) is None:
            raise ValueError(f"has not the shape {pattern}")
        return secret

    return check


class TelegramSettings(ProviderSettings):
    """The bot. `bot_username` is what stores name as their sender; `webhook_secret` was given to `setWebhook`."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_TELEGRAM_")

    base_url: str = Field(default="https://api.telegram.org", pattern=r"^https?://")
    bot_token: Annotated[SecretStr, AfterValidator(shaped(r"[0-9]+:[A-Za-z0-9_-]{20,}"))]
    bot_username: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$")
    webhook_secret: Annotated[SecretStr, AfterValidator(shaped(r"[A-Za-z0-9_-]{16,256}"))] | None = None


class Telegram:
    """One bot over kept connections. Its token stands in the path, so no URL of it is ever logged."""

    def __init__(self, settings: TelegramSettings, limits: Limits) -> None:
        self._api = HttpApi("telegram", settings.base_url, limits)
        self._path = f"/bot{settings.bot_token.get_secret_value()}/sendMessage"

    async def send(self, sender: str, recipient: str, last_word: SmsLastWord, *, reminder_id: UUID) -> Outcome:  # noqa: ARG002 - ports
        """Asks for one message to a chat. A bot writes as itself, and has no field for an id of ours."""
        if not (recipient.isascii() and recipient.isdigit()):
            return Refused("unusable_address")  # @names are channels, which anybody may read
        text = await last_word()
        if text is None:
            return Withheld()
        message: dict[str, Any] = {"chat_id": int(recipient), "text": text[:TEXT_MOST]}
        answer = await self._api.post(self._path, json=message | {"link_preview_options": {"is_disabled": True}})
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. `message_id` counts within a chat; the chat is the recipient's, so it is left out."""
    if answer.ok and answer.body.get("ok") is True:
        result = answer.body.get("result")
        number = result.get("message_id") if isinstance(result, dict) else None
        return Accepted(str(number) if isinstance(number, int) else None)
    said = (answer.text("description") or "").lower()
    if answer.status in (400, 403):
        closing = next((why for words, why in CLOSED if words in said), None)
        return Refused(f"telegram_{answer.status}", suppress=closing)
    if answer.status == 429:
        return Postponed("telegram_429", _retry_after(answer) or answer.retry_after_s)
    return answer.means("telegram")


def _retry_after(answer: Answer) -> float | None:
    parameters = answer.body.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return min(float(seconds), WISH_MOST_S) if isinstance(seconds, int) and seconds > 0 else None
