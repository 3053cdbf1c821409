"""Signed unsubscribe links: they name a store, a customer and a channel, need no login, and never wear out."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass

from libs.contracts.events import Channel

_PREFIX = "u1_"
_PURPOSE = b"evercart unsubscribe v1"


class ForgedLinkError(ValueError):
    """The token was not made with our secret."""


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """Whose reminders end, and on which channel."""

    store_id: str
    customer_id: str
    channel: Channel


class Links:
    """Makes and reads the tokens; `secret` has 32 characters or more, `public_url` is where the web role is reached.
    What was signed with one of `older` is still read: messages lie in mailboxes for years.
    """

    def __init__(self, secret: str, public_url: str, older: Iterable[str] = ()) -> None:
        keys = [hmac.new(one.encode(), _PURPOSE, hashlib.sha256).digest() for one in (secret, *older)]
        self._key, self._keys = keys[0], keys
        self._base = public_url.rstrip("/")

    def unsubscribe_url(self, who: Unsubscription) -> str:
        """The link for the message's foot and for `List-Unsubscribe`."""
        return f"{self._base}/u/{self.token(who)}"

    def token(self, who: Unsubscription) -> str:
        """A token that only we can make; the same for the same customer and channel."""
        claims = _b64(json.dumps([who.store_id, who.customer_id, who.channel], separators=(",", ":")).encode())
        return f"{_PREFIX}{claims}.{_signed(self._key, claims)}"

    def read(self, token: str) -> Unsubscription:
        """Raises `ForgedLinkError` for anything that we have not made."""
        claims, _, signature = token.removeprefix(_PREFIX).partition(".")
        # compared as bytes: compare_digest refuses strings beyond ASCII, and this one comes from anybody
        genuine = [hmac.compare_digest(signature.encode(), _signed(key, claims).encode()) for key in self._keys]
        if not token.startswith(_PREFIX) or not any(genuine):
            raise ForgedLinkError
        try:
            store_id, customer_id, channel = json.loads(base64.urlsafe_b64decode(claims + "=="))
        except (binascii.Error, ValueError) as error:
            raise ForgedLinkError from error
        return Unsubscription(store_id, customer_id, channel)


def _signed(key: bytes, claims: str) -> str:
    return _b64(hmac.new(key, claims.encode(), hashlib.sha256).digest()[:18])


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
