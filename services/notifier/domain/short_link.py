"""Short links: eleven characters that name a message to us and nothing to anybody else. Pure.

Whoever has one may use it, so it is a secret of 64 bits, made from the message's id with a key: nothing has to be
drawn, and a copy of the message says the same. What it stands for is kept as a hash with the message and ends with it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from services.notifier.domain.bounce_address import bounce_key
from services.notifier.domain.opens import open_key

LENGTH: Final = 11
REMEMBERED: Final = 256
"""Links of so many messages are kept for a while: of those that are being sent."""
CART_DAYS: Final = timedelta(days=30)
"""For how long a link to a cart leads there."""
_SHAPE: Final = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}")

Use = Literal["unsubscribe", "preferences", "hidden", "monthly", "cart", "confirm", "monthly_confirm"]
PLACES: Final[Mapping[Use, str]] = {
    "unsubscribe": "u",
    "preferences": "p",
    "hidden": "h",
    "monthly": "m",
    "cart": "c",
    "confirm": "y",
    "monthly_confirm": "s",
}
"""What their paths begin with."""
_WITH_ONE_SECRET: Final[tuple[Use, ...]] = ("unsubscribe", "preferences", "hidden", "monthly")


@dataclass(frozen=True, slots=True)
class MessageLinks:
    """The links of one message: to unsubscribe, to choose what else comes, one that no person follows, to have its
    product every month, and where it leads to, such as the cart; `hashes` are what is kept of the first and the last,
    for the first four bear the same secret. `bounce_key` is in the address that the message comes back to, `pixel_url`
    the picture by which opens are counted.
    """

    unsubscribe_url: str
    preferences_url: str
    hidden_url: str
    monthly_url: str
    url: str
    hashes: tuple[bytes, bytes]
    bounce_key: str
    pixel_url: str


class ShortLinks:
    """Makes the links; `secret` has 32 characters or more, `public_url` is where the web role is reached."""

    def __init__(self, secret: str, public_url: str) -> None:
        self._secret, self._base = secret.encode(), public_url.rstrip("/")
        self._made = lru_cache(REMEMBERED)(self._make)

    def of(self, reminder_id: UUID, leads_to: Use = "cart") -> MessageLinks:
        """The links of a message, the same whenever they are made: it is asked for them more than once."""
        return self._made(reminder_id, leads_to)

    def _make(self, reminder_id: UUID, leads_to: Use) -> MessageLinks:
        leaving, there = self._token("unsubscribe", reminder_id), self._token(leads_to, reminder_id)
        out, choose, hidden, monthly = (self._url(use, leaving) for use in _WITH_ONE_SECRET)
        pixel = f"{self._base}/o/{open_key(self._secret, reminder_id)}.gif"
        hashes = (hashed(leaving), hashed(there))
        key = bounce_key(self._secret, reminder_id)
        return MessageLinks(out, choose, hidden, monthly, self._url(leads_to, there), hashes, key, pixel_url=pixel)

    def _url(self, use: Use, token: str) -> str:
        return f"{self._base}/{PLACES[use]}/{token}"

    def _token(self, use: Use, reminder_id: UUID) -> str:
        made = hmac.digest(self._secret, f"evercart short link v1 {use}".encode() + reminder_id.bytes, hashlib.sha256)
        return base64.urlsafe_b64encode(made[:8]).rstrip(b"=").decode()


def is_short(token: str) -> bool:
    """Whether it may be one of ours."""
    return _SHAPE.fullmatch(token) is not None


def hashed(token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).digest()
