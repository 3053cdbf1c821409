"""Whether a request for a message's link is somebody's click. Pure.

Previews of messengers, prefetches and scanners of links ask for them, too. Half a per cent of the scanners ask within
ten seconds (craft-campaign#546); the rest can't be told from people by one link. So orders are asked first.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

AT_ONCE: Final = timedelta(seconds=10)
"""Who asks sooner after the message was handed over has not read it."""
_PURPOSES: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD: Final = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
_MACHINES: Final = re.compile(
    r"bot\b|crawl|spider|preview|scan|facebookexternalhit|whatsapp|skypeuri|slurp|curl/|wget/|python|go-http|okhttp|java/",
    re.IGNORECASE,
)


def is_click(method: str, headers: Mapping[str, str], after: timedelta) -> bool:
    """Whether a request `after` the message was handed over is a click; names of headers are in lower case."""
    if method != "GET" or after < AT_ONCE:
        return False
    if any(_AHEAD.search(headers.get(name, "")) for name in _PURPOSES):
        return False
    agent = headers.get("user-agent", "")
    return bool(agent) and _MACHINES.search(agent) is None
