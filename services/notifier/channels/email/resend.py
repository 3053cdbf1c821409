"""E-mail by Resend's API: https://resend.com/docs/api-reference/emails/send-email.

The reminder's id travels as the tag `reminder_id`, which comes back with every webhook (`data.tags`), and as the
idempotency key, by which the same message is taken once in 24 hours. Resend puts the message together itself, and
gives it a Message-ID of its own.
"""

import asyncio
from typing import Any, Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope

ATTEMPTS: Final = 3
PAUSE_S: Final = 1.0
"""Between two attempts under one key."""

UNDER_WAY: Final = "concurrent_idempotent_requests"
"""An earlier attempt under this key is not over yet."""
TAKEN_OTHERWISE: Final = "invalid_idempotent_request"
"""An earlier attempt under this key had other words: that one may have been taken, this one was not."""
CLASH: Final = Unclear(f"resend_{TAKEN_OTHERWISE}")
OURS: Final = {
    "missing_api_key",
    "restricted_api_key",
    "invalid_api_key",
    "invalid_from_address",
    "invalid_access",
    "invalid_region",
    "security_error",
}
"""Names of errors that speak of our account or sender."""
PASSING: Final = {"rate_limit_exceeded", "daily_quota_exceeded", "monthly_quota_exceeded"}
QUOTAS: Final = PASSING - {"rate_limit_exceeded"}
KNOWN: Final = OURS | PASSING | {UNDER_WAY, TAKEN_OTHERWISE, "validation_error", "application_error"}
"""Names that a reason may hold; of any other it holds the status."""


class ResendSettings(ProviderSettings):
    """An API key that may send."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_RESEND_")

    base_url: str = Field(default="https://api.resend.com", pattern=r"^https?://")
    api_key: SecretStr


class Resend:
    """One account over kept connections."""

    def __init__(self, settings: ResendSettings, limits: Limits, pause_s: float = PAUSE_S) -> None:
        log_in = {"Authorization": f"Bearer {settings.api_key.get_secret_value()}"}
        self._api, self._pause_s = HttpApi("resend", settings.base_url, limits, headers=log_in), pause_s

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:  # noqa: ARG002 - the final one counts
        """Asks for one message, and where no clear answer comes asks again for the very same one under its key."""
        final = await last_word()
        if final is None:
            return Withheld()
        message, key = _message(final), {"Idempotency-Key": str(final.reminder_id)}
        outcome: Outcome = Unclear("resend_no_answer")
        unclear = False
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(self._pause_s)
            answer = await self._api.post("/emails", json=message, headers=key)
            outcome = judged(answer) if isinstance(answer, Answer) else answer
            if not isinstance(outcome, Unclear) or outcome == CLASH:
                break
            unclear = True
        # a later attempt that was not taken says nothing of one before it that may have been
        return Unclear(outcome.reason) if unclear and isinstance(outcome, Postponed) else outcome

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def _message(envelope: Envelope) -> dict[str, Any]:
    return {
        "from": envelope.named_sender,
        "to": [envelope.recipient],
        "subject": envelope.parts.subject,
        "text": envelope.parts.text,
        "html": envelope.parts.html,
        "headers": dict(envelope.parts.headers),
        "tags": [{"name": "reminder_id", "value": str(envelope.reminder_id)}],
    }


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure."""
    if answer.ok:
        return Accepted(answer.text("id"))
    name = answer.text("name")
    code = name if name in KNOWN else None
    if name in (UNDER_WAY, TAKEN_OTHERWISE):
        return CLASH if name == TAKEN_OTHERWISE else Unclear(f"resend_{name}")
    if name in PASSING:
        return Postponed(f"resend_{name}", answer.retry_after_s, ours=name in QUOTAS)
    message = answer.text("message") or ""
    if name in OURS or (name == "validation_error" and ("API key" in message or "`from`" in message)):
        return Postponed(f"resend_{name}", answer.retry_after_s, ours=True)
    return Refused(f"resend_{code or answer.status}") if answer.status == 422 else answer.means("resend", code)
