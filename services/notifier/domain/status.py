"""What a server's words say of an address, as far as they follow RFC 3463 or RFC 5321. Pure."""

import re
from typing import Final

_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY: Final = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
_SAYS_NOTHING: Final = re.compile(r"[245]\.0\.0")
MOST: Final = 2000


def status_in(*texts: str) -> str | None:
    """The status (RFC 3463) that a server's words hold, or where there is none its reply of three digits.

    The first that says something counts: `5.0.0` only says that it is for good.
    """
    found = [one for text in texts for one in _ENHANCED.findall(text[:MOST])]
    replies = [one for text in texts for one in _REPLY.findall(text[:MOST])]
    told = [one for one in found if not _SAYS_NOTHING.fullmatch(one)]
    return next(iter([*told, *found, *replies]), None)
