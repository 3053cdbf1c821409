"""Why a request for a message's link may be a machine's, and no click of a person's. Pure.

Previews of messengers, prefetches and scanners of links ask for them, too. Half a per cent of the scanners ask within
ten seconds (craft-campaign#546). Those that wait and look like a phone ask for all links of a message, one right after
the other, and for one that no person sees. So orders are asked first.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

Suspicion = Literal["head", "prefetch", "scanner", "first_seconds", "burst", "hidden_link"]
"""Nothing but the head was asked for; it was fetched ahead; a program that says so, or nothing at all; too soon; all
links of the message were; one that nobody sees was.
"""
Link = Literal["cart", "unsubscribe", "preferences", "hidden"]
"""Which link of a message: back to the cart, and the ways out; `hidden` is there for machines alone."""

AT_ONCE: Final = timedelta(seconds=10)
"""Who asks sooner after the message was handed over has not read it."""
TOGETHER: Final = timedelta(seconds=10)
"""What is asked for within this time was asked for by one program, and so long a click waits for what comes of it."""
_BESIDE_THE_CART: Final[Mapping[str, frozenset[Link]]] = {"email": frozenset({"unsubscribe", "preferences"})}
_OF_A_TEXT: Final[frozenset[Link]] = frozenset({"unsubscribe"})
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


def one_of_many(channel: str, clicked_at: datetime, others: Mapping[Link, datetime]) -> Suspicion | None:
    """Why a click may be a machine's by what else of its message was asked for, and when last; None: a person's.

    Of a message on `channel` all links that people see have to have been asked for within `TOGETHER`: somebody who has
    looked at the cart may well unsubscribe next. Of the hidden one that is enough.
    """
    near = {link for link, at in others.items() if abs(at - clicked_at) <= TOGETHER}
    if "hidden" in near:
        return "hidden_link"
    return "burst" if _BESIDE_THE_CART.get(channel, _OF_A_TEXT) <= near else None
