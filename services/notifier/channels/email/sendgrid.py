"""E-mail by SendGrid's v3 API: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send.

The reminder's id travels as the custom argument `reminder_id`, which comes back with every event of the event webhook
as a field of its own. SendGrid puts the message together itself; the Message-ID stays ours as a header. It says yes
(202) to suppressed recipients, too, and tells of them later.
"""

from typing import Any, Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope

OFF: Final = {"enable": False}
TRACKING: Final = {"click_tracking": OFF | {"enable_text": False}, "open_tracking": OFF, "subscription_tracking": OFF}
"""Links lead where the message says, there is no pixel, and the only link to unsubscribe is ours."""


class SendGridSettings(ProviderSettings):
    """An API key that may send (`mail.send`). A subuser in the EU has a host of its own: https://api.eu.sendgrid.com."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SENDGRID_")

    base_url: str = Field(default="https://api.sendgrid.com", pattern=r"^https?://")
    api_key: SecretStr


class SendGrid:
    """One account over kept connections."""

    def __init__(self, settings: SendGridSettings, limits: Limits) -> None:
        log_in = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}
        self._api = HttpApi("sendgrid", settings.base_url, limits, headers=log_in)

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:  # noqa: ARG002 - the final one counts
        """Asks for one message."""
        final = await last_word()
        if final is None:
            return Withheld()
        answer = await self._api.post("/v3/mail/send", json=_message(final))
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def _message(envelope: Envelope) -> dict[str, Any]:
    sender = {"email": envelope.sender} | ({"name": envelope.parts.sender_name} if envelope.parts.sender_name else {})
    return {
        "personalizations": [{"to": [{"email": envelope.recipient}]}],
        "from": sender,
        "subject": envelope.parts.subject,
        "content": [
            {"type": "text/plain", "value": envelope.parts.text},
            {"type": "text/html", "value": envelope.parts.html},
        ],
        "headers": {"Message-ID": envelope.message_id, **dict(envelope.parts.headers)},
        "custom_args": {"reminder_id": str(envelope.reminder_id)},
        "tracking_settings": TRACKING,
    }


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. A 400 names the fields that it is about: `from` is ours to repair."""
    if answer.ok:
        return Accepted(answer.headers.get("X-Message-Id"))
    errors = answer.body.get("errors")
    faults = [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    fields = [str(fault.get("field") or "") for fault in faults]
    if answer.status == 400 and any(field.split(".")[0] == "from" for field in fields):
        return Postponed("sendgrid_400_from", ours=True)
    return answer.means("sendgrid")
