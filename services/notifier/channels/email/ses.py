"""E-mail by Amazon SES, API v2: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.

The finished message goes as it is (`Raw`), but SES replaces its Message-ID and Date. So the reminder's id travels as
the tag `reminder_id`, which comes back with every event of the configuration set (`mail.tags`), and as the header
`X-Evercart-Reminder`.
"""

import base64
import re
from typing import Any, Final

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.aws_sigv4 import Credentials, SigV4
from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Withheld
from services.notifier.channels.ports import EmailLastWord, Limits, ProviderSettings
from services.notifier.domain.envelope import Envelope

PATH: Final = "/v2/email/outbound-emails"
OURS: Final = {
    "AccountSuspendedException",
    "SendingPausedException",
    "MailFromDomainNotVerifiedException",
    "NotFoundException",  # the configuration set
    "RequestExpired",
}
"""Errors that speak of our account, sender or clock."""
PASSING: Final = {"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"}
REJECTED: Final = "MessageRejected"
UNVERIFIED: Final = "not verified"
"""What `MessageRejected` says where the sender, or in the sandbox the recipient, is none that was verified."""


class SesSettings(ProviderSettings):
    """A key that may do `ses:SendEmail`, the region that the sender was verified in, and a set that tells of events.

    `base_url` is for an endpoint of your own (VPC); without one it is the region's.
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_SES_")

    region: str = Field(pattern=r"^[a-z0-9-]+$")
    access_key_id: str
    secret_access_key: SecretStr
    session_token: SecretStr | None = None
    configuration_set: str | None = None
    base_url: str | None = Field(default=None, pattern=r"^https?://")

    @property
    def endpoint(self) -> str:
        """Where SES is reached."""
        return self.base_url or f"https://email.{self.region}.amazonaws.com"

    @property
    def credentials(self) -> Credentials:
        """By which requests are signed."""
        token = self.session_token.get_secret_value() if self.session_token else None
        return Credentials(self.access_key_id, self.secret_access_key.get_secret_value(), token)


class Ses:
    """One account in one region over kept connections."""

    def __init__(self, settings: SesSettings, limits: Limits) -> None:
        self._set = settings.configuration_set
        signing = SigV4(settings.credentials, settings.region, "ses", limits.clock)
        self._api = HttpApi("ses", settings.endpoint, limits, auth=signing)

    async def send(self, envelope: Envelope, last_word: EmailLastWord) -> Outcome:  # noqa: ARG002 - the final one counts
        """Asks for one message."""
        final = await last_word()
        if final is None:
            return Withheld()
        answer = await self._api.post(PATH, json=_message(final, self._set))
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def _message(envelope: Envelope, configuration_set: str | None) -> dict[str, Any]:
    return {
        "FromEmailAddress": envelope.sender,
        "Destination": {"ToAddresses": [envelope.recipient]},
        "Content": {"Raw": {"Data": base64.b64encode(envelope.content).decode()}},
        "EmailTags": [{"Name": "reminder_id", "Value": str(envelope.reminder_id)}],
        **({"ConfigurationSetName": configuration_set} if configuration_set else {}),
    }


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. The kind of an error stands in a header, with a namespace behind a colon."""
    if answer.ok:
        return Accepted(answer.text("MessageId"))
    kind = answer.headers.get("x-amzn-ErrorType", "").partition(":")[0]
    message = answer.text("message") or answer.text("Message") or ""
    reason = f"ses_{_word(kind)}"
    if kind in OURS or (kind == REJECTED and UNVERIFIED in message):
        return Postponed(reason, answer.retry_after_s, ours=True)
    if kind in PASSING:
        return Postponed(reason, answer.retry_after_s)
    return answer.means("ses", _word(kind) if kind in (REJECTED, "BadRequestException") else None)


def _word(kind: str) -> str:
    """`MessageRejected` → `message_rejected`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.removesuffix("Exception")).lower()
