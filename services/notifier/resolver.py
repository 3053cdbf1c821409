"""The DNS, asked."""

from collections.abc import Sequence
from typing import Literal, Protocol

import structlog
from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.rdata import Rdata
from dns.rdtypes.txtbase import TXTBase
from dns.resolver import NXDOMAIN, LRUCache, NoAnswer, NoResolverConfiguration
from dns.reversename import from_address

from services.notifier.domain.senders.finding import Said

Kind = Literal["TXT", "MX", "A", "AAAA", "PTR"]
LIFETIME_S = 1.5
"""For one question, with all that is tried for it."""
PORT = 53
log = structlog.get_logger(__name__)


class Dns(Protocol):
    """Who answers questions about names."""

    async def ask(self, name: str, kind: Kind) -> Said:
        """The records of a name, as texts; names of hosts without the dot at their end. Of a PTR the name is the
        address. None where nobody could be asked: that says nothing of the name.
        """


class SystemDns:
    """By the servers that are named (`192.0.2.1`, `192.0.2.1:5353`), else by the system's. What they say is kept for as
    long as they say.
    """

    def __init__(self, servers: Sequence[str] = ()) -> None:
        self._resolver = _resolver(servers)

    async def ask(self, name: str, kind: Kind) -> Said:
        """Asks once, and by TCP where an answer is too long for UDP."""
        if self._resolver is None:
            return None
        try:
            asked = from_address(name) if kind == "PTR" else f"{name.rstrip('.')}."
            answer = await self._resolver.resolve(asked, kind, lifetime=LIFETIME_S, search=False)
        except (NXDOMAIN, NoAnswer):
            return ()
        except (DNSException, OSError, ValueError) as error:
            log.info("dns.no_answer", name=name, kind=kind, error=type(error).__name__)
            return None
        return tuple(sorted(_text(record) for record in answer))


def _resolver(servers: Sequence[str]) -> Resolver | None:
    try:
        resolver = Resolver(configure=not servers)
    except NoResolverConfiguration:
        return None
    if servers:
        places = [one.rpartition(":") if ":" in one else (one, "", PORT) for one in servers]
        resolver.nameservers = [Do53Nameserver(host, int(port)) for host, _, port in places]
    resolver.cache = LRUCache(10_000)
    return resolver


def _text(record: Rdata) -> str:
    if isinstance(record, TXTBase):
        return b"".join(record.strings).decode("utf-8", "replace")
    text = record.to_text()
    return text.rstrip(".") if not text.endswith(" .") else text
