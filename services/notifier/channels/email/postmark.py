"""E-mail by Postmark's API: https://postmarkapp.com/developer/api/email-api.

The reminder's id travels as the metadata `reminder_id`, which comes back with every webhook (`Metadata`) and by which
messages can be searched; the Message-ID stays ours by `X-PM-KeepID`. Postmark puts the message together itself.
"""

from typing import Any, Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings, Question
from services.notifier.domain.envelope import Envelope

INACTIVE: Final = 406
"""The recipient bounced, complained, or was suppressed by hand: Postmark takes nothing for them."""
INVALID: Final = 300
ABOUT_MESSAGE: Final = {INVALID, 411}
"""Codes that speak of this message; any other speaks of our account, sender, stream or request."""
PASSING: Final = {100, 429}


class PostmarkSettings(ProviderSettings):
    """A server's token, and the stream that the messages belong to: Postmark wants broadcasts apart from the rest."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_POSTMARK_")

    base_url: str = Field(default="https://api.postmarkapp.com", pattern=r"^https?://")
    server_token: SecretStr
    message_stream: str = "outbound"


class Postmark:
    """One server of an account over kept connections."""

    def __init__(self, settings: PostmarkSettings, limits: Limits) -> None:
        self._stream = settings.message_stream
        log_in = {"X-Postmark-Server-Token": settings.server_token.get_secret_value(), "Accept": "application/json"}
        self._api = HttpApi("postmark", settings.base_url, limits, headers=log_in)

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:  # noqa: ARG002 - the final one counts
        """Asks for one message."""
        final = await last_word()
        if final is None:
            return Withheld()
        answer = await self._api.post("/email", json=_message(final, self._stream))
        return judged(answer) if isinstance(answer, Answer) else answer

    async def ask(self, question: Question) -> Accepted | None:
        """The message whose metadata has the reminder's id."""
        wanted = {"count": "1", "offset": "0", "metadata_reminder_id": str(question.reminder_id)}
        answer = await self._api.get("/messages/outbound", wanted | {"messagestream": self._stream})
        return found(answer) if isinstance(answer, Answer) else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def _message(envelope: Envelope, stream: str) -> dict[str, Any]:
    own = ("Message-ID", envelope.message_id), ("X-PM-KeepID", "true")
    return {
        "From": envelope.named_sender,
        "To": envelope.recipient,
        "Subject": envelope.parts.subject,
        "TextBody": envelope.parts.text,
        "HtmlBody": envelope.parts.html,
        "Headers": [{"Name": name, "Value": value} for name, value in (*own, *envelope.parts.headers)],
        "MessageStream": stream,
        "Metadata": {"reminder_id": str(envelope.reminder_id)},
        "TrackOpens": False,
        "TrackLinks": "None",
    }


def found(answer: Answer) -> Accepted | None:
    """The first message of a search. Pure."""
    match answer.body.get("Messages") if answer.ok else None:
        case [{"MessageID": str(message_id)}, *_]:
            return Accepted(message_id)
    return None


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure.

    A 5xx other than 503 may come after the message was taken: Postmark says only that most such messages are lost.
    """
    code = answer.number("ErrorCode")
    if answer.ok and not code:
        return Accepted(answer.text("MessageID"))
    if code == INACTIVE:
        return Refused("postmark_406", suppress="bounced")
    if code is None or answer.status >= 500 or answer.status in (413, 429):
        return answer.means("postmark")
    if code in PASSING:
        return Postponed(f"postmark_{code}", answer.retry_after_s, down=code == 100)
    about_sender = code == INVALID and "'From'" in (answer.text("Message") or "")
    if code in ABOUT_MESSAGE and not about_sender:
        return Refused(f"postmark_{code}")
    return Postponed(f"postmark_{code}", ours=True)
