"""How often a log-in may be tried. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address

WINDOW = timedelta(minutes=15)
OF_ONE_ADDRESS, OF_ONE_CALLER = 8, 40
"""Failures in a window, with one e-mail address, and from one place: an office sits behind one address of the net."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures since a window began."""

    failures: int
    since: datetime

    def waits_until(self, now: datetime, most: int) -> datetime | None:
        """Until when nothing more is tried; None where it may be."""
        ends = self.since + WINDOW
        return ends if self.failures >= most and now < ends else None


def calling(peer: str, forwarded: str, proxies: Collection[IPv4Network | IPv6Network]) -> str:
    """The address from which somebody calls, by what proxies of ours say; a /64 of IPv6, which is what one line gets.
    Empty where nobody knows: then only the e-mail address is counted.
    """
    for text in (peer, *reversed(forwarded.split(",") if forwarded else [])):
        try:
            address = ip_address(text.strip())
        except ValueError:
            return ""
        if not any(address in network for network in proxies if network.version == address.version):
            return str(address) if address.version == 4 else str(IPv6Network((int(address) >> 64 << 64, 64)))
    return ""
