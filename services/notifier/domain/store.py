"""One store: its voice and its rules, as the cart service describes it."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, field_validator

from libs.contracts.message_rules import Hours, Line, MessageRules, QuietHours
from libs.contracts.own_hosts import leads_home, leads_to_web
from libs.runtime.zones import zone_names


class Store(MessageRules):
    """One store's voice and rules. On a channel without a sender it sends nothing; nor does a closed one on any.

    `email_provider` and `sms_provider` are names from the registry of channels. Caps are hours between two messages to
    one customer on one channel, 0 is off. `hosts` are its own: what leads elsewhere is no link and no picture in its
    messages. A cart service of before does not tell them (None); then anything that leads to the web is.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    store_id: str = ""
    name: Line
    locale: str = "en"
    time_zone: str = "UTC"
    email_cap_hours: Hours = 0
    sms_cap_hours: Hours = 0
    quiet_hours: QuietHours = ""
    hosts: tuple[str, ...] | None = None
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

    def link(self, url: str | None) -> str | None:
        """The URL where it leads to the web and to the store; None elsewhere: anybody may write a cart."""
        if url is None or not (leads_home(url, self.hosts) if self.hosts is not None else leads_to_web(url)):
            return None
        return url

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
        if channel == "email":
            return timedelta(hours=self.email_cap_hours)
        rules = self.channels.get(channel)
        own = rules.cap_hours if rules else None
        return timedelta(hours=self.sms_cap_hours if own is None else own)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """From when to when nobody is disturbed, in the recipient's own time."""
        if not self.quiet_hours:
            return None
        start, _, end = self.quiet_hours.partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)
