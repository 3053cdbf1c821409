"""Where a message comes back to: an address for each message (VERP), signed, so that nobody makes one up. Pure.

`bounces@shop.example` becomes `bounces+<reminder>-<signature>@shop.example`. All of it is lower-case and at most 64
characters before the `@` (RFC 5321, 4.5.3.1.1): some servers write it back in another case.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

BASE_MOST: Final = 14
"""Characters that an address of a store may have before the `@`: the rest is needed."""
_SIGNED: Final = re.compile(r"[^@+]{1,64}\+([0-9a-f]{32})-([0-9a-f]{16})@[^@]+")


def bounce_key(secret: bytes, reminder_id: UUID) -> str:
    """A reminder's id, signed."""
    made = hmac.digest(secret, b"evercart bounce address v1" + reminder_id.bytes, hashlib.sha256)
    return f"{reminder_id.hex}-{made[:8].hex()}"


def bounce_address(base: str, key: str) -> str:
    """The store's address with a key in it."""
    local, _, domain = base.rpartition("@")
    return f"{local}+{key}@{domain}"


def returned_to(address: str, secrets: Sequence[bytes]) -> UUID | None:
    """The reminder whose message came back to an address, where one of the secrets has signed it."""
    found = _SIGNED.fullmatch(address.strip().strip("<>").lower())
    if found is None:
        return None
    reminder_id, given = UUID(found[1]), f"{found[1]}-{found[2]}"
    keys = [bounce_key(secret, reminder_id) for secret in secrets]
    return reminder_id if any(hmac.compare_digest(key, given) for key in keys) else None
