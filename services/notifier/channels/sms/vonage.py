"""Text messages by Vonage's Messages API: https://developer.vonage.com/en/api/messages.

The reminder's id travels as `client_ref`, which comes back with every status webhook.
"""

from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Withheld
from services.notifier.channels.ports import Limits, ProviderSettings, SmsLastWord

BARRED: Final = 1050
"""The number wants no messages, or may get none."""
PASSING: Final = {
    1000,  # throttled
    1100,  # it could not be submitted
}
OURS: Final = {
    1060,  # account barred
    1070,  # no credit
    1080,  # account not enabled for this
    1120,  # sender not allowed there
}
"""Codes that speak of our account or sender (https://developer.vonage.com/api-errors/messages-olympus)."""
ABOUT_MESSAGE: Final = {1010, 1020, 1040, 1090, 1170}


class VonageSettings(ProviderSettings):
    """The account, and where Vonage's Messages API is reached (`https://api-eu.vonage.com` keeps to the EU)."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_VONAGE_")

    base_url: str = Field(default="https://api.nexmo.com", pattern=r"^https?://")
    api_key: str
    api_secret: SecretStr


class Vonage:
    """One account over kept connections."""

    def __init__(self, settings: VonageSettings, limits: Limits) -> None:
        log_in = settings.api_key, settings.api_secret.get_secret_value()
        self._api = HttpApi("vonage", settings.base_url, limits, auth=log_in)

    async def send(self, sender: str, recipient: str, last_word: SmsLastWord, *, reminder_id: UUID) -> Outcome:
        """Asks for one message. `sender` is a number, a short code or a word."""
        text = await last_word()
        if text is None:
            return Withheld()
        message = {
            "channel": "sms",
            "message_type": "text",
            "from": sender.removeprefix("+"),
            "to": recipient.removeprefix("+"),
            "text": text,
            "client_ref": str(reminder_id),
        }
        answer = await self._api.post("/v1/messages", json=message)
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. A problem's `type` is a page whose fragment is the code."""
    if answer.ok:
        return Accepted(answer.text("message_uuid"))
    code = _code(answer)
    if code == BARRED:
        return Refused("vonage_1050", suppress="stop")
    if code in PASSING:
        return Postponed(f"vonage_{code}", answer.retry_after_s)
    if code in OURS or _about_sender(answer):
        return Postponed(f"vonage_{code or answer.status}", answer.retry_after_s, ours=True)
    if code in ABOUT_MESSAGE:
        return Refused(f"vonage_{code}")
    return answer.means("vonage")


def _code(answer: Answer) -> int | None:
    fragment = urlsplit(answer.text("type") or "").fragment
    return int(fragment) if fragment.isascii() and fragment.isdigit() and len(fragment) < 6 else None


def _about_sender(answer: Answer) -> bool:
    faults = answer.body.get("invalid_parameters")
    return isinstance(faults, list) and any(isinstance(f, dict) and f.get("name") == "from" for f in faults)
