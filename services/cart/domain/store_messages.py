"""How a store speaks to its customers. The cart service only keeps it: whoever sends is told of it. Pure."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x00-\x1f]*$", max_length=200)]
"""One line of text: it may stand in a header, so it holds no control characters."""
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]+@[!-~]+$", max_length=254)]
Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Provider = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Folder = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
SMS_SENDER = r"^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$"
"""A number, a short code, a messaging service, or a word (which nobody can answer)."""
QUIET_HOURS = r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"


class StoreMessages(BaseModel):
    """A store's voice and its rules for messages; on a channel without a sender it sends nothing.

    `delivery` says what becomes of a message whose process died between the provider's yes and the record. Caps are
    hours between two messages to one customer on one channel, 0 is off. `quiet_hours` is `HH:MM-HH:MM` in the
    recipient's own time, an empty string is off. Caps and quiet hours that are not set follow the notifier's mode.
    `templates` is the name of a folder below the notifier's own. Who carries the messages is known there by name, and
    so are all secrets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    email_from: Address | None = None
    email_provider: Provider = "smtp"
    sms_from: str | None = Field(default=None, pattern=SMS_SENDER)
    sms_provider: Provider = "twilio"
    delivery: Literal["at_most_once", "at_least_once"] = "at_most_once"
    email_cap_hours: float | None = Field(default=None, ge=0)
    sms_cap_hours: float | None = Field(default=None, ge=0)
    quiet_hours: str | None = Field(default=None, pattern=QUIET_HOURS)
    accent: Hex = "#1f2937"
    logo_url: str | None = Field(default=None, pattern=r"^https?://[!-~]+$", max_length=2000)
    postal_address: Line | None = None
    messages_days: float = Field(default=400, ge=30)
    replies_days: float = Field(default=90, ge=1)
    templates: Folder | None = None

    @field_validator("quiet_hours")
    @classmethod
    def _some_hours(cls, value: str | None) -> str | None:
        start, _, end = (value or "").partition("-")
        if start and start == end:
            raise ValueError("quiet hours that start when they end are none, or all day")
        return value
