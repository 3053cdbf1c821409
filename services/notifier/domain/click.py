"""Why a request for a message's link may be a machine's, and no click of a person's. Pure.

Previews of messengers, prefetches and scanners of links ask for them, too. Half a per cent of the scanners ask within
ten seconds (craft-campaign#546); the rest can't be told from people by one link. So orders are asked first.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

Suspicion = Literal["head", "prefetch", "scanner", "first_seconds"]
"""Nothing but the head was asked for; it was fetched ahead; a program that says so, or nothing at all; too soon."""

AT_ONCE: Final = timedelta(seconds=10)
"""Who asks sooner after the message was handed over has not read it."""
_PURPOSES: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD: Final = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_MACHINES: Final = re.compile(
    r"bot\b|crawl|spider|preview|scan|facebookexternalhit|whatsapp|skypeuri|slurp|curl/|wget/|python|go-http|okhttp|java/",
    re.IGNORECASE,
)


def suspicion(method: str, headers: Mapping[str, str], after: timedelta) -> Suspicion | None:
    """Why a request `after` the message was handed over may be a machine's; None: nothing speaks against a person.

    Names of headers are in lower case. What the request says of itself goes before when it came.
    """
    if method != "GET":
        return "head"
    if any(_AHEAD.search(headers.get(name, "")) for name in _PURPOSES):
        return "prefetch"
    agent = headers.get("user-agent", "")
    if not agent or _MACHINES.search(agent) is not None:
        return "scanner"
    return "first_seconds" if after < AT_ONCE else None
