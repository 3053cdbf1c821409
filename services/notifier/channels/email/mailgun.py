"""E-mail by Mailgun's API: https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages.

The finished message goes as it is (`messages.mime`), so the Message-ID stays ours. The reminder's id travels as the
variable `reminder_id`, which comes back with every webhook and event (`user-variables`).
"""

from typing import Final
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings, Question
from services.notifier.channels.told import Told
from services.notifier.domain.envelope import Envelope

OPTIONS: Final = {"o:tracking": "no", "o:tracking-clicks": "no", "o:tracking-opens": "no"}
"""Links lead where the message says, and there is no pixel."""


CLOCKS_DIFFER_S: Final = 300


class MailgunSettings(ProviderSettings):
    """A sending domain and a key for it. Domains in the EU have a host of their own: https://api.eu.mailgun.net."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_MAILGUN_")

    base_url: str = Field(default="https://api.mailgun.net", pattern=r"^https?://")
    domain: str = Field(pattern=r"^[a-z0-9.-]+$")
    api_key: SecretStr


class Mailgun:
    """One sending domain over kept connections."""

    def __init__(self, settings: MailgunSettings, limits: Limits) -> None:
        self._path, self._events = f"/v3/{settings.domain}/messages.mime", f"/v3/{settings.domain}/events"
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

    async def ask(self, question: Question) -> Accepted | None:
        """The message whose variables have the reminder's id, among those taken for its recipient since then."""
        if question.recipient is None:
            return None
        wanted = {"event": "accepted", "recipient": question.recipient, "ascending": "yes", "limit": "300"}
        since = {"begin": str(int(question.since.timestamp()) - CLOCKS_DIFFER_S)}
        answer = await self._api.get(self._events, wanted | since)
        return found(answer, question.reminder_id) if isinstance(answer, Answer) else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def found(answer: Answer, reminder_id: UUID) -> Accepted | None:
    """The event of a message of ours. Pure. Mailgun writes its events down a while after it has taken a message."""
    if not answer.ok:
        return None
    for event in Told(answer.body).parts("items"):
        name = event.part("message").part("headers").text("message-id").strip("<>")
        if event.part("user-variables").text("reminder_id") == str(reminder_id) and name:
            return Accepted(name)
    return None


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. Mailgun has no codes; of its words those about the sender count."""
    if answer.ok:
        return Accepted((answer.text("id") or "").strip("<>") or None)
    message = (answer.text("message") or "").lower()
    if answer.status == 400 and ("from" in message or "domain" in message or "not allowed to send" in message):
        return Postponed("mailgun_400_sender", answer.retry_after_s, ours=True)
    return answer.means("mailgun")
