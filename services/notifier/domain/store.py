"""One store: its voice and its rules."""

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x00-\x1f]*$", max_length=200)]
"""One line of text: it may stand in a header, so it holds no control characters."""
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]+@[!-~]+$", max_length=254)]


class Store(BaseModel):
    """One store's voice and rules.

    `email_provider` and `sms_provider` are names from the registry of channels. `delivery` says what becomes of a
    message whose process died between the provider's yes and the record: it stays `unknown` (`at_most_once`), or is
    sent again under the same Message-ID (`at_least_once`). Caps are hours between two messages to one customer on one
    channel, 0 is off. `quiet_hours` is `HH:MM-HH:MM` in the recipient's own time, an empty string is off. Caps and
    quiet hours that are not set follow the mode: on in production, off locally. `messages_days` is for how long it is
    known what became of a reminder, `replies_days` who has answered what.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Line
    cart_key: SecretStr
    email_from: Address
    sms_from: str = Field(pattern=r"^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$")
    email_provider: str = "smtp"
    sms_provider: str = "twilio"
    locale: str = "en"
    timezone: str = "UTC"
    delivery: Literal["at_most_once", "at_least_once"] = "at_most_once"
    templates_dir: Path | None = None
    email_cap_hours: float | None = Field(default=None, ge=0)
    sms_cap_hours: float | None = Field(default=None, ge=0)
    quiet_hours: str | None = Field(default=None, pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")
    accent: Hex = "#1f2937"
    logo_url: str | None = Field(default=None, pattern=r"^https?://[!-~]+$")
    postal_address: Line | None = None
    messages_days: float = Field(default=400, ge=30)
    replies_days: float = Field(default=90, ge=1)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a zone of the IANA database")
        return value

    @property
    def takes_replies(self) -> bool:
        """Whether a customer can answer STOP: nobody can answer a sender that is a word."""
        return re.fullmatch(r"\+\d+|\d+|MG[0-9a-f]{32}", self.sms_from) is not None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of customers whose own is not known."""
        return ZoneInfo(self.timezone)

    def cap(self, channel: str) -> timedelta:
        """The least time between two messages to one customer on this channel; zero is no cap."""
        return timedelta(hours=(self.email_cap_hours if channel == "email" else self.sms_cap_hours) or 0)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """From when to when nobody is disturbed, in the recipient's own time."""
        if not self.quiet_hours:
            return None
        start, _, end = self.quiet_hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)
