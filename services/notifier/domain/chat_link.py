"""Links that tie a chat to a customer: a name of theirs, until when it counts, and a signature over both. Pure.

Telegram hands over 64 characters of `A-Z a-z 0-9 _ -` with /start: these are 48. Whoever has the link may use it while
it counts, so it is shown to the customer alone, and counts for a day.
"""

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

COUNTS: Final = timedelta(days=1)
_NAME, _UNTIL, _MAC = 16, 4, 16
LENGTH: Final = 48


class ChatLinks:
    """Makes and reads what goes with the link; `secrets` sign, the first one what is made now."""

    def __init__(self, *secrets: str) -> None:
        self._secrets = [secret.encode() for secret in secrets]

    def payload(self, channel: str, name: str, until: datetime) -> str:
        """Of a customer by their `name` (`contact_name`, 32 hexadecimal digits)."""
        said = int(until.timestamp()).to_bytes(_UNTIL, "big") + bytes.fromhex(name)
        return base64.urlsafe_b64encode(said + _mac(self._secrets[0], channel, said)).decode()

    def read(self, channel: str, payload: str, now: datetime) -> str | None:
        """The name of the customer, if we have signed it for this channel and it counts still."""
        try:
            said = base64.urlsafe_b64decode(payload.encode()) if len(payload) == LENGTH else b""
        except (binascii.Error, ValueError):
            return None
        if len(said) != _UNTIL + _NAME + _MAC:
            return None
        told, mac = said[:-_MAC], said[-_MAC:]
        if not any(hmac.compare_digest(mac, _mac(secret, channel, told)) for secret in self._secrets):
            return None
        until = datetime.fromtimestamp(int.from_bytes(told[:_UNTIL], "big"), UTC)
        return told[_UNTIL:].hex() if now < until else None


def _mac(secret: bytes, channel: str, said: bytes) -> bytes:
    return hmac.digest(secret, f"evercart chat link v1 {channel} ".encode() + said, hashlib.sha256)[:_MAC]
