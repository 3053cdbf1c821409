"""One store: its voice and its rules, as the cart service describes it."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x00-\x1f]*$", max_length=200)]
"""One line of text: it may stand in a header, so it holds no control characters."""
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]+@[!-~]+$", max_length=254)]
Folder = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""The name of a folder, and no way out of the one that it is in."""


class Store(BaseModel):
    """One store's voice and rules. On a channel without a sender it sends nothing; nor does a closed one on any.

    `email_provider` and `sms_provider` are names from the registry of channels. `delivery` says what becomes of a
    message whose process died between the provider's yes and the record: it stays `unknown` (`at_most_once`), or is
    sent again under the same Message-ID (`at_least_once`). Caps are hours between two messages to one customer on one
    channel, 0 is off. `quiet_hours` is `HH:MM-HH:MM` in the recipient's own time, an empty string is off. `templates`
    is the name of the folder with its own. `messages_days` is for how long it is known what became of a reminder,
    `replies_days` who has answered what.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Line
    locale: str = "en"
    time_zone: str = "UTC"
    email_from: Address | None = None
    email_provider: str = "smtp"
    sms_from: str | None = Field(default=None, pattern=r"^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$")
    sms_provider: str = "twilio"
    delivery: Literal["at_most_once", "at_least_once"] = "at_most_once"
    templates: Folder | None = None
    email_cap_hours: float = Field(default=0, ge=0)
    sms_cap_hours: float = Field(default=0, ge=0)
    quiet_hours: str = Field(default="", pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$")
    accent: Hex = "#1f2937"
    logo_url: str | None = Field(default=None, pattern=r"^https?://[!-~]+$")
    postal_address: Line | None = None
    messages_days: float = Field(default=400, ge=30)
    replies_days: float = Field(default=90, ge=1)
    closed: bool = False

    @classmethod
    def described(cls, description: Mapping[str, Any], unset: Mapping[str, Any], *, closed: bool = False) -> Self:
        """The store that a description tells of; `unset` holds what counts for rules that it leaves open.

        What a newer cart service tells besides is passed over. Raises `pydantic.ValidationError` for what it tells in
        another way.
        """
        messages = description.get("messages") or {}
        of_shop = {name: value for name, value in description.items() if name != "messages"}
        return cls.model_validate({**unset, **messages, **of_shop, "closed": closed})

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("not a zone of the IANA database")
        return value

    @field_validator("quiet_hours")
    @classmethod
    def _some_hours(cls, value: str) -> str:
        start, _, end = (value or "").partition("-")
        if start and start == end:
            raise ValueError("quiet hours that start when they end are none, or all day")
        return value

    def silent(self, channel: str) -> str | None:
        """Why it sends nothing on a channel; None where it does."""
        if self.closed:
            return "store_closed"
        return None if self.sender(channel) else "no_sender"

    def sender(self, channel: str) -> str | None:
        """Where its messages on a channel come from."""
        return {"email": self.email_from, "sms": self.sms_from}.get(channel)

    @property
    def takes_replies(self) -> bool:
        """Whether a customer can answer STOP: nobody can answer a sender that is a word."""
        return re.fullmatch(r"\+\d+|\d+|MG[0-9a-f]{32}", self.sms_from or "") is not None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of customers whose own is not known."""
        return ZoneInfo(self.time_zone)

    def cap(self, channel: str) -> timedelta:
        """The least time between two messages to one customer on this channel; zero is no cap."""
        return timedelta(hours=self.email_cap_hours if channel == "email" else self.sms_cap_hours)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """From when to when nobody is disturbed, in the recipient's own time."""
        if not self.quiet_hours:
            return None
        start, _, end = self.quiet_hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)
