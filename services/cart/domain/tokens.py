"""Guests' cart tokens and recovery links: signed, so that issuing stores nothing and forging finds nothing."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")

GUEST = "g1_"
RECOVERY = "r1_"
SHARED = "s1_"
RECOVERY_VALIDITY = timedelta(days=30)
SHARE_VALIDITY = timedelta(days=30)
_RANDOM = 18
_MAC = 16
_RECOVERY_CLAIMS = 16 + 6 + 4


class ForgedError(ValueError):
    """A token that this service did not issue."""


def with_any(secrets: Iterable[bytes], read: Callable[[bytes], T]) -> T:
    """What `read` makes of a token with the first of the secrets that has signed it. Raises `ForgedError`."""
    for secret in secrets:
        try:
            return read(secret)
        except ForgedError:
            continue
    raise ForgedError


def issue_guest_token(secret: bytes, store_id: str) -> str:
    """A new token for an anonymous cart of one store: 144 random bits under a MAC of 128."""
    nonce = secrets.token_bytes(_RANDOM)
    return GUEST + _text(nonce + _mac(secret, f"guest:{store_id}", nonce))


def guest_token_hash(secret: bytes, store_id: str, token: str) -> bytes:
    """SHA-256 of a genuine token, the only trace of it that is stored. Raises `ForgedError`."""
    raw = _raw(token, GUEST, _RANDOM + _MAC)
    if not hmac.compare_digest(raw[_RANDOM:], _mac(secret, f"guest:{store_id}", raw[:_RANDOM])):
        raise ForgedError
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a recovery link says: which cart, until when, and in which epoch of that cart's links it was made."""

    cart_id: UUID
    expires_at: datetime
    epoch: int


def issue_recovery_token(secret: bytes, recovery: Recovery) -> str:
    """The token of a link that opens this cart and nothing else; expiry is kept in whole seconds."""
    claims = _claims(recovery.cart_id, recovery.expires_at, recovery.epoch)
    return RECOVERY + _text(claims + _mac(secret, "recovery", claims))


def read_recovery_token(secret: bytes, token: str) -> Recovery:
    """What a genuine link says, expired or not. Raises `ForgedError`."""
    return Recovery(*_read(_raw(token, RECOVERY, _RECOVERY_CLAIMS + _MAC), secret, "recovery"))


@dataclass(frozen=True, slots=True)
class Share:
    """What a link to a shared cart says: which cart, until when, and in which epoch of its shared links it was made."""

    cart_id: UUID
    expires_at: datetime
    epoch: int


def issue_share_token(secret: bytes, share: Share) -> str:
    """The token that shows this cart to whoever holds it; expiry is kept in whole seconds."""
    claims = _claims(share.cart_id, share.expires_at, share.epoch)
    return SHARED + _text(claims + _mac(secret, "share", claims))


def read_share_token(secret: bytes, token: str) -> Share:
    """What a genuine token says, expired or not. Raises `ForgedError`."""
    return Share(*_read(_raw(token, SHARED, _RECOVERY_CLAIMS + _MAC), secret, "share"))


def _claims(cart_id: UUID, expires_at: datetime, epoch: int) -> bytes:
    return cart_id.bytes + int(expires_at.timestamp()).to_bytes(6) + epoch.to_bytes(4)


def _read(raw: bytes, secret: bytes, purpose: str) -> tuple[UUID, datetime, int]:
    claims = raw[:_RECOVERY_CLAIMS]
    if not hmac.compare_digest(raw[_RECOVERY_CLAIMS:], _mac(secret, purpose, claims)):
        raise ForgedError
    expires = datetime.fromtimestamp(int.from_bytes(claims[16:22]), UTC)
    return UUID(bytes=claims[:16]), expires, int.from_bytes(claims[22:])


def fingerprint(secret: bytes, *parts: str | bytes) -> bytes:
    """Keyed hash of a request: tells two payloads apart without keeping what was in them."""
    framed = bytearray()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        framed += len(raw).to_bytes(8)
        framed += raw
    return hmac.digest(secret, framed, "sha256")


def customer_mark(secret: bytes, store_id: str, customer_id: str) -> str:
    """What stands for a customer where the id itself must not: the same for the same customer, and no way back."""
    return "customer:" + fingerprint(secret, "customer", store_id, customer_id)[:_MAC].hex()


def _mac(secret: bytes, purpose: str, claims: bytes) -> bytes:
    return hmac.digest(secret, purpose.encode() + b"\0" + claims, "sha256")[:_MAC]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _raw(token: str, prefix: str, size: int) -> bytes:
    body = token.removeprefix(prefix)
    if body == token:
        raise ForgedError
    try:
        raw = urlsafe_b64decode(body + "==")  # what is too much of it is not read
    except (Base64Error, ValueError):
        raise ForgedError from None
    # base64 reads several texts as the same bytes: only the canonical one is the token
    if len(raw) != size or _text(raw) != body:
        raise ForgedError
    return raw
