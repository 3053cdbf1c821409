"""A store's rules for messages with what fills what it leaves open: from whom, how often, and when not."""

from collections.abc import Mapping
from datetime import time, timedelta
from functools import cached_property
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, field_validator

from libs.contracts.message_rules import Hours, MessageRules, QuietHours
from libs.runtime.zones import zone_names

_NIGHT = "21:00-09:00"
_EMAIL_CAP_H, _SMS_CAP_H = 16.0, 24.0


def unset_rules(*, production: bool) -> dict[str, Any]:
    """Caps and quiet hours of stores that say nothing of them: on in production, off locally."""
    if production:
        return {"email_cap_hours": _EMAIL_CAP_H, "sms_cap_hours": _SMS_CAP_H, "quiet_hours": _NIGHT}
    return {"email_cap_hours": 0.0, "sms_cap_hours": 0.0, "quiet_hours": ""}


class StoreRules(MessageRules):
    """What a store's description says of sending. On a channel without a sender it sends nothing; nor does a closed one
    on any. Caps are hours between two messages to one customer on one channel, 0 is off.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    time_zone: str = "UTC"
    email_cap_hours: Hours = 0
    sms_cap_hours: Hours = 0
    quiet_hours: QuietHours = ""
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
        if value not in zone_names():
            raise ValueError("not a zone of the IANA database")
        return value

    def silent(self, channel: str) -> str | None:
        """Why it sends nothing on a channel; None where it does."""
        if self.closed:
            return "store_closed"
        return None if self.sender(channel) else "no_sender"

    def sender(self, channel: str) -> str | None:
        """Where its messages on a channel come from."""
        if channel in ("email", "sms"):
            return self.email_from if channel == "email" else self.sms_from
        rules = self.channels.get(channel)
        return rules.sender if rules else None

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of customers whose own is not known."""
        return ZoneInfo(self.time_zone)

    def cap(self, channel: str) -> timedelta:
        """The least time between two messages to one customer on this channel; zero is no cap."""
        return self._caps.get(channel, self._cap_elsewhere)

    @cached_property
    def _caps(self) -> dict[str, timedelta]:
        own = {name: rules.cap_hours for name, rules in self.channels.items() if rules.cap_hours is not None}
        return {name: timedelta(hours=hours) for name, hours in (own | {"email": self.email_cap_hours}).items()}

    @cached_property
    def _cap_elsewhere(self) -> timedelta:
        return timedelta(hours=self.sms_cap_hours)

    @cached_property
    def quiet(self) -> tuple[time, time] | None:
        """From when to when nobody is disturbed, in the recipient's own time."""
        if not self.quiet_hours:
            return None
        start, _, end = self.quiet_hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)
