"""How a customer can be reached, as far as it was told: by which channels, and in which time zone. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from libs.runtime.zones import zone_names

UNREACHABLE = "unreachable"
"""The reason of a step for somebody who can be reached by none of its channels."""


class Reach(NamedTuple):
    """Contact known, agreed to and not closed, by channel; `timezone` is a name of the IANA database, if it is told.

    `channels` are the open ones besides e-mail and texts, by any names; None where nothing is told of those. Only a
    backtest knows `country` and `region`, those of an address: it tries laws by them.
    """

    email: bool
    sms: bool
    timezone: str | None = None
    channels: Collection[str] | None = None
    country: str | None = None
    region: str | None = None

    def by_any(self, channels: Iterable[str]) -> bool:
        """Whether one of these channels is open; one of which nothing is told may be."""
        return any(map(self._by, channels))

    def _by(self, channel: str) -> bool:
        if channel == "email":
            return self.email
        if channel == "sms":
            return self.sms
        return self.channels is None or channel in self.channels

    @property
    def zone(self) -> str | None:
        """The time zone, where it is one that is known here."""
        return self.timezone if self.timezone in zone_names() else None


ReachOf = Mapping[tuple[str, str], Reach]
"""Store and customer → how they can be reached, of whom it is known."""
