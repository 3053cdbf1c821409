"""A database that is on several hosts, of which one takes writes: which one may change at any time."""

from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from libs.postgres.errors import OUTAGES
from libs.postgres.known_types import KnowingConnection

if TYPE_CHECKING:
    Session: TypeAlias = asyncpg.Connection[asyncpg.Record]

HOST_S = 3.0
"""How long one of several hosts may take: one that is silent would use up the time for all of them."""


def each_host(dsn: str) -> list[str]:
    """`postgresql://user@a:5432,b:5432/database` as a DSN for each host."""
    parts = urlsplit(dsn)
    who, at, hosts = parts.netloc.rpartition("@")
    if "," not in hosts:
        return [dsn]
    return [urlunsplit(parts._replace(netloc=who + at + host)) for host in hosts.split(",")]


async def connect_to_any(dsn: str, **options: Any) -> "Session":  # noqa: ANN401 - asyncpg's own
    """A connection to the first host that takes writes, unless the DSN says itself what is wanted of a host.

    Raises what the last host had to say.
    """
    hosts = each_host(dsn)
    if len(hosts) > 1 and "target_session_attrs=" not in dsn:
        timeout = min(options.get("timeout") or HOST_S, HOST_S)
        options |= {"timeout": timeout, "target_session_attrs": "read-write"}
    else:
        hosts = [dsn]
    last: Exception = OSError("no host")
    for host in hosts:
        try:
            session: Session = await asyncpg.connect(host, **{"connection_class": KnowingConnection, **options})
        except OUTAGES as error:
            last = error
        else:
            return session
    raise last
