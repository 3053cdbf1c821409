"""E-mail by Mailgun's API: https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages.

The finished message goes as it is (`messages.mime`), so the Message-ID stays ours. The reminder's id travels as the
variable `reminder_id`, which comes back with every webhook and event (`user-variables`).
"""

from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope

OPTIONS: Final = {"o:tracking": "no", "o:tracking-clicks": "no", "o:tracking-opens": "no"}
"""Links lead where the message says, and there is no pixel."""


class MailgunSettings(ProviderSettings):
    """A sending domain and a key for it. Domains in the EU have a host of their own: https://api.eu.mailgun.net."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_MAILGUN_")

    base_url: str = Field(default="https://api.mailgun.net", pattern=r"^https?://")
    domain: str = Field(pattern=r"^[a-z0-9.-]+$")
    api_key: SecretStr


class Mailgun:
    """One sending domain over kept connections."""

    def __init__(self, settings: MailgunSettings, limits: Limits) -> None:
        self._path = f"/v3/{settings.domain}/messages.mime"
        log_in = "api", settings.api_key.get_secret_value()
        self._api = HttpApi("mailgun", settings.base_url, limits, auth=log_in)

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:  # noqa: ARG002 - the final one counts
        """Asks for one message."""
        final = await last_word()
        if final is None:
            return Withheld()
        form = {"to": final.recipient, "v:reminder_id": str(final.reminder_id), **OPTIONS}
        message = {"message": ("message.eml", final.content, "message/rfc822")}
        answer = await self._api.post(self._path, data=form, files=message)
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. Mailgun has no codes; of its words those about the sender count."""
    if answer.ok:
        return Accepted((answer.text("id") or "").strip("<>") or None)
    message = (answer.text("message") or "").lower()
    if answer.status == 400 and ("from" in message or "domain" in message or "not allowed to send" in message):
        return Postponed("mailgun_400_sender", answer.retry_after_s, ours=True)
    return answer.means("mailgun")
