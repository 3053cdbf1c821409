"""How a customer can be reached, as far as it was told: by which channels, and in which time zone. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from libs.runtime.zones import zone_names

UNREACHABLE = "unreachable"
"""The reason of a step for somebody who can be reached by none of its channels."""


class Reach(NamedTuple):
    """Contact known, agreed to and not closed, by channel; `timezone` is a name of the IANA database, if it is told."""

    email: bool
    sms: bool
    timezone: str | None = None

    def by_any(self, channels: Iterable[str]) -> bool:
        """Whether one of these channels is open; one of which nothing is told may be."""
        told = {"email": self.email, "sms": self.sms}
        return any(told.get(channel, True) for channel in channels)

    @property
    def zone(self) -> str | None:
        """The time zone, where it is one that is known here."""
        return self.timezone if self.timezone in zone_names() else None


ReachOf = Mapping[tuple[str, str], Reach]
"""Store and customer → how they can be reached, of whom it is known."""
